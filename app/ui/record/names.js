/** What takes are called. A name is data: the server shows it and reads labels from it, and never makes a path of it. */

/** Ways of writing a recording, the best first. */
const VIDEO = ["video/webm;codecs=vp9,opus", "video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];
const SOUND = ["audio/webm;codecs=opus", "audio/webm", "audio/ogg;codecs=opus", "audio/mp4"];

/** The first that this browser writes; null where it writes none. @param {boolean} video @param {(mime: string) => boolean} writes */
export function mimeFor(video, writes) {
  return (video ? VIDEO : SOUND).find(writes) ?? null;
}

/** @param {string} mime */
export function endingOf(mime) {
  const kind = /\/(\w+)/.exec(mime)?.[1];
  return kind === "mp4" ? (mime.startsWith("audio") ? "m4a" : "mp4") : kind === "ogg" ? "ogg" : "webm";
}

/** R1-2026-11-21-142530.webm, in the clock of whoever records. @param {string} rater @param {Date} date @param {string} ending */
export function defaultName(rater, date, ending) {
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const who = clean(rater).replace(/[\s.]+/g, "-") || "take";
  return `${who}-${day}-${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}.${ending}`;
}

/** What was typed, with the ending that the file has; `otherwise` where nothing was. @param {string} typed @param {string} ending @param {string} otherwise */
export function nameOf(typed, ending, otherwise) {
  const name = clean(typed);
  if (!name) return otherwise;
  return name.toLowerCase().endsWith(`.${ending}`) ? name : `${name}.${ending}`;
}

/** Without what no file can be called, so that a take that is saved to the disk has the name that was typed. @param {string} text */
function clean(text) {
  return text.replace(/[\p{C}/\\:*?"<>|]+/gu, "-").trim();
}
