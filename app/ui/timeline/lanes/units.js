/** How active each action unit of a face is, a line each; nothing where the face model has none. */
import { linesLane } from "./lines.js";

/** Begins the name of such a column. */
const UNIT = "au:";

/** @param {import("../traces.js").Trace} trace  kind `face` @returns {import("./lane.js").Group[]} */
export function unitsGroup(trace) {
  const names = [...trace.planes.keys()].filter((name) => name.startsWith(UNIT));
  if (!names.length) return [];
  const lanes = names.map((name) =>
    linesLane(trace, { key: name, title: name.slice(UNIT.length).replaceAll("_", " "), names: [name], least: 0, greatest: 1, height: 18 }),
  );
  return [{ key: `units:${trace.subject}`, title: `Action units ${trace.subject}`, detail: trace.model ?? "", lanes, aside: true }];
}
