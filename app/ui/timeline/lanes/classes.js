/** Class probabilities over time, of a face or a voice: stacked, or as heat. */
import { GREY, familyOfClass, toRgb } from "../theme.js";
import { deviceColumns, hatchGaps } from "./lane.js";

/** @typedef {import("./lane.js").Pen} Pen */
/** @typedef {import("../traces.js").Trace} Trace */

/** Classes that share a family share its colour; each further one is drawn this much paler. */
const PALER = 0.42;

/**
 * @param {Trace} trace
 * @param {import("../types.js").SchemeData} scheme
 * @param {() => "stacked"|"heat"} mode
 * @returns {import("./lane.js").Lane}
 */
export function classesLane(trace, scheme, mode, height = 46) {
  const classes = classesOf(trace, scheme);
  return {
    key: `${trace.kind}:${trace.subject ?? ""}:classes`,
    title: "Classes",
    height,
    empty: trace.times.length ? null : "no class was scored",
    draw: (pen) => (mode() === "heat" ? drawHeat : drawStack)(pen, trace, classes),
    read: (us) => leading(trace, us),
  };
}

/** The class most probable at that time, in words; empty where nothing was scored. @param {Trace} trace @param {number} us */
export function leading(trace, us) {
  const best = leadingClass(trace, us);
  return best ? `${best.name} ${best.p.toFixed(2)}` : "";
}

/** @param {Trace} trace @param {number} us @returns {{name: string, p: number} | null} */
export function leadingClass(trace, us) {
  const i = trace.indexAt(us);
  if (i < 0) return null;
  let best = null;
  for (const plane of trace.classes) {
    const p = plane.at(i);
    if (!Number.isNaN(p) && (!best || p > best.p)) best = { name: plane.name.slice(2), p };
  }
  return best;
}

/** Classes with their place among those of the same family. @param {Trace} trace @param {import("../types.js").SchemeData} scheme */
function classesOf(trace, scheme) {
  const seen = new Map();
  return trace.classes.map((plane) => {
    const family = familyOfClass(plane.name, scheme);
    const nth = seen.get(family) ?? 0;
    seen.set(family, nth + 1);
    return { plane, family, strength: Math.max(0.3, 1 - nth * PALER), name: plane.name.slice(2) };
  });
}

/** @typedef {ReturnType<typeof classesOf>} Classes */

/** @param {Pen} pen @param {Trace} trace @param {Classes} classes */
function drawStack(pen, trace, classes) {
  const { ctx, theme, height } = pen;
  const { count, px, view } = deviceColumns(pen);
  const columns = trace.columns(view, count);
  const silent = unscored(classes);
  hatchGaps(pen, columns, px, silent);
  const base = new Float32Array(count);
  for (const { plane, family, strength } of classes) {
    ctx.fillStyle = tint(theme, family).colour;
    ctx.globalAlpha = strength;
    ctx.beginPath();
    for (let x = 0; x < count; x++) {
      if (columns.low[x] === columns.high[x]) continue;
      const p = plane.mean(columns.low[x], columns.high[x]);
      if (Number.isNaN(p)) continue;
      ctx.rect(x * px, height * (1 - base[x] - p), px, height * p);
      base[x] += p;
    }
    ctx.fill();
  }
  ctx.globalAlpha = 1;
}

/** @param {Pen} pen @param {Trace} trace @param {Classes} classes */
function drawHeat(pen, trace, classes) {
  const { ctx, theme, width, height } = pen;
  const { count, px, view } = deviceColumns(pen);
  const columns = trace.columns(view, count);
  hatchGaps(pen, columns, px, unscored(classes));
  const picture = new OffscreenCanvas(count, classes.length);
  const brush = /** @type {OffscreenCanvasRenderingContext2D} */ (picture.getContext("2d"));
  const image = brush.createImageData(count, classes.length);
  for (const [row, { plane, family, strength }] of classes.entries()) {
    const [r, g, b] = toRgb(tint(theme, family).colour);
    for (let x = 0; x < count; x++) {
      if (columns.low[x] === columns.high[x]) continue;
      const p = plane.mean(columns.low[x], columns.high[x]);
      image.data.set([r, g, b, Number.isNaN(p) ? 0 : 255 * Math.sqrt(p) * (0.5 + strength / 2)], (row * count + x) * 4);
    }
  }
  brush.putImageData(image, 0, 0);
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(picture, 0, 0, width, height);
  ctx.imageSmoothingEnabled = true;
  const step = height / classes.length;
  if (step < 7) return;
  ctx.font = `${Math.min(10, step)}px ${theme.font}`;
  ctx.textBaseline = "middle";
  ctx.lineWidth = 3;
  ctx.lineJoin = "round";
  for (const [row, { name }] of classes.entries()) {
    ctx.strokeStyle = theme.paper;
    ctx.globalAlpha = 0.7;
    ctx.strokeText(name, 4, (row + 0.5) * step);
    ctx.globalAlpha = 1;
    ctx.fillStyle = theme.faint(0.85);
    ctx.fillText(name, 4, (row + 0.5) * step);
  }
}

/** Where a window was looked at, but no class scored. @param {Classes} classes */
const unscored = (classes) => (/** @type {number} */ low, /** @type {number} */ high) =>
  classes.length > 0 && classes.every(({ plane }) => Number.isNaN(plane.mean(low, high)));

/** @param {import("../theme.js").Theme} theme @param {string|null} family */
const tint = (theme, family) => theme.families.get(family ?? "") ?? GREY;
