/**
 * What the rater did, so that it can be undone and done again: also after a reload. Nothing goes backwards: an undo is a new edit with the
 * content from before, and is in the history like any other. Fires `change`.
 */
import { same, uuid } from "./judgement.js";

/** @typedef {import("./types.js").Change} Change */
/** @typedef {import("./corrections/store.js").Part} Part */
/** @typedef {{label: string, changes: Change[], lanes?: Part[]}} Command  `lanes`: what a correction of turns or cast leads from, and to */

const DEPTH = 200;

/** Clips whose steps are remembered; the storage has room for some megabytes, and edits that wait come first. */
const CLIPS = 25;

export class Commands extends EventTarget {
  /** @type {Command[]} */
  #done = [];
  /** @type {Command[]} */
  #undone = [];
  #key = "";
  #clip = 0;
  /** Turns and cast. @type {{stand(parts: Part[]): boolean, follow(parts: Part[]): void}|null} */
  lanes = null;

  /**
   * @param {import("./judgements.js").Judgements} judgements
   * @param {import("./outbox.js").Outbox} outbox
   * @param {Storage} storage
   * @param {() => object} context  what the rater had before them
   */
  constructor(judgements, outbox, storage, context) {
    super();
    this.judgements = judgements;
    this.outbox = outbox;
    this.storage = storage;
    this.context = context;
  }

  /** @param {number} clip */
  open(clip) {
    this.#clip = clip;
    this.#key = `portrayal:undo:${this.outbox.owner}:${clip}`;
    const kept = this.storage.getItem(this.#key);
    const { done, undone } = kept ? JSON.parse(kept) : { done: [], undone: [] };
    this.#forgetOldest();
    this.#done = done;
    this.#undone = undone;
    this.dispatchEvent(new Event("change"));
  }

  get undoable() {
    return this.#done[this.#done.length - 1]?.label ?? null;
  }

  get redoable() {
    return this.#undone[this.#undone.length - 1]?.label ?? null;
  }

  /** Does it, and remembers how to take it back. Changes that change nothing are left out. @param {string} label @param {Change[]} changes */
  commit(label, changes) {
    const real = changes.filter((change) => !same(change.before, change.after));
    if (!real.length) return;
    this.#perform(real);
    this.#remember({ label, changes: real });
  }

  /** A correction of turns or cast was made: it is taken back like any other step. @param {string} label @param {Part[]} lanes */
  did(label, lanes) {
    this.#remember({ label, changes: [], lanes });
    this.dispatchEvent(new Event("edit"));
  }

  /** @param {Command} command */
  #remember(command) {
    this.#done = [...this.#done, command].slice(-DEPTH);
    this.#undone = [];
    this.#keep();
  }

  /** @returns {string|null} what was undone, or why nothing was */
  undo() {
    const command = this.#done[this.#done.length - 1];
    if (!command) return null;
    const changes = [...command.changes].reverse().map(({ id, before, after }) => ({ id, before: after, after: before }));
    const lanes = (command.lanes ?? []).map(({ kind, from, to }) => ({ kind, from: to, to: from }));
    if (!this.#current(changes, lanes)) {
      this.#done = this.#done.slice(0, -1);
      this.#keep();
      return `Not undone: it has been changed elsewhere since. Its history has every version.`;
    }
    this.#perform(changes, lanes);
    this.#done = this.#done.slice(0, -1);
    this.#undone = [...this.#undone, command];
    this.#keep();
    return `Undone: ${command.label}`;
  }

  redo() {
    const command = this.#undone[this.#undone.length - 1];
    if (!command) return null;
    if (!this.#current(command.changes, command.lanes)) {
      this.#undone = this.#undone.slice(0, -1);
      this.#keep();
      return `Not redone: it has been changed elsewhere since. Its history has every version.`;
    }
    this.#perform(command.changes, command.lanes);
    this.#undone = this.#undone.slice(0, -1);
    this.#done = [...this.#done, command];
    this.#keep();
    return `Redone: ${command.label}`;
  }

  /** Whether each judgement and lane still says what the change starts from. @param {Change[]} changes @param {Part[]} [lanes] */
  #current(changes, lanes = []) {
    const judged = changes.every(({ id, before }) => same(this.judgements.get(id), before));
    return judged && (!lanes.length || (this.lanes?.stand(lanes) ?? false));
  }

  /** @param {Change[]} changes @param {Part[]} [lanes] */
  #perform(changes, lanes = []) {
    if (lanes.length) this.lanes?.follow(lanes);
    const context = this.context();
    const operations = changes.map(({ id, before, after }) => ({
      op_id: uuid(),
      kind: /** @type {"put"|"remove"} */ (after ? "put" : "remove"),
      judgement_id: id,
      // Undoing a removal after a reload: neither there before nor new, so its base has to be asked for.
      base_revision: this.judgements.baseOf(id, before === null && !this.#known(id)),
      judgement: after,
      context,
    }));
    if (operations.length) this.outbox.add(this.#clip, operations);
    this.dispatchEvent(new Event("edit"));
  }

  /** @param {string} id */
  #known(id) {
    return [...this.#done, ...this.#undone].some((command) => command.changes.some((change) => change.id === id));
  }

  #forgetOldest() {
    const keys = Array.from({ length: this.storage.length }, (_, i) => this.storage.key(i) ?? "");
    const steps = keys.filter((key) => key.startsWith(`portrayal:undo:${this.outbox.owner}:`));
    if (steps.length <= CLIPS) return;
    const at = (/** @type {string} */ key) => JSON.parse(this.storage.getItem(key) ?? "{}").at ?? 0;
    const oldest = steps.filter((key) => key !== this.#key).sort((a, b) => at(a) - at(b));
    for (const key of oldest.slice(0, steps.length - CLIPS)) this.storage.removeItem(key);
  }

  #keep() {
    try {
      this.storage.setItem(this.#key, JSON.stringify({ at: Date.now(), done: this.#done, undone: this.#undone }));
    } catch (error) {
      // Without room the steps are still there until the page is left; the edits themselves are the outbox's care.
      if (!(error instanceof DOMException)) throw error;
    }
    this.dispatchEvent(new Event("change"));
  }
}
