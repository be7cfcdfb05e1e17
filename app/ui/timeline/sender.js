/**
 * Brings the outbox to the server: one request at a time, in order, again and again until each edit is acknowledged. An edit is only ever
 * let go when the server says that it is kept, or that it never can be. Sending one twice is harmless: the server knows it by its id.
 */

import { isCorrection } from "./corrections/carry.js";

/** @typedef {import("./outbox.js").Outbox} Outbox */
/** @typedef {import("./outbox.js").Waiting} Waiting */
/** @typedef {import("./types.js").Ack} Ack */
/** @typedef {"idle"|"sending"|"away"|"signed-out"} State */

const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 8_000;

/** So many server errors in a row, and edits are tried one by one: one of them may be what the server stumbles over. */
const CRASHES = 3;

/** So many edits that each fail for themselves, and it is the server that is ill, not they. */
const MOST_STUCK = 20;

/** Only one tab sends at a time. */
const LOCK = "portrayal-send";

export class Sender extends EventTarget {
  /** @type {State} */
  state = "idle";
  #running = false;
  #again = false;
  #pauseMs = FIRST_PAUSE_MS;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  #closed = false;
  #crashes = 0;
  /** Edits that the server failed at when they were sent alone: left out until the next round. @type {Set<string>} */
  #stuck = new Set();

  /**
   * @param {Outbox} outbox
   * @param {{operations(clip: number, operations: object[]): Promise<{boot: string, acks: Ack[]}>,
   *   corrections(clip: number, corrections: object[]): Promise<{boot: string, acks: Ack[]}>,
   *   revision(judgementId: string): Promise<number>}} api
   * @param {{request(name: string, work: () => Promise<void>): Promise<void>}|undefined} locks  `navigator.locks`, where there is one
   */
  constructor(outbox, api, locks = undefined) {
    super();
    this.outbox = outbox;
    this.api = api;
    this.locks = locks;
  }

  /** There may be something to send, or a reason to try again at once. */
  async kick() {
    clearTimeout(this.#timer);
    this.#again = true;
    if (this.#running || this.#closed) return;
    this.#running = true;
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        const drain = () => this.#drain();
        await (this.locks ? this.locks.request(LOCK, drain) : drain());
      }
    } finally {
      this.#running = false;
    }
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #drain() {
    this.#stuck.clear();
    // What another tab sent while this one waited for its turn is gone from the storage by now.
    const next = () => (this.#closed ? null : this.outbox.next(this.#stuck));
    for (let batch = next(); batch; batch = next()) {
      this.#become("sending");
      if (!(await this.#send(batch))) return;
    }
    if (this.#stuck.size) return this.#pause("away");
    this.#crashes = 0;
    this.#become("idle");
  }

  /** Whether to go on at once. @param {{clip: number, operations: Waiting[]}} batch */
  async #send(batch) {
    try {
      const operations = await this.#withBases(batch.operations);
      const sent = operations.map(travelling);
      const answer = isCorrection(operations[0]) ? this.api.corrections(batch.clip, sent) : this.api.operations(batch.clip, sent);
      this.#settle(operations, await answer);
      this.#pauseMs = FIRST_PAUSE_MS;
      return true;
    } catch (error) {
      return this.#failed(batch, error);
    }
  }

  /** A judgement that was taken away and is wanted back after a reload: its revision is in its history. @param {Waiting[]} operations */
  async #withBases(operations) {
    const known = [];
    for (const entry of operations) {
      const base = entry.base_revision ?? (await this.api.revision(entry.judgement_id));
      // Kept before it is sent: should the answer be lost, the same edit goes out again upon the same base.
      known.push(entry.base_revision === null ? this.outbox.base(entry, base) : entry);
    }
    return known;
  }

  /** @param {Waiting[]} operations @param {{boot: string, acks: Ack[]}} answer */
  #settle(operations, answer) {
    const entries = new Map(operations.map((entry) => [entry.op_id, entry]));
    for (const [place, ack] of answer.acks.entries()) {
      const entry = entries.get(ack.op_id) ?? operations[place];
      if (!entry) continue;
      // The document learns of it before the outbox forgets it, so that no frame shows the state before the edit.
      this.dispatchEvent(new CustomEvent("ack", { detail: { entry, ack } }));
      if (ack.status === "applied" || ack.status === "duplicate") this.outbox.done(entry, ack.revision);
      else if (ack.status === "conflict") this.outbox.clash(entry, ack.current);
      else this.outbox.refuse(entry, ack.reason ?? "the server refused it without a reason");
    }
    this.dispatchEvent(new CustomEvent("boot", { detail: answer.boot }));
  }

  /**
   * Whether to go on at once. Nothing is dropped for a server that is away or a session that is over.
   * @param {{clip: number, operations: Waiting[]}} batch
   * @param {unknown} error
   */
  async #failed(batch, error) {
    const status = /** @type {{status?: number}} */ (error).status ?? 0;
    const final = status >= 400 && status < 500 && ![401, 403, 408, 425, 429].includes(status);
    if (status === 500) this.#crashes += 1;
    const crashing = status === 500 && this.#crashes >= CRASHES;
    if ((final || crashing) && batch.operations.length > 1) return this.#oneByOne(batch);
    if (final) {
      this.outbox.refuse(batch.operations[0], /** @type {Error} */ (error).message);
      return true;
    }
    if (crashing) this.#stuck.add(batch.operations[0].op_id);
    if (crashing && this.#stuck.size < MOST_STUCK) return true;
    this.#pause(status === 401 || status === 403 ? "signed-out" : "away");
    return false;
  }

  /** Tried again in a while, each time a longer one. @param {State} state */
  #pause(state) {
    this.#become(state);
    const pause = this.#pauseMs * (0.75 + Math.random() / 2);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    this.#timer = setTimeout(() => this.kick(), pause);
  }

  /** The server will not have the batch as a whole: each edit is tried for itself, so that one bad one holds up no other. */
  async #oneByOne(/** @type {{clip: number, operations: Waiting[]}} */ batch) {
    for (const entry of batch.operations) if (!(await this.#send({ clip: batch.clip, operations: [entry] }))) return false;
    return true;
  }

  /** @param {State} state */
  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}

/** What of a waiting operation or correction goes over the wire. @param {Waiting} entry */
function travelling({ op_id, kind, judgement_id, base_revision, judgement, context, analysis, change }) {
  if (isCorrection({ kind })) return { op_id, kind, base_revision, analysis, change };
  return { op_id, kind, judgement_id, base_revision, judgement, context };
}
