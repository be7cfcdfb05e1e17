/** Thin traces: valence and arousal, head pose. Min–max of the visible points in every column; a gap breaks the line. */
import { lastAtOrBefore } from "../clock.js";
import { Raster, packed } from "./raster.js";

/** @typedef {import("../traces.js").Trace} Trace */
/** @typedef {import("../traces.js").Plane} Plane */

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

/** Lines are told apart by dash as well as by shade, wherever single points can be told. */
const DASHES = [[], [4, 2], [1.5, 2]];

/** With more points than this in a column, the line is drawn as the band between their least and greatest. */
const DENSE = 1.5;

/** @param {import("./lane.js").Pen} pen @param {Trace} trace @param {Plane[]} planes @param {any} what */
function draw(pen, trace, planes, what) {
  const { ctx, theme, view, width, height } = pen;
  const y = (/** @type {number} */ value) => 2 + (1 - (value - what.least) / (what.greatest - what.least)) * (height - 4);
  ctx.fillStyle = theme.faint(0.15);
  ctx.fillRect(0, Math.round(y(0)), width, 1);
  const raster = new Raster(pen);
  const { low, high } = trace.columns(raster.view, raster.width);
  for (let x = 0; x < raster.width; x++) if (low[x] === high[x]) raster.gaps[x] = 1;
  const shades = planes.map((_, nth) => (nth === 0 ? theme.accent : theme.faint(nth === 1 ? 0.75 : 0.5)));
  const dense = view.spanUs / trace.stepUs > DENSE * width;
  if (dense) for (const [nth, plane] of planes.entries()) drawBand(raster, plane, low, high, y, packed(shades[nth], nth ? 0.5 : 0.9));
  raster.show();
  if (!dense) for (const [nth, plane] of planes.entries()) drawLine(pen, trace, plane, y, shades[nth], DASHES[nth % DASHES.length]);
}

/** @param {Raster} raster @param {Plane} plane @param {Int32Array} low @param {Int32Array} high @param {(value: number) => number} y @param {number} colour */
function drawBand(raster, plane, low, high, y, colour) {
  const { ratio } = raster.pen;
  for (let x = 0; x < raster.width; x++) {
    const range = low[x] < high[x] ? plane.range(low[x], high[x]) : null;
    if (range) raster.column(x, y(range[1]) * ratio - 0.5, y(range[0]) * ratio + 0.5, colour);
  }
}

/** @param {import("./lane.js").Pen} pen @param {Trace} trace @param {Plane} plane @param {(value: number) => number} y @param {string} shade @param {number[]} dash */
function drawLine({ ctx, view }, trace, plane, y, shade, dash) {
  const { fromUs } = trace;
  ctx.strokeStyle = shade;
  ctx.lineWidth = 1.25;
  ctx.setLineDash(dash);
  ctx.beginPath();
  let open = false;
  for (let i = Math.max(0, lastAtOrBefore(fromUs, view.startUs) - 1); i < fromUs.length && fromUs[i] <= view.endUs; i++) {
    const value = plane.at(i);
    const from = view.xOf(fromUs[i]);
    const to = view.xOf(fromUs[i] + trace.holdUs(i));
    const connected = open && i > 0 && fromUs[i - 1] + trace.holdUs(i - 1) >= fromUs[i] - 1;
    open = !Number.isNaN(value);
    if (!open) continue;
    // A point speaks for the whole of its frame: the line is level there, and drops nowhere to a value that nobody measured.
    if (connected) ctx.lineTo((from + to) / 2, y(value));
    else ctx.moveTo(from, y(value));
    if (i + 1 === fromUs.length || fromUs[i] + trace.holdUs(i) < fromUs[i + 1] - 1) ctx.lineTo(to, y(value));
  }
  ctx.stroke();
  ctx.setLineDash([]);
}

/** @param {Trace} trace @param {Plane[]} planes @param {any} what @param {number} us */
function read(trace, planes, what, us) {
  const i = trace.indexAt(us);
  if (i < 0) return "";
  const values = planes.map((plane) => plane.at(i));
  if (values.some(Number.isNaN)) return "";
  return values.map((value) => `${value < 0 ? "−" : ""}${Math.abs(value).toFixed(what.digits ?? 2)}${what.unit ?? ""}`).join(" ");
}
