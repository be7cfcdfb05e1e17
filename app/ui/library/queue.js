/**
 * Files on their way to the server, one at a time. The queue lives as long as the browser tab has its page: moving to another of the
 * program's pages unmounts what shows it, not the queue.
 */

/**
 * @typedef {"waiting" | "sending" | "checking" | "added" | "duplicate" | "refused" | "failed" | "cancelled"} State
 * @typedef {{number: number, file: File, project: string, state: State, sent: number, clip: number | null, reason: string,
 *   request: XMLHttpRequest | null, unheard: boolean}} Item  `unheard`: all of it was sent once, and what became of it was not heard
 */

export const ENDED = new Set(["added", "duplicate", "refused", "failed", "cancelled"]);

export class Queue {
  /** @type {Item[]} */ items = [];
  /** @type {Set<() => void>} */ watchers = new Set();
  #count = 0;

  /** @param {File[]} files @param {string} project */
  add(files, project) {
    for (const file of files) {
      this.items.push({ number: ++this.#count, file, project, state: "waiting", sent: 0, clip: null, reason: "", request: null, unheard: false });
    }
    this.#tell();
    this.#next();
  }

  /** Once the whole file is there the clip comes of it: what is being read can no longer be called back. @param {Item} item */
  static cancellable({ state }) {
    return state === "waiting" || state === "sending";
  }

  /** @param {Item} item */
  cancel(item) {
    if (!Queue.cancellable(item)) return;
    const { request } = item;
    this.#end(item, "cancelled");
    request?.abort();
    this.#next();
  }

  cancelAll() {
    for (const item of this.items.filter(({ state }) => state === "waiting")) this.#end(item, "cancelled");
    for (const item of this.items) this.cancel(item);
  }

  /** @param {Item} item */
  retry(item) {
    Object.assign(item, { state: "waiting", sent: 0, reason: "" });
    this.#tell();
    this.#next();
  }

  /** Forgets what has ended, but for what has to be read. @param {boolean} all  that, too */
  clear(all) {
    const stays = (/** @type {Item} */ { state }) => !ENDED.has(state) || (!all && (state === "refused" || state === "failed"));
    this.items = this.items.filter((item) => stays(item));
    this.#tell();
  }

  get busy() {
    return this.items.some(({ state }) => !ENDED.has(state));
  }

  #next() {
    if (this.items.some(({ state }) => state === "sending" || state === "checking")) return;
    const item = this.items.find(({ state }) => state === "waiting");
    if (item) this.#send(item);
  }

  /** XMLHttpRequest, because fetch tells nothing of how much has been sent. The browser streams the file from the disk. @param {Item} item */
  #send(item) {
    const request = new XMLHttpRequest();
    Object.assign(item, { state: "sending", request });
    request.open("PUT", `/api/uploads?project=${encodeURIComponent(item.project)}`);
    request.setRequestHeader("X-Portrayal", "1");
    request.setRequestHeader("X-File-Name", encodeURIComponent(item.file.name));
    request.upload.onprogress = ({ loaded }) => this.#change(item, { sent: loaded });
    request.upload.onload = () => this.#change(item, { sent: item.file.size, state: "checking" });
    request.onload = () => this.#answered(item, request);
    request.onerror = () => this.#ended(item, "failed", "The connection broke. The file may have changed, or the program stopped.");
    request.send(item.file);
    this.#tell();
  }

  /** @param {Item} item @param {XMLHttpRequest} request */
  #answered(item, request) {
    const answer = parsed(request.responseText);
    if (request.status === 200 && answer.clip) {
      item.clip = answer.clip;
      return this.#ended(item, "added");
    }
    if (request.status === 409 && answer.duplicate_of) {
      item.clip = answer.duplicate_of;
      // What is there already is what came the first time, when the answer was lost.
      return item.unheard ? this.#ended(item, "added") : this.#ended(item, "duplicate", answer.error);
    }
    if (request.status === 413 || request.status === 415) return this.#ended(item, "refused", answer.error);
    const reason = request.status === 401 ? "The session has ended: reload the page, and add the file again." : answer.error;
    this.#ended(item, "failed", reason ?? `The server answered ${request.status}; its log says more.`);
  }

  /** @param {Item} item @param {State} state @param {string} [reason] */
  #ended(item, state, reason = "") {
    if (ENDED.has(item.state)) return; // cancelled meanwhile
    item.unheard ||= state === "failed" && item.state === "checking";
    this.#end(item, state, reason);
    this.#next();
  }

  /** @param {Item} item @param {State} state @param {string} [reason] */
  #end(item, state, reason = "") {
    Object.assign(item, { state, reason, request: null });
    this.#tell();
  }

  /** @param {Item} item @param {Partial<Item>} change */
  #change(item, change) {
    if (ENDED.has(item.state)) return;
    Object.assign(item, change);
    this.#tell();
  }

  #tell() {
    for (const watcher of this.watchers) watcher();
  }
}

/** @param {string} text @returns {Record<string, any>} */
function parsed(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
