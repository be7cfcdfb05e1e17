/** How much a person moves: the speed of shoulders and wrists, in widths of the shoulders, for a whole body is seldom in the picture. */
import { Plane, Trace } from "../traces.js";
import { linesLane } from "./lines.js";

const SEEN = 0.5;
const MICROSECONDS = 1e6;

/** Widths of the shoulders in a second: a wave of the hand. */
const FASTEST = 3;

/** Points further apart in time than this many usual distances are not one movement. */
const GAP = 1.6;

/** @param {Trace} trace  kind `body` @returns {import("./lane.js").Group} */
export function bodyGroup(trace) {
  const speeds = ["shoulder", "wrist"].map((joint) => Plane.of(joint, speedOf(trace, joint)));
  const moving = new Trace({ kind: "body", subject: trace.subject, model: trace.model, label_set: null }, trace.times, speeds);
  const lane = (/** @type {string} */ name, /** @type {string} */ title, /** @type {Plane} */ plane) => ({
    ...linesLane(moving, { key: name, title, names: [name], least: 0, greatest: FASTEST, unit: " widths/s", digits: 1 }),
    empty: plane.some ? null : `${name}s are not in the picture`,
  });
  const lanes = [lane("shoulder", "Shoulders move", speeds[0]), lane("wrist", "Wrists move", speeds[1])];
  return { key: `body:${trace.subject}`, title: `Body ${trace.subject}`, detail: "", lanes, aside: true };
}

/**
 * Mean speed of the left and the right joint since the point before, in widths of the shoulders (their median) a second; NaN where
 * neither was seen both times.
 * @param {Trace} trace @param {string} joint @returns {number[]}
 */
export function speedOf(trace, joint) {
  const width = shoulders(trace);
  const sides = ["left", "right"].map((side) => pointsOf(trace, `${side}_${joint}`));
  return Array.from(trace.times, (us, i) => {
    const seconds = i ? (us - trace.times[i - 1]) / MICROSECONDS : Infinity;
    if (seconds > (GAP * trace.stepUs) / MICROSECONDS) return NaN;
    const moved = sides.map((at) => Math.hypot(at(i).x - at(i - 1).x, at(i).y - at(i - 1).y)).filter((distance) => !Number.isNaN(distance));
    return moved.length ? moved.reduce((sum, one) => sum + one, 0) / moved.length / width / seconds : NaN;
  });
}

/** Their usual distance; NaN where both are never seen. @param {Trace} trace */
function shoulders(trace) {
  const [left, right] = ["left_shoulder", "right_shoulder"].map((name) => pointsOf(trace, name));
  const widths = Array.from(trace.times, (_, i) => Math.hypot(left(i).x - right(i).x, left(i).y - right(i).y));
  const known = widths.filter((width) => width > 0).sort((a, b) => a - b);
  return known.length ? known[known.length >> 1] : NaN;
}

/** Where a point is at the i-th time; NaN where it is not seen. @param {Trace} trace @param {string} name */
function pointsOf({ planes }, name) {
  const value = (/** @type {string} */ what, /** @type {number} */ i) => planes.get(`${name}_${what}`)?.at(i) ?? NaN;
  return (/** @type {number} */ i) =>
    value("visibility", i) >= SEEN ? { x: value("x", i), y: value("y", i) } : { x: NaN, y: NaN };
}
