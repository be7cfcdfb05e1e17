/** The speakers' lane without a canvas: which rows there are, and what lies under the pointer. */
import { GRIP_PX } from "../tiers.js";

/** @typedef {import("./turns.js").Turn} Turn */
/** @typedef {{speaker: string|null, y: number, height: number, turns: Turn[]}} Row */

export const ROW_PX = 20;

/** @param {(string|null)[]} speakers @param {Turn[]} turns @returns {Row[]} */
export function layOut(speakers, turns) {
  return speakers.map((speaker, nth) => ({
    speaker,
    y: nth * ROW_PX,
    height: ROW_PX,
    turns: turns.filter((turn) => turn.speaker === speaker),
  }));
}

/** The row at a height; the first or last one beyond them. @param {Row[]} rows @param {number} y */
export const rowAt = (rows, y) => rows[Math.min(Math.max(Math.floor(y / ROW_PX), 0), rows.length - 1)];

/**
 * The row at a point, and within it a turn: its edge, where that is within reach, or its body.
 * @param {Row[]} rows
 * @param {{xOf(us: number): number}} view
 * @param {number} x
 * @param {number} y
 * @returns {{row: Row, turn: Turn|null, part: "start"|"end"|"body"|null}}
 */
export function hitTest(rows, view, x, y) {
  const row = rowAt(rows, y);
  /** @type {{turn: Turn, part: "start"|"end"|"body", cost: number}|null} */
  let best = null;
  for (const turn of row.turns) {
    const [left, right] = [view.xOf(turn.start_us), view.xOf(turn.end_us)];
    const inside = x >= left && x <= right;
    // A narrow turn keeps a third of its width as body, so that it can still be clicked.
    const grip = inside ? Math.min(GRIP_PX, (right - left) / 3) : GRIP_PX;
    const [toLeft, toRight] = [Math.abs(x - left), Math.abs(x - right)];
    const nearest = Math.min(toLeft, toRight);
    const edge = nearest <= grip;
    if (!edge && !inside) continue;
    const part = edge ? (toLeft <= toRight ? "start" : "end") : "body";
    const cost = edge ? nearest + (inside ? 0 : 0.5) : GRIP_PX + 1;
    if (!best || cost < best.cost) best = { turn, part, cost };
  }
  return { row, turn: best?.turn ?? null, part: best?.part ?? null };
}
