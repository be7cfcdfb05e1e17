/** Brings takes to the server, one at a time and again and again until it has answered. Only then does a take leave the browser. */

/** @typedef {import("./takes.js").Take} Take */
/** @typedef {{kept: number} | {refused: string} | {waits: string, signedOut: boolean}} Outcome */
/** @typedef {{id: string, share: number, checking: boolean}} Going  `checking`: all of it is there, and is being read */
/** @typedef {(address: string, name: string, file: Blob, progress: (share: number) => void) => Promise<{status: number, text: string}>} Put */

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

/** @param {Take} take */
export function addressOf({ project, actor, intended }) {
  const said = Object.entries({ project, actor, intended }).filter(([, value]) => value);
  return `/api/uploads?${said.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&")}`;
}

/** What an answer means for the take. @param {number} status  0: there was none @param {string} text @returns {Outcome} */
export function outcomeOf(status, text) {
  const answer = parsed(text);
  if (status === 200 && answer.clip) return { kept: answer.clip };
  // What is there already came the first time, when the answer was lost: no two recordings are the same.
  if (status === 409 && answer.duplicate_of) return { kept: answer.duplicate_of };
  if (status === 400 || status === 413 || status === 415) return { refused: answer.error ?? `The server answered ${status}.` };
  if (status === 401) return { waits: "Signed out: reload the page. The take waits in this browser.", signedOut: true };
  if (status === 0) return { waits: "The server cannot be reached. The take waits in this browser and is sent when it is back.", signedOut: false };
  return { waits: answer.error ?? `The server answered ${status}; its log says more. The take waits in this browser.`, signedOut: false };
}

export class Sender extends EventTarget {
  /** @type {Going | null} */
  going = null;
  /** Why the next one waits; empty while nothing is wrong. */
  trouble = "";
  /** Clips that came of takes since the page was loaded. @type {{clip: number, name: string, project: string, length_ms: number}[]} */
  kept = [];
  #running = false;
  #pauseMs = FIRST_PAUSE_MS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {import("./takes.js").Takes} takes @param {Put} put */
  constructor(takes, put) {
    super();
    this.takes = takes;
    this.put = put;
  }

  /** There may be a take to send, or a reason to try again at once. */
  async kick() {
    clearTimeout(this.#timer);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let take = this.#next(); take; take = this.#next()) if (!(await this.#send(take))) return;
    } finally {
      this.#running = false;
    }
  }

  #next() {
    return this.takes.all.find(({ state }) => state === "keeping");
  }

  /** False where the server is to be left alone for a while. @param {Take} take */
  async #send(take) {
    const file = await this.takes.file(take);
    this.#tell({ id: take.id, share: 0, checking: false });
    const progress = (/** @type {number} */ share) => this.#tell({ id: take.id, share, checking: share === 1 });
    const { status, text } = await this.put(addressOf(take), take.name, file, progress);
    const outcome = outcomeOf(status, text);
    this.trouble = "waits" in outcome ? outcome.waits : "";
    if ("waits" in outcome) {
      this.#tell(null);
      if (!outcome.signedOut) this.#timer = setTimeout(() => this.kick(), this.#pauseMs);
      this.#pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * this.#pauseMs);
      return false;
    }
    this.#pauseMs = FIRST_PAUSE_MS;
    if ("kept" in outcome) {
      this.kept.push({ clip: outcome.kept, name: take.name, project: take.project, length_ms: take.length_ms });
      await this.takes.remove(take);
    } else this.takes.change(take, { state: "refused", reason: outcome.refused });
    this.#tell(null);
    return true;
  }

  /** @param {Going | null} going */
  #tell(going) {
    this.going = going;
    this.dispatchEvent(new Event("change"));
  }
}

/** By the upload route. XMLHttpRequest, because fetch does not tell how much has been sent. @type {Put} */
export function put(address, name, file, progress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("PUT", address);
    request.setRequestHeader("X-Portrayal", "1");
    request.setRequestHeader("X-File-Name", encodeURIComponent(name));
    request.upload.onprogress = ({ loaded }) => progress(Math.min(0.999, file.size ? loaded / file.size : 0));
    request.upload.onload = () => progress(1);
    request.onload = () => resolve({ status: request.status, text: request.responseText });
    request.onerror = () => resolve({ status: 0, text: "" });
    request.send(file);
  });
}

/** @param {string} text @returns {Record<string, any>} */
function parsed(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
