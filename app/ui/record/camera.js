/** Camera and microphone: which there are, and a stream of the chosen ones. */

/** @typedef {{camera: string, microphone: string}} Choice  a device's id, "" for the browser's own choice, NONE for none */

export const NONE = "none";

/** Enough for a face on half the picture; cameras that have less give what they have. */
const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };

/** Voices as they are: what makes calls pleasant flattens loudness and cuts breaths, which models and raters listen for. */
const SOUND = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/** What cameras send matters more than what the disk holds: about 45 MB a minute at most. */
export const BITS = { videoBitsPerSecond: 6_000_000, audioBitsPerSecond: 128_000 };

/** @param {Choice} choice @returns {Promise<MediaStream>} as `getUserMedia`, whose errors it raises */
export function open({ camera, microphone }) {
  const one = (/** @type {string} */ id, /** @type {object} */ wanted) =>
    id === NONE ? false : { ...wanted, ...(id ? { deviceId: { exact: id } } : {}) };
  return navigator.mediaDevices.getUserMedia({ video: one(camera, PICTURE), audio: one(microphone, SOUND) });
}

/** Cameras and microphones with their names, which browsers tell once one of them has been allowed. */
export async function devices() {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  const of = (/** @type {string} */ kind) => all.filter((one) => one.kind === kind && one.deviceId);
  return { cameras: of("videoinput"), microphones: of("audioinput") };
}

/** What the browser has been told about this page: refused if either of what is wanted is. @param {Choice} choice @returns {Promise<"granted"|"denied"|"prompt"|null>} */
export async function permission(choice) {
  const names = /** @type {any[]} */ (["camera", "microphone"].filter((name) => choice[/** @type {keyof Choice} */ (name)] !== NONE));
  try {
    const states = (await Promise.all(names.map((name) => navigator.permissions.query({ name })))).map(({ state }) => state);
    return states.includes("denied") ? "denied" : states.includes("prompt") ? "prompt" : "granted";
  } catch {
    return null; // older browsers do not know these names
  }
}
