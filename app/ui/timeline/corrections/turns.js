/**
 * What a correction makes of a clip's turns: as `app/review/turns.py` has it, so that it is seen before the server has answered. Pure.
 * The server's word counts: its lane is taken over as soon as nothing waits.
 */

/** @typedef {{id: number, start_us: number, end_us: number, speaker: string|null, confidence: number|null, corrected: boolean}} Turn */
/** @typedef {{id: string, name: string|null}} Speaker */
/**
 * @typedef {object} TurnLane
 * @property {"turn"} kind
 * @property {number} revision
 * @property {number} same_as  the revision whose content it has again, after what was restored
 * @property {number|null} analysis
 * @property {number} next_id
 * @property {Speaker[]} speakers  in the order in which they first speak
 * @property {Turn[]} turns  by start
 */
/** @typedef {{action: string} & Record<string, any>} Change */

/** A correction speaks of what is not there. */
export class CannotCorrect extends Error {}

/** What each correction makes of a lane; `adopt` and `restore` are the store's. @type {Record<string, (lane: TurnLane, change: any) => TurnLane>} */
const MAKES = {
  add: (lane, { start_us, end_us, speaker = null }) =>
    having(lane, [{ id: lane.next_id, start_us, end_us, speaker, confidence: null, corrected: true }]),

  change: (lane, { turn: id, start_us, end_us, speaker }) => {
    const turn = turnOf(lane, id);
    const after = touched(turn, { start_us: start_us ?? turn.start_us, end_us: end_us ?? turn.end_us, speaker: speaker ?? turn.speaker });
    if (after.start_us >= after.end_us) throw new CannotCorrect("a turn ends after it starts");
    return having(lane, [after]);
  },

  split: (lane, { turn: id, at_us, speaker }) => {
    const turn = turnOf(lane, id);
    if (!(turn.start_us < at_us && at_us < turn.end_us)) throw new CannotCorrect("the playhead is not within the turn");
    const first = touched(turn, { end_us: at_us });
    return having(lane, [first, { ...first, id: lane.next_id, start_us: at_us, end_us: turn.end_us, speaker: speaker ?? turn.speaker }]);
  },

  merge: (lane, { turns }) => {
    const merged = turns.map((/** @type {number} */ id) => turnOf(lane, id)).sort(byStart);
    const end_us = Math.max(...merged.map((/** @type {Turn} */ turn) => turn.end_us));
    return having(lane, [touched(merged[0], { end_us })], merged.slice(1).map((/** @type {Turn} */ turn) => turn.id));
  },

  delete: (lane, { turn }) => having(lane, [], [turnOf(lane, turn).id]),

  rename: (lane, { speaker, name }) => {
    known(lane, speaker);
    return named(lane, new Map([...names(lane)].filter(([id]) => id !== speaker).concat(name === null ? [] : [[speaker, name]])));
  },

  join: (lane, { speaker, into }) => {
    known(lane, speaker);
    known(lane, into);
    const given = lane.turns.filter((turn) => turn.speaker === speaker).map((turn) => touched(turn, { speaker: into }));
    const left = names(lane);
    const name = left.get(speaker);
    left.delete(speaker);
    if (name && !left.has(into)) left.set(into, name);
    return named(having(lane, given), left);
  },
};

/** @param {TurnLane} lane @param {Change} change @returns {TurnLane} as it is then, of the same revision; throws `CannotCorrect` */
export function corrected(lane, change) {
  return MAKES[change.action](lane, change);
}

/** What a speaker is called. @param {TurnLane|null} lane @param {string|null} id */
export function speakerName(lane, id) {
  if (id === null) return "Nobody known";
  return lane?.speakers.find((speaker) => speaker.id === id)?.name ?? `Voice ${id}`;
}

/** Speakers in an order that giving a turn away does not change: by id, numbers as numbers. @param {Speaker[]} speakers */
export const inOrder = (speakers) => [...speakers].sort((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));

/** An id for somebody new: above every number that was ever somebody's here. @param {Iterable<string>} taken */
export function newSpeaker(taken) {
  const numbers = [...taken].map(Number).filter(Number.isInteger);
  return String(Math.max(0, ...numbers) + 1);
}

/** The turn before or after, in the order in which they begin. @param {Turn[]} turns @param {number|null} from @param {1|-1} direction @param {number} timeUs */
export function neighbour(turns, from, direction, timeUs) {
  const place = turns.findIndex((turn) => turn.id === from);
  if (place >= 0) return turns[place + direction] ?? null;
  if (direction > 0) return turns.find((turn) => turn.start_us > timeUs) ?? turns[0] ?? null;
  return turns.filter((turn) => turn.start_us < timeUs).pop() ?? null;
}

/** The next turn of the same speaker. @param {Turn[]} turns @param {Turn} turn */
export const nextOfSame = (turns, turn) => turns.find((other) => other.speaker === turn.speaker && byStart(turn, other) < 0) ?? null;

/** @param {TurnLane} lane @param {number} id @returns {Turn} */
function turnOf(lane, id) {
  const turn = lane.turns.find((one) => one.id === id);
  if (!turn) throw new CannotCorrect(`there is no turn ${id} any more`);
  return turn;
}

/** @param {TurnLane} lane @param {string} speaker */
function known(lane, speaker) {
  if (!lane.speakers.some(({ id }) => id === speaker)) throw new CannotCorrect(`there is no speaker ${speaker}`);
}

/** A person had a hand in it. @param {Turn} turn @param {Partial<Turn>} change @returns {Turn} */
const touched = (turn, change) => ({ ...turn, ...change, confidence: null, corrected: true });

/** @param {TurnLane} lane @returns {Map<string, string>} of those who have one */
const names = (lane) => new Map(lane.speakers.flatMap(({ id, name }) => (name === null ? [] : [[id, name]])));

/** With these turns in place of those of their ids, and without some. @param {TurnLane} lane @param {Turn[]} turns @param {number[]} [without] */
function having(lane, turns, without = []) {
  const gone = new Set([...turns.map(({ id }) => id), ...without]);
  const merged = untangled([...lane.turns.filter(({ id }) => !gone.has(id)), ...turns]);
  const next_id = Math.max(lane.next_id, ...turns.map(({ id }) => id + 1));
  return named({ ...lane, turns: merged, next_id }, names(lane));
}

/** Those who speak, in the order in which they first do, then those who have a name but nothing to say. @param {TurnLane} lane @param {Map<string, string>} by */
function named(lane, by) {
  const ids = new Set([...lane.turns.flatMap(({ speaker }) => (speaker === null ? [] : [speaker])), ...by.keys()]);
  return { ...lane, speakers: [...ids].map((id) => ({ id, name: by.get(id) ?? null })) };
}

/** By start; turns of one speaker that overlap are one, which keeps the id of the earlier. @param {Turn[]} turns */
function untangled(turns) {
  /** @type {Turn[]} */
  const kept = [];
  /** @type {Map<string|null, number>} */
  const latest = new Map();
  for (const turn of [...turns].sort(byStart)) {
    const place = latest.get(turn.speaker);
    const before = place === undefined ? null : kept[place];
    if (before && turn.start_us < before.end_us) {
      kept[/** @type {number} */ (place)] = touched(before, { end_us: Math.max(before.end_us, turn.end_us) });
    } else {
      latest.set(turn.speaker, kept.length);
      kept.push(turn);
    }
  }
  return kept;
}

/** @param {Turn} a @param {Turn} b */
const byStart = (a, b) => a.start_us - b.start_us || a.end_us - b.end_us || a.id - b.id;
