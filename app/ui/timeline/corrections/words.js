/** What corrections and lanes are called in notes, in the list of what was done, and where two versions stand side by side. */
import { formatTime } from "../time.js";
import { personName } from "./cast.js";
import { speakerName } from "./turns.js";

/** @param {{start_us: number, end_us: number}} turn */
export const spanText = ({ start_us, end_us }) => `${formatTime(start_us)} – ${formatTime(end_us)}`;

/** A lane in one line. @param {import("./store.js").Lane|null} lane */
export function summary(lane) {
  if (!lane) return "nothing";
  const times = lane.revision === 1 ? "corrected once" : `corrected ${lane.revision} times`;
  if (lane.kind === "cast") return `${lane.people.map(personName).join(", ") || "nobody"} (${times})`;
  const who = lane.speakers.map(({ id }) => speakerName(lane, id)).join(", ") || "nobody known";
  return `${lane.turns.length === 1 ? "1 turn" : `${lane.turns.length} turns`} of ${who} (${times})`;
}
