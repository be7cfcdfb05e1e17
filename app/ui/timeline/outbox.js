/**
 * Edits that the server has not acknowledged, in the browser's own storage, so that they outlive a reload, a crash, and a server that is
 * away. One key an operation: two tabs never write the same one. Keys sort in the order of the edits.
 *
 *     portrayal:op:<owner>:<clip>:<time>:<serial>:<op_id>       waiting, or in conflict
 *     portrayal:aside:<owner>:<clip>:…                          refused by the server, or given up for another's: kept to be read
 *
 * An owner is one rater of one installation: another home folder behind the same address has raters and clips of the same numbers.
 *
 * An operation on a judgement that already has one waiting does not know its base revision yet: it names its predecessor in `after`, and
 * learns its base when that one is acknowledged. So do corrections of turns and of the cast, each kind for itself; they also guess their
 * base, so that without their predecessor they are never applied to a lane that they were not made upon.
 */

import { carried, isCorrection } from "./corrections/carry.js";

/** @typedef {import("./types.js").Operation} Operation */
/** @typedef {import("./types.js").Correction} Correction */
/** @typedef {import("./types.js").Judgement} Judgement */
/**
 * @typedef {Operation & Partial<Omit<Correction, keyof Operation>> & {key: string, clip: number, after?: string,
 *   conflict?: {current: any}, reason?: string}} Waiting  an operation on a judgement, or a correction of turns or cast
 */

const WAITING = "portrayal:op";
const ASIDE = "portrayal:aside";

/** Whose what is kept in the browser is. @param {{installation: string, rater: {id: number}}} doc */
export const ownerOf = ({ installation, rater }) => `${installation}.${rater.id}`;

export class Outbox extends EventTarget {
  #serial = 0;
  /** @type {Waiting[]|null} */
  #cache = null;
  /** Operations that the storage had no room for: they live as long as this page. @type {Map<string, string>} */
  #homeless = new Map();
  /** Answers of the server's to edits of each clip, so far. @type {Map<number, number>} */
  #answers = new Map();

  /**
   * @param {Storage} storage
   * @param {string} owner  as `ownerOf` has it
   */
  constructor(storage, owner, now = Date.now) {
    super();
    this.storage = storage;
    this.owner = owner;
    this.now = now;
  }

  /** False while some edit exists only in this page's memory. */
  get durable() {
    return this.#homeless.size === 0;
  }

  /** Everything that waits or is in conflict, oldest first, over all clips. @returns {Waiting[]} */
  get entries() {
    this.#cache ??= this.#read(WAITING);
    return this.#cache;
  }

  /** How many edits are not yet durable. */
  get pending() {
    return this.entries.filter((entry) => !entry.conflict).length;
  }

  /** @param {number} clip */
  of(clip) {
    return this.entries.filter((entry) => entry.clip === clip);
  }

  /**
   * What the server has on a clip, asked for until no edit of it was answered between the question and its answer. A snapshot from before
   * an acknowledgement that arrives after it would take the edit off the screen.
   * @template T
   * @param {number} clip
   * @param {() => Promise<T>} ask
   * @returns {Promise<T>}
   */
  async settled(clip, ask) {
    for (;;) {
      const before = this.answersOn(clip);
      const answer = await ask();
      if (this.answersOn(clip) === before) return answer;
    }
  }

  /** How many edits of a clip the server has answered since this page was loaded. @param {number} clip */
  answersOn(clip) {
    return this.#answers.get(clip) ?? 0;
  }

  /** What was refused or given up, oldest first. @returns {Waiting[]} */
  get aside() {
    return this.#read(ASIDE);
  }

  /**
   * Operations of one step: they are told of together, so that nobody sees half of it.
   * @param {number} clip
   * @param {(Operation|Correction)[]} operations  `base_revision` as the author saw it; it gives way to the predecessor's, if one waits
   */
  add(clip, operations) {
    for (const operation of operations) this.#append(clip, operation);
    this.#changed();
  }

  /** @param {number} clip @param {Operation|Correction} operation */
  #append(clip, operation) {
    const before = this.of(clip).filter((entry) => subjectOf(entry) === subjectOf(operation));
    const guess = isCorrection(operation) ? operation.base_revision : null;
    const after = before.length ? { after: before[before.length - 1].op_id, base_revision: guess } : {};
    const stamp = `${String(this.now()).padStart(15, "0")}:${String(this.#serial++).padStart(6, "0")}`;
    const key = `${WAITING}:${this.owner}:${clip}:${stamp}:${operation.op_id}`;
    this.#write(key, { ...operation, ...after });
  }

  /**
   * The next operations, or corrections, to send: all of one clip, at most one a judgement or lane, none whose predecessor waits or that is
   * in conflict.
   * @param {Set<string>} [without]  ids of operations that are left out for now
   * @returns {{clip: number, operations: Waiting[]} | null}
   */
  next(without = new Set(), limit = 50) {
    const waiting = new Set(this.entries.map((entry) => entry.op_id));
    // A predecessor that is no more (a full storage never took it, and the page was closed) must not hold up what came after it.
    const ready = this.entries.filter((entry) => !entry.conflict && !without.has(entry.op_id) && !(entry.after && waiting.has(entry.after)));
    if (!ready.length) return null;
    const [{ clip }] = ready;
    const alike = (/** @type {Waiting} */ entry) => entry.clip === clip && isCorrection(entry) === isCorrection(ready[0]);
    return { clip, operations: ready.filter(alike).slice(0, limit) };
  }

  /** It is in the database, at that revision. @param {Waiting} entry @param {number|null} revision */
  done(entry, revision) {
    this.#answered(entry.clip);
    this.#release(entry.op_id, revision);
    this.#erase(entry.key);
    this.#changed();
  }

  /** Fills in a base that was not known when the edit was made. @param {Waiting} entry @param {number} revision @returns {Waiting} */
  base(entry, revision) {
    const based = { ...entry, base_revision: revision };
    this.#write(entry.key, based);
    return based;
  }

  /** The judgement, or lane, has moved on: the edit stays, beside what is there now. @param {Waiting} entry @param {any} current */
  clash(entry, current) {
    this.#answered(entry.clip);
    this.#write(entry.key, { ...entry, conflict: { current } });
    this.#changed();
  }

  /** It will never be applied: out of the way, with the reason. @param {Waiting} entry @param {string} reason */
  refuse(entry, reason) {
    // What a lane would have been is what the next corrections were made upon.
    if (isCorrection(entry)) for (const follower of this.#heirs(entry.op_id)) this.#shelve(follower, `it was built upon another: ${reason}`);
    this.#release(entry.op_id, entry.base_revision);
    this.#shelve(entry, reason);
    this.#changed();
  }

  /**
   * Of two versions, mine: sent again as a new operation upon what is there now.
   * @param {Waiting} entry
   * @param {string} opId
   */
  keepMine(entry, opId) {
    if (isCorrection(entry)) return this.#carryOver(entry, opId);
    const { conflict, ...rest } = entry;
    for (const follower of this.#followers(entry.op_id)) this.#write(follower.key, { ...follower, after: opId });
    this.#write(entry.key.replace(entry.op_id, opId), { ...rest, op_id: opId, base_revision: conflict?.current?.revision ?? 0 });
    this.#erase(entry.key);
    this.#changed();
  }

  /**
   * A correction, and those that were built upon it, upon the lane as it is now: what was added meanwhile has taken their numbers. An undo
   * among them would be of another lane than the one it was meant for.
   * @param {Waiting} entry
   * @param {string} opId
   */
  #carryOver(entry, opId) {
    const [first, ...others] = [entry, ...this.#heirs(entry.op_id)];
    const { kept, left } = carried([{ ...first, op_id: opId, conflict: undefined }, ...others], entry.conflict?.current);
    for (const one of left) this.#shelve(one, "it was an undo of turns or cast that were changed elsewhere meanwhile");
    for (const [nth, one] of kept.entries()) {
      const rest = nth === 1 ? { ...one, after: opId } : one;
      this.#write(rest.key.replace(entry.op_id, opId), rest);
    }
    this.#erase(entry.key);
    this.#changed();
  }

  /** Of two versions, theirs: mine, and what I built on it, is set aside to be read. @param {Waiting} entry */
  keepTheirs(entry) {
    for (const follower of this.#followers(entry.op_id)) this.keepTheirs(follower);
    this.#shelve(entry, "the other version was kept");
    this.#changed();
  }

  /** The person has seen what was set aside. */
  clearAside() {
    for (const entry of this.aside) this.#erase(entry.key);
    this.#changed();
  }

  /** Another tab wrote: what is known from before no longer holds. @param {StorageEvent} event */
  heard(event) {
    if (event.key === null || event.key.startsWith("portrayal:")) this.reread();
  }

  /** What is known from before may no longer hold. */
  reread() {
    this.#changed();
  }

  /** The clip of an edit that waited here and that another tab has an answer to; null for other news. @param {StorageEvent} event */
  answeredElsewhere(event) {
    const prefix = `${WAITING}:${this.owner}:`;
    if (event.newValue !== null || !event.key?.startsWith(prefix)) return null;
    const clip = clipOf(event.key);
    this.#answered(clip);
    return clip;
  }

  /** @param {number} clip */
  #answered(clip) {
    this.#answers.set(clip, this.answersOn(clip) + 1);
  }

  /** @param {string} opId */
  #followers(opId) {
    return this.entries.filter((entry) => entry.after === opId);
  }

  /** All that was built upon an edit, in order. @param {string} opId @returns {Waiting[]} */
  #heirs(opId) {
    return this.#followers(opId).flatMap((entry) => [entry, ...this.#heirs(entry.op_id)]);
  }

  /** @param {string} opId @param {number|null} revision */
  #release(opId, revision) {
    for (const follower of this.#followers(opId)) {
      const { after, ...rest } = follower;
      this.#write(follower.key, { ...rest, base_revision: revision });
    }
  }

  /** @param {Waiting} entry @param {string} reason */
  #shelve(entry, reason) {
    this.#write(entry.key.replace(WAITING, ASIDE), { ...entry, reason });
    this.#erase(entry.key);
  }

  /** @param {string} key @param {object} entry */
  #write(key, entry) {
    const { key: _key, clip: _clip, ...rest } = /** @type {Waiting} */ (entry);
    const text = JSON.stringify(rest);
    try {
      this.storage.setItem(key, text);
      this.#homeless.delete(key);
    } catch (error) {
      // Full or forbidden storage: the edit is held here and still sent; `durable` makes the page say so.
      if (!(error instanceof DOMException)) throw error;
      this.#homeless.set(key, text);
    }
    this.#cache = null;
  }

  /** @param {string} key */
  #erase(key) {
    this.storage.removeItem(key);
    this.#homeless.delete(key);
    this.#cache = null;
  }

  /** @param {string} kind @returns {Waiting[]} */
  #read(kind) {
    const prefix = `${kind}:${this.owner}:`;
    const found = new Map(this.#homeless);
    for (let i = 0; i < this.storage.length; i++) {
      const key = /** @type {string} */ (this.storage.key(i));
      if (key.startsWith(prefix)) found.set(key, this.storage.getItem(key) ?? "");
    }
    return [...found]
      .filter(([key, text]) => key.startsWith(prefix) && text)
      .map(([key, text]) => ({ ...JSON.parse(text), key, clip: clipOf(key) }))
      .sort((a, b) => (stampOf(a.key) < stampOf(b.key) ? -1 : 1));
  }

  #changed() {
    this.#cache = null;
    this.dispatchEvent(new Event("change"));
  }
}

/** What an edit changes: edits of one thing go one after the other. @param {Waiting|Operation|Correction} entry */
const subjectOf = (entry) => (isCorrection(entry) ? entry.kind : /** @type {Operation} */ (entry).judgement_id);

/** @param {string} key */
const clipOf = (key) => Number(key.split(":")[3]);

/** The part of a key that orders edits over all clips. @param {string} key */
const stampOf = (key) => key.split(":").slice(4).join(":");
