/** Thin traces: valence and arousal, head pose. Min–max of the visible points in every column; a gap breaks the line. */
import { deviceColumns, hatchGaps } from "./lane.js";

/** @typedef {import("../traces.js").Trace} Trace */

/**
 * @param {Trace} trace
 * @param {{key: string, title: string, names: string[], least: number, greatest: number, unit?: string, digits?: number, height?: number}} what
 * @returns {import("./lane.js").Lane}
 */
export function linesLane(trace, what) {
  const planes = what.names.map((name) => trace.planes.get(name)).filter((plane) => plane !== undefined);
  return {
    key: `${trace.kind}:${trace.subject ?? ""}:${what.key}`,
    title: what.title,
    height: what.height ?? 30,
    empty: planes.length ? null : `the model gives no ${what.title.toLowerCase()}`,
    draw: (pen) => draw(pen, trace, planes, what),
    read: (us) => read(trace, planes, what, us),
  };
}

/** Lines are told apart by dash as well as by shade. */
const DASHES = [[], [4, 2], [1.5, 2]];

/** @param {import("./lane.js").Pen} pen @param {Trace} trace @param {import("../traces.js").Plane[]} planes @param {any} what */
function draw(pen, trace, planes, what) {
  const { ctx, theme, width, height } = pen;
  const { count, px, view } = deviceColumns(pen);
  const columns = trace.columns(view, count);
  hatchGaps(pen, columns, px);
  const y = (/** @type {number} */ value) => 2 + (1 - (value - what.least) / (what.greatest - what.least)) * (height - 4);
  ctx.strokeStyle = theme.faint(0.15);
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(0, Math.round(y(0)) + 0.5);
  ctx.lineTo(width, Math.round(y(0)) + 0.5);
  ctx.stroke();
  for (const [nth, plane] of planes.entries()) {
    ctx.strokeStyle = nth === 0 ? theme.accent : theme.faint(nth === 1 ? 0.75 : 0.5);
    ctx.lineWidth = 1.25;
    ctx.setLineDash(DASHES[nth % DASHES.length]);
    ctx.beginPath();
    let open = false;
    for (let x = 0; x < count; x++) {
      const range = columns.low[x] < columns.high[x] ? plane.range(columns.low[x], columns.high[x]) : null;
      if (!range) {
        open = false;
        continue;
      }
      const at = (x + 0.5) * px;
      if (open) ctx.lineTo(at, y(range[1]));
      else ctx.moveTo(at, y(range[1]));
      if (range[0] !== range[1]) ctx.lineTo(at, y(range[0]));
      open = true;
    }
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

/** @param {Trace} trace @param {import("../traces.js").Plane[]} planes @param {any} what @param {number} us */
function read(trace, planes, what, us) {
  const i = trace.indexAt(us);
  if (i < 0) return "";
  const values = planes.map((plane) => plane.at(i));
  if (values.some(Number.isNaN)) return "";
  return values.map((value) => `${value < 0 ? "−" : ""}${Math.abs(value).toFixed(what.digits ?? 2)}${what.unit ?? ""}`).join(" ");
}
