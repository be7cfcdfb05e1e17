/** Corrections among the edits that wait: told from operations on judgements, and carried over to a lane that moved on meanwhile. Pure. */

/** @typedef {import("../outbox.js").Waiting} Waiting */

/** A correction of turns or cast, not an operation on a judgement. @param {{kind: string}} entry */
export const isCorrection = ({ kind }) => kind === "turn" || kind === "cast";

/** Fields of a correction that name a turn, or a person, by number. */
const NUMBERED = ["turn", "turns", "person", "people"];

/**
 * Corrections made one upon the other, as they are to be sent upon a lane that somebody else has corrected: the numbers that the first of
 * them was going to give out may be taken.
 * @param {Waiting[]} entries  in order
 * @param {{revision: number, next_id: number, analysis: number|null}} current  the lane as it is
 * @returns {{kept: Waiting[], left: Waiting[]}} `left`: from the first undo on, which cannot be carried over
 */
export function carried(entries, current) {
  const undo = entries.findIndex(({ change }) => change?.action === "restore");
  const last = undo < 0 ? entries.length : undo;
  const first = entries[0].next_id ?? 0;
  const shift = current.next_id - first;
  const kept = entries.slice(0, last).map((entry, nth) => ({
    ...entry,
    base_revision: current.revision + nth,
    analysis: current.analysis,
    next_id: (entry.next_id ?? 0) + shift,
    change: /** @type {any} */ (renumbered(entry.change, first, shift)),
  }));
  return { kept, left: entries.slice(last) };
}

/** @param {any} change @param {number} first  from this number on they are the corrections' own @param {number} shift */
function renumbered(change, first, shift) {
  const moved = (/** @type {number|null} */ id) => (id !== null && id >= first ? id + shift : id);
  const fields = NUMBERED.filter((name) => change[name] !== undefined);
  return {
    ...change,
    ...Object.fromEntries(fields.map((name) => [name, Array.isArray(change[name]) ? change[name].map(moved) : moved(change[name])])),
  };
}
