/** Where the eyes of a face look and how far its mouth is open, from a landmarker; nothing where none was asked for. */
import { linesLane } from "./lines.js";

/** @typedef {import("../traces.js").Trace} Trace */

/** Degrees: eyes seldom turn further against the camera. */
const WIDEST_GAZE = 40;

/** Heights of the face: a mouth wide open. */
const WIDEST_MOUTH = 0.25;

/** @param {Trace} trace  kind `face` @returns {import("./lane.js").Group[]} */
export function looksGroup(trace) {
  const lanes = [];
  if (trace.planes.has("gaze_yaw")) {
    const gaze = { key: "gaze", title: "Gaze up, right", names: ["gaze_pitch", "gaze_yaw"], unit: "°", digits: 0 };
    lanes.push(linesLane(trace, { ...gaze, least: -WIDEST_GAZE, greatest: WIDEST_GAZE }));
  }
  if (trace.planes.has("mouth_opening")) {
    lanes.push(linesLane(trace, { key: "mouth", title: "Mouth open", names: ["mouth_opening"], least: 0, greatest: WIDEST_MOUTH }));
  }
  if (!lanes.length) return [];
  return [{ key: `looks:${trace.subject}`, title: `Eyes, mouth ${trace.subject}`, detail: "", lanes, aside: true }];
}
