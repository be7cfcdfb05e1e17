/** How many faces were found in each frame; none is said, not left blank. */
import { deviceColumns, hatch } from "./lane.js";

/** @typedef {import("../traces.js").Trace} Trace */

/** @param {Trace} trace  kind `faces` @returns {import("./lane.js").Lane} */
export function countLane(trace) {
  const plane = trace.planes.get("num_faces");
  return {
    key: "faces:count",
    title: "Faces seen",
    height: 12,
    empty: !plane || !trace.times.length ? "no frame was looked at" : plane.max === 0 ? "no face in any frame" : null,
    draw: (pen) => plane && draw(pen, trace, plane),
    read: (us) => {
      const i = trace.indexAt(us);
      const count = i < 0 || !plane ? NaN : plane.at(i);
      return Number.isNaN(count) ? "" : count === 0 ? "none" : String(Math.round(count));
    },
  };
}

/** @param {import("./lane.js").Pen} pen @param {Trace} trace @param {import("../traces.js").Plane} plane */
function draw(pen, trace, plane) {
  const { ctx, theme, height } = pen;
  const { count, px, view } = deviceColumns(pen);
  const columns = trace.columns(view, count);
  const most = Math.max(1, plane.max);
  const seen = new Path2D();
  let none = -1;
  for (let x = 0; x <= count; x++) {
    const range = x < count && columns.low[x] < columns.high[x] ? plane.range(columns.low[x], columns.high[x]) : null;
    // The fewest faces in the column: a frame without a face must not vanish when the clip is long.
    const faces = range ? Math.round(range[0]) : -1;
    if (faces > 0) seen.rect(x * px, height - 2 - (faces / most) * (height - 4), px, (faces / most) * (height - 4));
    if (faces === 0 && none < 0) none = x;
    if (faces !== 0 && none >= 0) {
      hatch(pen, none * px, x * px);
      none = -1;
    }
  }
  ctx.fillStyle = theme.faint(0.45);
  ctx.fill(seen);
}
