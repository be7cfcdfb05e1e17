/**
 * Who speaks when and who is who, as the rater sees it: what the server has, and on top of it every correction that still waits. Every
 * correction goes through here. Fires `change`, and `note` with a sentence for the rater.
 */
import { ServerError } from "../api.js";
import { uuid } from "../judgement.js";
import { isCorrection } from "./carry.js";
import { recast } from "./cast.js";
import { CannotCorrect, corrected } from "./turns.js";

/** @typedef {import("./turns.js").TurnLane} TurnLane */
/** @typedef {import("./cast.js").Cast} Cast */
/** @typedef {TurnLane|Cast} Lane */
/** @typedef {"turn"|"cast"} Kind */
/** @typedef {import("./turns.js").Change} Change */
/** @typedef {{kind: Kind, from: number, to: number}} Part  of a step: between which revisions' contents it leads */
/** @typedef {{lane: Lane|null, awaited: boolean}} Shown  `awaited`: only the server can say what the last correction makes of it */

const CLASHED = "Choose between the two versions first; they stand beside the label.";
/** After so long the server is asked again. */
const PATIENCE_MS = 2000;

const AWAITED = "One moment: the server is working out the last correction.";

export class Corrections extends EventTarget {
  clip = 0;
  /** @type {import("../types.js").ClipDocument|null} */
  #doc = null;
  /** @type {Record<Kind, Lane|null>} */
  #server = { turn: null, cast: null };
  /** @type {import("./cast.js").Offer[]} */
  speaking = [];
  /** The lanes' contents at revisions that were seen, for what is restored. @type {Map<string, Lane>} */
  #seen = new Map();
  /** @type {Partial<Record<Kind, Shown>>} */
  #shown = {};
  /** Whether the server is to be asked for its lanes once nothing waits, and whether it is being asked. */
  #owed = false;
  #asking = false;
  /** Whether a correction of this clip waited when the outbox last spoke. */
  #waited = false;

  /**
   * @param {import("../outbox.js").Outbox} outbox
   * @param {import("../commands.js").Commands} commands
   * @param {{lanes(clip: number): Promise<{turns: TurnLane, cast: Cast, speaking: import("./cast.js").Offer[]}>}} api
   * @param {AbortSignal} [signal]
   */
  constructor(outbox, commands, api, signal) {
    super();
    this.outbox = outbox;
    this.commands = commands;
    this.api = api;
    commands.lanes = this;
    outbox.addEventListener("change", () => this.#heard(), { signal });
  }

  /** Its `turns` are kept as the rater sees them, for all that goes by them. @param {import("../types.js").ClipDocument} doc */
  open(doc) {
    const { clip, turns = null, cast = null, speaking = [] } = doc;
    const known = clip.id === this.clip ? this.#server : { turn: null, cast: null };
    if (clip.id !== this.clip) this.#seen.clear();
    this.clip = clip.id;
    this.#doc = doc;
    // It may have been asked for before an answer that has come meanwhile.
    const late = (turns?.revision ?? 0) < (known.turn?.revision ?? 0) || (cast?.revision ?? 0) < (known.cast?.revision ?? 0);
    if (late && turns && cast) this.#changed();
    else this.#take({ turns, cast, speaking });
  }

  /** Null where the clip is judged blind. @returns {TurnLane|null} */
  get turns() {
    return /** @type {TurnLane|null} */ (this.#lane("turn").lane);
  }

  /** @returns {Cast|null} */
  get cast() {
    return /** @type {Cast|null} */ (this.#lane("cast").lane);
  }

  /**
   * One step of the rater's: kept in the browser at once, sent, and undone as one.
   * @param {string} label  what was done, in a few words
   * @param {{kind: Kind, change: Change}[]} parts
   * @returns {boolean} whether it was done; if not, the rater was told why
   */
  correct(label, parts) {
    try {
      const steps = parts.map(({ kind, change }) => this.#append(kind, change, label));
      this.commands.did(label, steps);
      return true;
    } catch (error) {
      if (!(error instanceof CannotCorrect)) throw error;
      this.say(error.message);
      return false;
    }
  }

  /** Whether the lanes still are what these steps start from. @param {Part[]} parts */
  stand(parts) {
    return parts.every(({ kind, from }) => {
      const { lane } = this.#lane(kind);
      return lane !== null && !this.#clashed(kind) && lane.same_as === from;
    });
  }

  /** Makes the lanes what the steps lead to. @param {Part[]} parts */
  follow(parts) {
    for (const { kind, to } of parts) this.#append(kind, { action: "restore", revision: to }, "a step undone or done again");
  }

  /** The server's answer to one correction. @param {import("../outbox.js").Waiting} entry @param {import("../types.js").Ack} ack */
  learn(entry, ack) {
    if (entry.clip !== this.clip || !isCorrection(entry)) return;
    const kind = /** @type {Kind} */ (entry.kind);
    const known = this.#server[kind];
    this.#owed = true;
    if (ack.status === "conflict") this.#server[kind] = /** @type {any} */ (ack.current);
    else if (known && (ack.status === "applied" || ack.status === "duplicate") && known.revision < (ack.revision ?? 0)) {
      const { lane, awaited } = this.#after(known, /** @type {any} */ (entry).change);
      this.#server[kind] = { ...lane, revision: ack.revision ?? 0 };
      // What only the server knows is asked for; the lane stays as it was until then.
      if (!awaited) this.#remember(this.#server[kind]);
    }
    this.#changed();
  }

  /** What another corrected meanwhile is asked for; what waits here comes first. @param {Record<string, number>} revisions  as the server has them */
  seen(revisions) {
    const old = Object.entries(this.#server).some(([kind, lane]) => lane !== null && lane.revision < (revisions[kind] ?? 0));
    if (!old || this.#waited) return;
    this.#owed = true;
    this.#changed();
  }

  /** @param {string} text */
  say(text) {
    this.dispatchEvent(new CustomEvent("note", { detail: text }));
  }

  /** @param {Kind} kind @param {Change} change @param {string} said @returns {Part} */
  #append(kind, change, said) {
    const { lane, awaited } = this.#lane(kind);
    if (!lane) throw new CannotCorrect("This clip is judged blind: nothing that models found is shown or corrected.");
    if (this.#clashed(kind)) throw new CannotCorrect(CLASHED);
    // What was is known by its revision, whatever the lane is now.
    if (awaited && change.action !== "restore") throw new CannotCorrect(AWAITED);
    const after = this.#after(lane, change);
    const { revision, analysis, next_id } = lane;
    this.outbox.add(this.clip, [{ op_id: uuid(), kind, base_revision: revision, analysis, change, said, next_id }]);
    return { kind, from: lane.same_as, to: after.lane.same_as };
  }

  /** A lane and what a correction makes of it. @param {Lane} lane @param {Change} change @returns {{lane: Lane, awaited: boolean}} */
  #after(lane, change) {
    const revision = lane.revision + 1;
    if (change.action === "adopt") return { lane: { ...lane, revision, same_as: revision }, awaited: true };
    if (change.action === "restore") {
      const then = this.#seen.get(`${lane.kind} ${change.revision}`);
      const next_id = Math.max(lane.next_id, then?.next_id ?? 0);
      return { lane: { ...lane, ...then, revision, same_as: change.revision, next_id }, awaited: !then };
    }
    const made = lane.kind === "turn" ? corrected(lane, change) : recast(lane, change);
    return { lane: { ...made, revision, same_as: revision }, awaited: false };
  }

  /** @param {Kind} kind @returns {Shown} */
  #lane(kind) {
    return (this.#shown[kind] ??= this.#projected(kind));
  }

  /** @param {Kind} kind @returns {Shown} */
  #projected(kind) {
    let lane = this.#server[kind];
    let awaited = this.#owed && lane !== null && !this.#seen.has(`${kind} ${lane.same_as}`);
    for (const entry of lane ? this.#waiting(kind) : []) {
      // What the server has taken in already, or will not take: its answer is on the way.
      if (!lane || entry.conflict || entry.base_revision !== lane.revision) break;
      try {
        ({ lane, awaited } = this.#after(lane, /** @type {any} */ (entry).change));
      } catch (error) {
        if (!(error instanceof CannotCorrect)) throw error;
        break;
      }
      if (!awaited) this.#remember(lane);
    }
    return { lane, awaited };
  }

  /** @param {Kind} kind */
  #waiting(kind) {
    return this.outbox.of(this.clip).filter((entry) => entry.kind === kind);
  }

  /** @param {Kind} kind */
  #clashed(kind) {
    return this.#waiting(kind).some((entry) => entry.conflict);
  }

  /** @param {Lane|null} lane */
  #remember(lane) {
    if (lane) this.#seen.set(`${lane.kind} ${lane.same_as}`, lane);
  }

  /** @param {{turns: TurnLane|null, cast: Cast|null, speaking: import("./cast.js").Offer[]}} lanes  as the server has them */
  #take({ turns, cast, speaking }) {
    this.#server = { turn: turns, cast };
    this.speaking = speaking;
    this.#owed = false;
    this.#remember(turns);
    this.#remember(cast);
    this.#changed();
  }

  /** The server's own word, once it has answered everything. */
  async #renew() {
    const clip = this.clip;
    this.#asking = true;
    try {
      const lanes = await this.outbox.settled(clip, () => this.api.lanes(clip));
      if (clip === this.clip && !this.outbox.of(clip).some(isCorrection)) this.#take(lanes);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      setTimeout(() => this.#changed(), PATIENCE_MS);
    } finally {
      this.#asking = false;
    }
  }

  /** Edits of labels change nothing here. */
  #heard() {
    const waits = this.outbox.of(this.clip).some(isCorrection);
    const waited = this.#waited;
    this.#waited = waits;
    // Another tab may have brought them home, and only that one knows what came of it.
    if (waited && !waits) this.#owed = true;
    if (waits || this.#owed) this.#changed();
  }

  #changed() {
    this.#shown = {};
    if (this.#doc) this.#doc.turns = this.turns;
    if (this.#owed && !this.#asking && !this.outbox.of(this.clip).some(isCorrection)) this.#renew();
    this.dispatchEvent(new Event("change"));
  }
}
