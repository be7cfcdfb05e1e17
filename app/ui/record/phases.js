/** What the recorder is doing, what can follow, and what keys do meanwhile. No browser is needed to know. */

/**
 * @typedef {"off"|"asking"|"ready"|"counting"|"recording"|"paused"|"ending"|"judging"} Phase
 *   `off`: no camera or microphone is open; `ending`: the last of the recording is on its way to the store;
 *   `judging`: a take is played, to be kept or not
 * @typedef {"ask"|"granted"|"refused"|"count"|"cancel"|"start"|"pause"|"resume"|"stop"|"lost"|"ended"|"failed"|"judge"|"done"} Step
 * @typedef {"record"|"cancel"|"stop"|"pause"|"resume"|"play"|"keep"|"retake"|"discard"} Act
 */

/** @type {Record<Phase, Partial<Record<Step, Phase>>>} */
const FOLLOWS = {
  off: { ask: "asking", judge: "judging" },
  asking: { granted: "ready", refused: "off" },
  ready: { ask: "asking", count: "counting", start: "recording", lost: "off", judge: "judging" },
  counting: { start: "recording", cancel: "ready", lost: "off" },
  recording: { pause: "paused", stop: "ending", lost: "ending" },
  paused: { resume: "recording", stop: "ending", lost: "ending" },
  ending: { ended: "judging", failed: "ready" },
  judging: { done: "ready", judge: "judging" },
};

/** The phase after a step; null where the step makes no sense now and is to be ignored. @param {Phase} phase @param {Step} step @returns {Phase | null} */
export function after(phase, step) {
  return FOLLOWS[phase][step] ?? null;
}

/** Whether picture or sound are being taken down, so that leaving would break them off. @param {Phase} phase */
export const isTaking = (phase) => phase === "recording" || phase === "paused" || phase === "ending";

/** @type {Record<string, Partial<Record<Phase, Act>>>} */
const KEYS = {
  " ": { ready: "record", counting: "cancel", recording: "stop", paused: "stop", judging: "play" },
  p: { recording: "pause", paused: "resume" },
  escape: { counting: "cancel" },
  enter: { judging: "keep" },
  k: { judging: "keep" },
  r: { judging: "retake" },
  d: { judging: "discard" },
  delete: { judging: "discard" },
};

/** What a key without modifiers does; null where it does nothing. @param {Phase} phase @param {string} key  as events name it @returns {Act | null} */
export function actOf(phase, key) {
  return KEYS[key.toLowerCase()]?.[phase] ?? null;
}

/** Keys by which Streamlit runs the page anew or empties its caches: they never reach it while the recorder is there. */
export const STREAMLIT = new Set(["r", "c"]);
