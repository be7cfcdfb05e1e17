/** How many faces were found in each frame; none is said, not left blank. */
import { Raster, packed } from "./raster.js";

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
  const raster = new Raster(pen);
  const { low, high } = trace.columns(raster.view, raster.width);
  const most = Math.max(1, plane.max);
  const colour = packed(pen.theme.ink, 0.45);
  const room = raster.height - 4;
  for (let x = 0; x < raster.width; x++) {
    const range = low[x] < high[x] ? plane.range(low[x], high[x]) : null;
    // The fewest faces in the column: a frame without a face must not vanish when the clip is long.
    const faces = range ? Math.round(range[0]) : 0;
    if (faces === 0) raster.gaps[x] = 1;
    else raster.column(x, raster.height - 2 - (faces / most) * room, raster.height - 2, colour);
  }
  raster.show();
}
