/** Which lanes a clip has, and what each missing one says instead. */
import { bodyGroup } from "./body.js";
import { classesLane } from "./classes.js";
import { countLane } from "./faces.js";
import { emptyLane } from "./lane.js";
import { linesLane } from "./lines.js";
import { looksGroup } from "./looks.js";
import { secondLanes } from "./second.js";
import { spectrogramLane, waveformLane } from "./sound.js";
import { speechLane } from "./speech.js";
import { unitsGroup } from "./units.js";

/** @typedef {import("./lane.js").Group} Group */
/** @typedef {import("../types.js").ClipDocument} ClipDocument */
/** @typedef {import("../traces.js").Trace} Trace */

const WIDEST_TURN = 45;

/**
 * @param {ClipDocument} doc
 * @param {{traces: Trace[]|null, peaks: Int8Array|null, loading: boolean, other?: import("../compare.js").Other|null}} loaded
 * @param {{mode: () => "stacked"|"heat", tile: (k: number) => Promise<ImageBitmap>, redraw: () => void}} how
 * @returns {Group[]}
 */
export function groupsOf(doc, loaded, how) {
  const under = (/** @type {"face"|"voice"} */ kind) => secondGroup(doc, loaded.other, kind, how);
  return [...faceGroups(doc, loaded, how), ...under("face"), ...bodyGroups(loaded), voiceGroup(doc, loaded, how), ...under("voice")];
}

/** @param {ClipDocument} doc */
function waiting({ analysis, project }, /** @type {boolean} */ loading) {
  if (project.blind) return "kept back while you judge blind";
  if (!analysis) return "not analysed yet; the lane fills in when the analysis is done";
  return loading ? "loading …" : "this analysis did not look at it";
}

/** @param {ClipDocument} doc @param {any} loaded @param {any} how @returns {Group[]} */
function faceGroups(doc, { traces, loading }, how) {
  const group = (/** @type {import("./lane.js").Lane[]} */ lanes, detail = "") => [{ key: "faces", title: "Face", detail, lanes }];
  if (!doc.clip.has_video) return group([emptyLane("faces:none", "Faces", "this clip has no picture")]);
  const count = traces?.find((/** @type {Trace} */ trace) => trace.kind === "faces");
  const faces = (traces ?? []).filter((/** @type {Trace} */ trace) => trace.kind === "face");
  if (!count && !faces.length) return group([emptyLane("faces:none", "Faces", waiting(doc, loading))]);
  const counted = count ? [countLane(count)] : [];
  if (!faces.length) return group(counted, doc.analysis?.models.detector?.name ?? count?.model ?? "");
  return faces.flatMap((/** @type {Trace} */ trace, /** @type {number} */ nth) => [
    {
      key: `face:${trace.subject}`,
      title: `Face ${trace.subject}`,
      detail: trace.model ?? "",
      lanes: [...(nth === 0 ? counted : []), ...faceLanes(trace, doc, how)],
    },
    ...looksGroup(trace),
    ...unitsGroup(trace),
  ]);
}

/** @param {any} loaded @returns {Group[]} */
function bodyGroups({ traces }) {
  return (traces ?? []).filter((/** @type {Trace} */ trace) => trace.kind === "body").map(bodyGroup);
}

/**
 * The second analysis, under what it is compared with.
 * @param {ClipDocument} doc @param {import("../compare.js").Other|null|undefined} other @param {"face"|"voice"} kind @param {any} how
 * @returns {Group[]}
 */
function secondGroup(doc, other, kind, how) {
  const lanes = other ? secondLanes(other, kind, doc.scheme, how.mode) : [];
  const model = other?.analysis.models[kind]?.name ?? "";
  return lanes.length ? [{ key: `second:${kind}`, title: kind === "face" ? "Second, faces" : "Second, voice", detail: model, lanes }] : [];
}

/** @param {Trace} trace @param {ClipDocument} doc @param {any} how */
function faceLanes(trace, doc, how) {
  const lanes = [];
  if (trace.classes.length) lanes.push(classesLane(trace, doc.scheme, how.mode));
  if (trace.planes.has("valence")) {
    lanes.push(linesLane(trace, { key: "affect", title: "Valence, arousal", names: ["valence", "arousal"], least: -1, greatest: 1 }));
  }
  if (trace.planes.has("yaw")) {
    const pose = { key: "pose", title: "Pitch, yaw, roll", names: ["pitch", "yaw", "roll"], unit: "°", digits: 0 };
    lanes.push(linesLane(trace, { ...pose, least: -WIDEST_TURN, greatest: WIDEST_TURN }));
  }
  return lanes;
}

/** @param {ClipDocument} doc @param {any} loaded @param {any} how @returns {Group} */
function voiceGroup(doc, { traces, peaks, loading }, how) {
  const group = (/** @type {import("./lane.js").Lane[]} */ lanes, detail = "") => ({ key: "voice", title: "Voice", detail, lanes });
  if (!doc.clip.has_audio) return group([emptyLane("sound:none", "Sound", "this clip has no sound track")]);
  const lanes = [];
  if (peaks) lanes.push(waveformLane(peaks, doc.clip.duration_us));
  else lanes.push(emptyLane("sound:wave", "Waveform", loading ? "loading …" : "the sound could not be read"));
  lanes.push(spectrogramLane(how.tile, doc.clip.duration_us, how.redraw));
  if (doc.analysis) lanes.push(speechLane(doc.analysis));
  const voices = (traces ?? []).filter((/** @type {Trace} */ trace) => trace.kind === "voice");
  for (const trace of voices) {
    const lane = classesLane(trace, doc.scheme, how.mode, 40);
    lanes.push(voices.length > 1 ? { ...lane, title: `Classes ${trace.subject}` } : lane);
  }
  if (!voices.length) lanes.push(emptyLane("voice:none", "Classes", waiting(doc, loading)));
  return group(lanes, voices[0]?.model ?? "");
}
