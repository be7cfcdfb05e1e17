/** Times as people read them. */

const pad = (/** @type {number} */ n, width = 2) => String(n).padStart(width, "0");

/**
 * `1:02.345`, from an hour on `1:02:03.456`.
 * @param {number} us
 */
export function formatTime(us) {
  const ms = Math.max(0, Math.floor(us / 1000));
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const tail = `${pad(seconds % 60)}.${pad(ms % 1000, 3)}`;
  return minutes < 60 ? `${minutes}:${tail}` : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${tail}`;
}

/** Steps between two marks of a ruler that people count in, in µs. */
const STEPS_US = [1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 1.5e7, 3e7, 6e7, 1.2e8, 3e8, 6e8, 1.8e9, 3.6e9];

/**
 * The smallest such step that leaves at least `minPx` between marks.
 * @param {number} usPerPx
 */
export function rulerStep(usPerPx, minPx = 72) {
  return STEPS_US.find((step) => step / usPerPx >= minPx) ?? STEPS_US[STEPS_US.length - 1];
}

/**
 * A mark's text: as many decimals as the step needs.
 * @param {number} us
 * @param {number} stepUs
 */
export function formatMark(us, stepUs) {
  const text = formatTime(us);
  if (stepUs >= 1e6) return text.slice(0, -4);
  return stepUs >= 1e5 ? text.slice(0, -2) : stepUs >= 1e4 ? text.slice(0, -1) : text;
}
