/**
 * The takes that are still in this browser: one that is being recorded, ones that nobody has decided on, ones on their way to the server.
 * A take leaves the browser in two ways only: the server says that it has it, or the user discards it.
 */

/**
 * @typedef {"recording"|"recorded"|"keeping"|"refused"|"discarded"} State
 *   `recording` of a tab that is gone is a take that was broken off
 * @typedef {{id: string, owner: string, project: string, state: State, name: string, actor: string, intended: string,
 *   mime: string, started: number, length_ms: number, size: number, pieces: number, reason: string}} Take
 *   `started` in ms of the epoch; `name` empty until one is given; `reason`: why the server refused it
 * @typedef {{take(id: string): Promise<Take | undefined>, takes(): Promise<Take[]>, put(take: Take): Promise<unknown>,
 *   add(take: Take, number: number, piece: Blob): Promise<unknown>, pieces(id: string): Promise<Blob[]>,
 *   remove(id: string): Promise<unknown>}} ShelfLike
 * @typedef {{request(name: string, work: () => Promise<void>): Promise<void>}} Locks  `navigator.locks`
 */

/** Tells of every `change`, and by `keep` of a take that is to be sent. */
export class Takes extends EventTarget {
  /** Those of this tab, oldest first. @type {Map<string, Take>} */
  #mine = new Map();
  /** Pieces that are there in memory, too. @type {Map<string, Blob[]>} */
  #pieces = new Map();
  /** How a take's lock is given back. @type {Map<string, () => void>} */
  #release = new Map();
  /** @type {Promise<unknown>} */
  #written = Promise.resolve();
  /** False while some piece is in this page's memory only, because the browser gives no room. */
  durable = true;

  /** @param {ShelfLike} shelf @param {string} owner @param {Locks | undefined} locks */
  constructor(shelf, owner, locks) {
    super();
    this.shelf = shelf;
    this.owner = owner;
    this.locks = locks;
  }

  /** @returns {Take[]} */
  get all() {
    return [...this.#mine.values()].sort((a, b) => a.started - b.started);
  }

  /** @param {string} id */
  get(id) {
    return this.#mine.get(id);
  }

  /** Takes over what earlier pages left, each as soon as no other tab has it. */
  async takeUp() {
    for (const { id, owner } of await this.shelf.takes()) {
      if (owner === this.owner && !this.#mine.has(id)) this.#hold(id, () => this.#adopt(id));
    }
  }

  /** @param {Pick<Take, "project" | "mime" | "started" | "name" | "actor" | "intended">} about @returns {Take} */
  begin(about) {
    /** @type {Take} */
    const take = { ...about, id: crypto.randomUUID(), owner: this.owner, state: "recording", length_ms: 0, size: 0, pieces: 0, reason: "" };
    this.#mine.set(take.id, take);
    this.#pieces.set(take.id, []);
    this.#hold(take.id, async () => {});
    this.#write(() => this.shelf.put({ ...take }));
    return take;
  }

  /** @param {Take} take @param {Blob} piece @param {number} lengthMs  of the take so far */
  add(take, piece, lengthMs) {
    if (!piece.size) return;
    this.#pieces.get(take.id)?.push(piece);
    const number = take.pieces;
    Object.assign(take, { pieces: number + 1, size: take.size + piece.size, length_ms: lengthMs });
    const state = { ...take };
    this.#write(() => this.shelf.add(state, number, piece));
    this.#tell();
  }

  /** @param {Take} take @param {Partial<Take>} change */
  change(take, change) {
    Object.assign(take, change);
    const state = { ...take };
    this.#write(() => this.shelf.put(state));
    this.#tell();
    if (change.state === "keeping") this.dispatchEvent(new Event("keep"));
  }

  /** What has been recorded, as one file. @param {Take} take */
  async file(take) {
    const pieces = this.#pieces.get(take.id) ?? (await this.shelf.pieces(take.id));
    return new Blob(pieces, { type: take.mime });
  }

  /** Away for good: the server has it, or the user does not want it. @param {Take} take */
  async remove(take) {
    this.#mine.delete(take.id);
    this.#pieces.delete(take.id);
    this.#tell();
    await this.#write(() => this.shelf.remove(take.id));
    this.#release.get(take.id)?.();
    this.#release.delete(take.id);
  }

  /** Until all that has been said here is on the disk. */
  settled() {
    return this.#written;
  }

  /** @param {string} id */
  async #adopt(id) {
    const take = await this.shelf.take(id);
    if (!take) return; // the tab that had it has dealt with it
    this.#mine.set(id, take);
    if (take.state === "discarded" || take.size === 0) return this.remove(take);
    if (take.state === "recording") take.state = "recorded";
    this.#tell();
    if (take.state === "keeping") this.dispatchEvent(new Event("keep"));
  }

  /** Keeps other tabs off a take for as long as this one lives; a browser gives the lock back when a tab ends in whatever way. */
  #hold(/** @type {string} */ id, /** @type {() => Promise<unknown>} */ once) {
    if (!this.locks) return void once();
    this.locks.request(`portrayal-take-${id}`, async () => {
      const released = new Promise((resolve) => this.#release.set(id, () => resolve(undefined)));
      await once();
      if (this.#mine.has(id)) await released;
    });
  }

  /** One after the other, so that what was said last is what stays. @param {() => Promise<unknown>} work */
  #write(work) {
    this.#written = this.#written.then(work).then(
      () => {},
      (error) => {
        this.durable = false;
        console.error("A take could not be written to this browser's storage.", error);
        this.#tell();
      },
    );
    return this.#written;
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
