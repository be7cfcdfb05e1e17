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
 * @property {(us: number) => string} [hint]  what there is no room to draw at that time, for the pointer
 *
 * @typedef {{key: string, title: string, detail: string, lanes: Lane[], aside?: boolean}} Group  `aside`: folded until it is opened
 */

/** A lane that has nothing to show says why. @param {Pen} pen @param {string} text */
export function explain({ ctx, theme, width, height }, text) {
  ctx.fillStyle = theme.faint(0.62);
  ctx.font = `12px ${theme.font}`;
  ctx.textBaseline = "middle";
  ctx.fillText(text, 10, height / 2, width - 20);
}

/** A lane with nothing but its reason. @param {string} key @param {string} title @param {string} why @returns {Lane} */
export const emptyLane = (key, title, why) => ({ key, title, height: 22, empty: why, draw: () => {}, read: () => "" });
