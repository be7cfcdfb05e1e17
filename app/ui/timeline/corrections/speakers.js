/** Work on the speakers' turns: which one is chosen, whose row is active, and what can be done to it. Fires `change`. */
import { SHORTEST_US } from "../tiers.js";
import { personName } from "./cast.js";
import { inOrder, neighbour, newSpeaker, nextOfSame, speakerName } from "./turns.js";
import { spanText } from "./words.js";

/** @typedef {import("./turns.js").Turn} Turn */

export class Speakers extends EventTarget {
  /** Whether the keys that edit mean turns, not stretches. */
  focused = false;
  /** Number of the turn that is chosen. @type {number|null} */
  selected = null;
  /** Whose row is active: what is added is theirs. @type {string|null} */
  speaker = null;
  /** Where a turn is going to begin. @type {number|null} */
  inUs = null;

  /** @param {import("./store.js").Corrections} corrections @param {import("../desk.js").Desk} desk */
  constructor(corrections, desk) {
    super();
    this.corrections = corrections;
    this.desk = desk;
    corrections.addEventListener("change", () => this.#settle());
  }

  get lane() {
    return this.corrections.turns;
  }

  get turns() {
    return this.lane?.turns ?? [];
  }

  /** The one that is chosen. @returns {Turn|null} */
  get turn() {
    return this.turns.find(({ id }) => id === this.selected) ?? null;
  }

  /** Its bounds, while turns are worked on. */
  get span() {
    return this.focused && this.turn ? { startUs: this.turn.start_us, endUs: this.turn.end_us } : null;
  }

  /** The rows: each speaker's, then nobody's, if there are turns of which nobody told whose they are. @returns {(string|null)[]} */
  get rows() {
    const speakers = /** @type {(string|null)[]} */ (inOrder(this.lane?.speakers ?? []).map(({ id }) => id));
    return this.turns.some(({ speaker }) => speaker === null) || !speakers.length ? [...speakers, null] : speakers;
  }

  /** Whether there is a lane to be worked on. */
  get there() {
    return this.lane !== null && this.desk.doc.clip.has_audio;
  }

  /** @param {string|null} id */
  nameOf(id) {
    return speakerName(this.lane, id);
  }

  reset() {
    this.focused = false;
    this.selected = this.speaker = this.inUs = null;
    this.#changed();
  }

  /** The keys that edit mean turns from now on. @param {string|null} [speaker]  whose row; the one nearest to the tiers if none is said */
  focus(speaker = this.rows[this.rows.length - 1]) {
    this.focused = true;
    this.speaker = speaker;
    this.#changed();
  }

  /** They mean stretches again. */
  leave() {
    this.focused = false;
    this.selected = this.inUs = null;
    this.#changed();
  }

  /** @param {number} id */
  select(id) {
    const turn = this.turns.find((one) => one.id === id);
    if (!turn) return;
    this.focused = true;
    this.selected = id;
    this.speaker = turn.speaker;
    this.inUs = null;
    this.#changed();
  }

  /** One thing less at a time: the turn begun, the turn chosen, the lane. */
  letGo() {
    if (this.inUs !== null) this.inUs = null;
    else if (this.selected !== null) this.selected = null;
    else this.focused = false;
    this.#changed();
  }

  /** To the row above or below; below the last one are the tiers. @param {1|-1} direction */
  row(direction) {
    const { rows } = this;
    const place = rows.indexOf(this.speaker) + direction;
    if (place >= rows.length) return this.leave();
    this.selected = null;
    this.speaker = rows[Math.max(0, place)];
    this.#changed();
  }

  /** @param {1|-1} direction @param {number} timeUs @returns {Turn|null} */
  goTo(direction, timeUs) {
    const next = neighbour(this.turns, this.selected, direction, timeUs);
    if (next) this.select(next.id);
    else this.corrections.say(direction > 0 ? "No turn after this one." : "No turn before this one.");
    return next;
  }

  /** @param {number} startUs @param {number} endUs @param {string|null} [speaker]  whose; the active row's if none is said */
  add(startUs, endUs, speaker = this.speaker) {
    const span = { start_us: Math.round(startUs), end_us: Math.round(endUs) };
    if (span.end_us - span.start_us < SHORTEST_US) return;
    const id = this.lane?.next_id ?? 0;
    this.inUs = null;
    const whose = speaker === null ? {} : { speaker };
    if (this.#correct(`turn ${spanText(span)} of ${this.nameOf(speaker)} added`, { action: "add", ...span, ...whose })) this.select(id);
  }

  /** @param {number} startUs @param {number} endUs */
  move(startUs, endUs) {
    const { turn } = this;
    const span = { start_us: Math.round(startUs), end_us: Math.round(endUs) };
    if (!turn || span.end_us - span.start_us < SHORTEST_US) return;
    if (span.start_us === turn.start_us && span.end_us === turn.end_us) return;
    this.#correct(`edge of turn ${spanText(turn)} moved`, { action: "change", turn: turn.id, ...span });
  }

  /** @param {number} us */
  split(us) {
    const within = ({ start_us, end_us }) => start_us + SHORTEST_US <= us && us <= end_us - SHORTEST_US;
    const turn = this.turn ?? this.turns.find((one) => one.speaker === this.speaker && within(one));
    if (!turn || !within(turn)) return this.corrections.say("Nothing to split: put the playhead inside a turn.");
    const right = this.lane?.next_id ?? 0;
    if (this.#correct(`turn ${spanText(turn)} split`, { action: "split", turn: turn.id, at_us: Math.round(us) })) this.select(right);
  }

  merge() {
    const next = this.turn && nextOfSame(this.turns, this.turn);
    if (!this.turn || !next) return this.corrections.say("Nothing to merge: choose a turn after which the same speaker has another.");
    this.#correct(`turns ${spanText(this.turn)} and ${spanText(next)} merged`, { action: "merge", turns: [this.turn.id, next.id] });
  }

  remove() {
    if (!this.turn) return this.corrections.say("Choose a turn first: [ and ] go from one to the next.");
    this.#correct(`turn ${spanText(this.turn)} deleted`, { action: "delete", turn: this.turn.id });
  }

  /** The turn is another's. @param {string} speaker */
  give(speaker) {
    const { turn } = this;
    if (!turn) return this.corrections.say("Choose a turn first: [ and ] go from one to the next.");
    if (turn.speaker === speaker) return;
    const said = `turn ${spanText(turn)} given to ${this.nameOf(speaker)}`;
    if (this.#correct(said, { action: "change", turn: turn.id, speaker })) this.select(turn.id);
  }

  /** The turn is the n-th speaker's; 0: somebody's who was not there yet. @param {number} n */
  giveTo(n) {
    if (n === 0) return this.give(this.somebodyNew());
    const speaker = this.rows[n - 1] ?? null;
    if (speaker !== null) this.give(speaker);
    else this.corrections.say(`There is no speaker ${n}; 0 makes a new one.`);
  }

  /** @param {string} speaker @param {string} name  empty: takes the name away */
  rename(speaker, name) {
    const now = this.lane?.speakers.find(({ id }) => id === speaker)?.name ?? null;
    const then = name.trim() || null;
    if (now === then) return;
    this.#correct(`${this.nameOf(speaker)} ${then ? `named ${then}` : "no longer named"}`, { action: "rename", speaker, name: then });
  }

  /** Two voices were one. @param {string} speaker @param {string} into */
  join(speaker, into) {
    const said = `all turns of ${this.nameOf(speaker)} given to ${this.nameOf(into)}`;
    if (this.#correct(said, { action: "join", speaker, into })) this.focus(into);
  }

  /** As a model found them, told how many speakers there are or not. @param {number|null} count */
  anew(count) {
    const analysis = this.desk.doc.analysis?.id ?? this.lane?.analysis;
    if (!analysis) return this.corrections.say("This clip has not been analysed yet.");
    const many = count === null ? {} : { speakers: count };
    this.#correct(`turns as the model finds them${count === null ? "" : ` for ${count}`}`, { action: "adopt", analysis, ...many });
  }

  /** The speaker is the person who is offered as them: takes that one's name. @param {import("./cast.js").Offer} offer */
  take({ speaker, person }) {
    const who = this.corrections.cast?.people.find(({ id }) => id === person);
    if (who) this.rename(speaker, personName(who));
  }

  /** An id that no speaker and no label here ever had. */
  somebodyNew() {
    const { doc, judgements } = this.desk;
    const labelled = judgements.all.filter(({ tier }) => tier.startsWith("voice:")).map(({ tier }) => tier.slice("voice:".length));
    const found = (doc.analysis?.utterances ?? []).map(({ speaker }) => speaker ?? "");
    return newSpeaker([...(this.lane?.speakers ?? []).map(({ id }) => id), ...found, ...labelled].filter(Boolean));
  }

  /** @param {string} said @param {import("./turns.js").Change} change */
  #correct(said, change) {
    return this.corrections.correct(said, [{ kind: "turn", change }]);
  }

  /** What was chosen may be gone. */
  #settle() {
    if (this.selected !== null && !this.turn) this.selected = null;
    if (!this.rows.includes(this.speaker)) this.speaker = this.turn?.speaker ?? this.rows[0] ?? null;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
