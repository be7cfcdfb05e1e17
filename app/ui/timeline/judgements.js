/** The judgements of a clip as the rater sees them: what the server has, and on top of it every edit that still waits. Fires `change`. */
import { isCorrection } from "./corrections/carry.js";
import { contentOf, isSpan } from "./judgement.js";

/** @typedef {import("./types.js").Judgement} Judgement */
/** @typedef {import("./types.js").Content} Content */
/** @typedef {import("./types.js").Ack} Ack */
/** @typedef {import("./outbox.js").Waiting} Waiting */

export class Judgements extends EventTarget {
  /** @type {Map<string, Judgement>} */
  #server = new Map();
  /** @type {Map<string, Judgement>|null} */
  #shown = null;
  clip = 0;

  /**
   * @param {import("./outbox.js").Outbox} outbox
   * @param {{id: number, name: string}} rater
   */
  constructor(outbox, rater) {
    super();
    this.outbox = outbox;
    this.rater = rater;
    outbox.addEventListener("change", () => this.#changed());
  }

  /**
   * What the server has, all of it: asked for by `Outbox.settled`, so that it is no older than what it has acknowledged.
   * @param {number} clip
   * @param {Judgement[]} judgements
   * @returns {boolean} whether it was not known already; if it was, nobody is disturbed
   */
  load(clip, judgements) {
    const known = clip === this.clip ? this.#server : new Map();
    const listed = new Set(judgements.map(({ id }) => id));
    // A removed one is not listed; its revision is kept in mind for an undo.
    const gone = [...known.values()].filter(({ id }) => !listed.has(id));
    const news = clip !== this.clip || gone.some((j) => !j.removed) || judgements.some((j) => !sameRevision(known.get(j.id), j));
    this.clip = clip;
    this.#server = new Map([...gone.map((j) => ({ ...j, removed: true })), ...judgements].map((j) => [j.id, j]));
    if (news) this.#changed();
    else this.#shown = null;
    return news;
  }

  /** @returns {Judgement[]} */
  get all() {
    return [...this.#projection().values()].filter((judgement) => !judgement.removed);
  }

  /** @returns {Judgement[]} */
  get mine() {
    return this.all.filter((judgement) => judgement.rater.id === this.rater.id);
  }

  /** @param {string} id @returns {Judgement|null} */
  get(id) {
    const judgement = this.#projection().get(id);
    return judgement && !judgement.removed ? judgement : null;
  }

  /**
   * The rater's own statements about the clip as a whole, the latest first. There should be one at most; two browsers that did not know
   * of each other can have made more.
   * @returns {Judgement[]}
   */
  get wholes() {
    const whole = this.mine.filter((judgement) => !isSpan(judgement) && judgement.tier === "clip");
    return whole.sort((a, b) => (a.changed_at < b.changed_at ? 1 : -1));
  }

  /** The one that is shown and worked on. @returns {Judgement|null} */
  get ofClip() {
    return this.wholes[0] ?? null;
  }

  /** The revision an edit made now is based on: 0 for a new judgement, null where it has to be asked for. @param {string} id @param {boolean} fresh */
  baseOf(id, fresh) {
    return this.#server.get(id)?.revision ?? (fresh ? 0 : null);
  }

  /** The server's answer to one edit. @param {Waiting} entry @param {Ack} ack */
  learn(entry, ack) {
    if (entry.clip !== this.clip || isCorrection(entry)) return;
    if (ack.status === "conflict") {
      if (ack.current) this.#server.set(entry.judgement_id, ack.current);
      else this.#server.delete(entry.judgement_id);
    } else if (ack.status === "applied" || ack.status === "duplicate") {
      const known = this.#server.get(entry.judgement_id);
      const revision = ack.revision ?? 0;
      if (!known || known.revision < revision)
        this.#server.set(entry.judgement_id, { ...this.#after(known, entry), revision, pending: false });
    }
    this.#changed();
  }

  /** @returns {Map<string, Judgement>} */
  #projection() {
    if (!this.#shown) {
      this.#shown = new Map(this.#server);
      for (const entry of this.outbox.of(this.clip).filter((one) => !isCorrection(one))) {
        const after = this.#after(this.#shown.get(entry.judgement_id), entry);
        this.#shown.set(entry.judgement_id, { ...after, pending: true });
      }
    }
    return this.#shown;
  }

  /** @param {Judgement|undefined} before @param {Waiting} entry @returns {Judgement} */
  #after(before, entry) {
    const content = entry.judgement ?? (before ? contentOf(before) : null);
    return /** @type {Judgement} */ ({
      ...before,
      ...content,
      id: entry.judgement_id,
      revision: before?.revision ?? 0,
      removed: entry.kind === "remove",
      rater: this.rater,
      analysis: /** @type {any} */ (entry.context).analysis ?? null,
      changed_at: /** @type {any} */ (entry.context).client_time ?? before?.changed_at ?? "",
    });
  }

  #changed() {
    this.#shown = null;
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {Judgement|undefined} a @param {Judgement} b */
const sameRevision = (a, b) => a !== undefined && !a.removed && a.revision === b.revision;
