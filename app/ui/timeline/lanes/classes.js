/** Class probabilities over time, of a face or a voice: stacked, or as heat. */
import { GREY, fade, familyOfClass } from "../theme.js";
import { Raster, packed } from "./raster.js";

/** @typedef {import("./lane.js").Pen} Pen */
/** @typedef {import("../traces.js").Trace} Trace */

/** Classes that share a family share its colour; each further one is drawn this much paler. */
const PALER = 0.42;

/** A heat map's steps of probability. */
const SHADES = Array.from({ length: 33 }, (_, i) => i / 32);
const LEAST_TEXT_PX = 7;

const WHY_NONE = { voice: "nothing was scored: no speech was found", face: "nothing was scored" };

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
    empty: classes.some(({ plane }) => plane.some) ? null : WHY_NONE[trace.kind === "voice" ? "voice" : "face"],
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
  const raster = new Raster(pen);
  const { low, high } = trace.columns(raster.view, raster.width);
  const colours = classes.map(({ family, strength }) => packed(tint(pen.theme, family).colour, strength));
  for (let x = 0; x < raster.width; x++) {
    let base = 0;
    for (const [row, { plane }] of classes.entries()) {
      const p = low[x] < high[x] ? plane.mean(low[x], high[x]) : NaN;
      if (!(p > 0)) continue;
      raster.column(x, raster.height * (1 - base - p), raster.height * (1 - base), colours[row]);
      base += p;
    }
    if (base === 0) raster.gaps[x] = 1;
  }
  raster.show();
}

/** @param {Pen} pen @param {Trace} trace @param {Classes} classes */
function drawHeat(pen, trace, classes) {
  const raster = new Raster(pen);
  const { low, high } = trace.columns(raster.view, raster.width);
  const shades = classes.map(({ family, strength }) =>
    SHADES.map((p) => packed(tint(pen.theme, family).colour, Math.sqrt(p) * (0.5 + strength / 2))),
  );
  const step = raster.height / classes.length;
  for (let x = 0; x < raster.width; x++) {
    let scored = false;
    for (const [row, { plane }] of classes.entries()) {
      const p = low[x] < high[x] ? plane.mean(low[x], high[x]) : NaN;
      if (Number.isNaN(p)) continue;
      scored = true;
      raster.column(x, row * step, (row + 1) * step, shades[row][Math.round(Math.min(Math.max(p, 0), 1) * (SHADES.length - 1))]);
    }
    if (!scored) raster.gaps[x] = 1;
  }
  raster.show();
  nameRows(pen, classes);
}

/** Class names on a heat map, where there is room for them. @param {Pen} pen @param {Classes} classes */
function nameRows({ ctx, theme, height }, classes) {
  const step = height / classes.length;
  if (step < LEAST_TEXT_PX) return;
  ctx.font = `${Math.min(10, step)}px ${theme.font}`;
  ctx.textBaseline = "middle";
  ctx.lineWidth = 3;
  ctx.lineJoin = "round";
  for (const [row, { name }] of classes.entries()) {
    ctx.strokeStyle = fade(theme.paper, 0.7);
    ctx.strokeText(name, 4, (row + 0.5) * step);
    ctx.fillStyle = theme.faint(0.85);
    ctx.fillText(name, 4, (row + 0.5) * step);
  }
}

/** @param {import("../theme.js").Theme} theme @param {string|null} family */
const tint = (theme, family) => theme.families.get(family ?? "") ?? GREY;
