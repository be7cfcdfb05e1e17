/**
 * What every lane is: a strip of the timeline that draws one thing for the visible stretch and can say its value at a time.
 *
 * @typedef {object} Pen
 * @property {CanvasRenderingContext2D} ctx  in CSS pixels, its origin at the lane's top left corner
 * @property {import("../view.js").View} view
 * @property {import("../theme.js").Theme} theme
 * @property {number} width
 * @property {number} height
 * @property {number} ratio  device pixels per CSS pixel
 *
 * @typedef {object} Lane
 * @property {string} key
 * @property {string} title
 * @property {number} height
 * @property {string|null} empty  why there is nothing to draw
 * @property {(pen: Pen) => void} draw
 * @property {(us: number) => string} read  its value at that time, for the gutter
 *
 * @typedef {{key: string, title: string, detail: string, lanes: Lane[]}} Group
 */

/**
 * The device-pixel columns of a lane, as a view that `Trace.columns` understands: rectangles of exactly one column leave no seams.
 * @param {Pen} pen
 */
export function deviceColumns({ view, width, ratio }) {
  const count = Math.max(1, Math.round(width * ratio));
  return { count, px: width / count, view: { startUs: view.startUs, usPerPx: view.spanUs / count } };
}

/**
 * Hatches [x0, x1): nothing was seen here, which is not a zero.
 * @param {Pen} pen
 * @param {number} x0
 * @param {number} x1
 */
export function hatch({ ctx, theme, height }, x0, x1) {
  if (x1 - x0 < 1) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(x0, 0, x1 - x0, height);
  ctx.clip();
  ctx.strokeStyle = theme.faint(0.13);
  ctx.lineWidth = 1;
  ctx.beginPath();
  // Anchored to the lane, not to the gap, so that hatches of neighbouring columns line up.
  for (let x = Math.floor((x0 - height) / 7) * 7; x < x1; x += 7) {
    ctx.moveTo(x, height);
    ctx.lineTo(x + height, 0);
  }
  ctx.stroke();
  ctx.restore();
}

/**
 * Hatches every run of columns that no point speaks for.
 * @param {Pen} pen
 * @param {{low: Int32Array, high: Int32Array}} columns
 * @param {number} px  width of one column
 * @param {(low: number, high: number) => boolean} [missing]  more that counts as missing
 */
export function hatchGaps(pen, { low, high }, px, missing = () => false) {
  let from = -1;
  for (let x = 0; x <= low.length; x++) {
    const gap = x < low.length && (low[x] === high[x] || missing(low[x], high[x]));
    if (gap && from < 0) from = x;
    if (!gap && from >= 0) {
      hatch(pen, from * px, x * px);
      from = -1;
    }
  }
}

/** A lane that has nothing to show says why. @param {Pen} pen @param {string} text */
export function explain({ ctx, theme, width, height }, text) {
  ctx.fillStyle = theme.faint(0.62);
  ctx.font = `12px ${theme.font}`;
  ctx.textBaseline = "middle";
  ctx.fillText(text, 10, height / 2, width - 20);
}

/** A lane with nothing but its reason. @param {string} key @param {string} title @param {string} why @returns {Lane} */
export const emptyLane = (key, title, why) => ({ key, title, height: 22, empty: why, draw: () => {}, read: () => "" });
