/**
 * What has been said of the clip elsewhere meanwhile: by others, or by the rater in another browser. Looked for every few seconds while the
 * page is looked at. Fires `news` when something was taken in, `lanes` with the revisions of turns and cast that were seen, and `restarted` when another run of the program answers: `same` where it
 * serves the same data to the same rater, otherwise `other`.
 */
import { ServerError } from "./api.js";
import { ownerOf } from "./outbox.js";

/** @typedef {import("./types.js").Judgement} Judgement */

/** Between two looks: a label that is not the one in the database is not to stand beside "Saved" for long. */
const LOOK_MS = 5000;

export class Watch extends EventTarget {
  #ticket = 0;
  #looking = 0;

  /**
   * @param {{judgements(clip: number): Promise<{boot: string, judgements: Judgement[], lanes?: Record<string, number>}>,
   *   document(clip: number): Promise<import("./types.js").ClipDocument>}} api
   * @param {string} boot  the run of the program that the page was loaded from
   * @param {import("./outbox.js").Outbox} outbox
   * @param {import("./judgements.js").Judgements} judgements
   * @param {() => boolean} busy  whether the rater is in the midst of something that was begun upon what is shown
   */
  constructor(api, boot, outbox, judgements, busy) {
    super();
    this.api = api;
    this.boot = boot;
    this.outbox = outbox;
    this.judgements = judgements;
    this.busy = busy;
  }

  /** @param {() => boolean} seen  whether the page is looked at @param {AbortSignal} signal */
  begin(seen, signal) {
    // A server that is slower than this is not asked again before it has answered.
    const timer = setInterval(() => seen() && !this.#looking && this.look(), LOOK_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  /**
   * Takes in what the server has; edits that wait stay on top of it. What is being dragged or typed was begun upon what is shown, and has to
   * be sent as that: then it is left for the next look.
   * @param {{regardless?: boolean}} [how]  `regardless` of what the rater does
   */
  async look({ regardless = false } = {}) {
    const { clip } = this.judgements;
    const ticket = ++this.#ticket;
    let answer;
    this.#looking++;
    try {
      answer = await this.outbox.settled(clip, () => this.api.judgements(clip));
    } catch {
      // The server is away; the sender says so as soon as there is something to lose.
      return;
    } finally {
      this.#looking--;
    }
    if (clip !== this.judgements.clip || ticket !== this.#ticket) return;
    const held = this.busy() && !regardless;
    if (!held && answer.lanes) this.dispatchEvent(new CustomEvent("lanes", { detail: answer.lanes }));
    if (!held && this.judgements.load(clip, answer.judgements)) this.dispatchEvent(new Event("news"));
    this.served(answer.boot);
  }

  /** An answer came from this run of the program. @param {string} boot */
  async served(boot) {
    if (boot === this.boot) return;
    this.boot = boot;
    try {
      const doc = await this.api.document(this.judgements.clip);
      this.dispatchEvent(new CustomEvent("restarted", { detail: ownerOf(doc) === this.outbox.owner ? "same" : "other" }));
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.boot = ""; // away again: it is found out from the next answer
    }
  }
}
