/**
 * What lies before the rater: which clip, which judgement of it is being worked on, and what has been said about it so far.
 * Every edit of the editor goes through here. Fires `change` (judgements or target), `leaving` (the target is about
 * to change: what is being typed belongs to it) and `note` (a sentence for the rater).
 */
import * as edits from "./edits.js";
import { alone, toggle } from "./blend.js";
import { Drafts, says } from "./drafts.js";
import { blank, complete, contentOf, describe, isSpan, uuid } from "./judgement.js";

/** @typedef {import("./types.js").Content} Content */
/** @typedef {import("./types.js").Judgement} Judgement */
/** @typedef {import("./types.js").ClipDocument} ClipDocument */

export class Desk extends EventTarget {
  /** @type {ClipDocument} */
  doc;
  /** @type {import("./types.js").Target} */
  target = { kind: "clip" };
  /** The tier that new segments go to. */
  tier = "clip";

  /**
   * @param {import("./judgements.js").Judgements} judgements
   * @param {import("./commands.js").Commands} commands
   * @param {Storage} storage
   * @param {ClipDocument} doc
   */
  constructor(judgements, commands, storage, doc) {
    super();
    this.judgements = judgements;
    this.commands = commands;
    this.drafts = new Drafts(storage);
    this.doc = doc;
    judgements.addEventListener("change", () => this.#changed());
    commands.addEventListener("change", () => this.#changed());
  }

  /** @param {ClipDocument} doc */
  open(doc) {
    this.doc = doc;
    this.target = { kind: "clip" };
    this.tier = "clip";
    this.drafts.open(doc);
    this.commands.open(doc.clip.id);
    this.judgements.load(doc.clip.id, doc.judgements);
  }

  /** The judgement being worked on; null while it is still to be made. @returns {Judgement|null} */
  get judgement() {
    if (this.target.kind === "segment") return this.judgements.get(this.target.id);
    return this.target.kind === "clip" ? this.judgements.ofClip : null;
  }

  /** What the panel shows. @returns {Content} */
  get content() {
    if (this.judgement) return contentOf(this.judgement);
    if (this.target.kind === "draft" && this.drafts.stretch) return this.drafts.stretch;
    return this.drafts.whole ?? blank("clip");
  }

  /** The stretch without a label, if there is one. */
  get stretch() {
    return this.drafts.stretch;
  }

  /** Its bounds. */
  get marked() {
    return this.drafts.marked;
  }

  /** Whether something was said of this clip that is in the browser only, because it has no emotion yet. */
  get unkept() {
    return says(this.drafts.stretch) || (!this.judgements.ofClip && says(this.drafts.whole));
  }

  /** Whether the rater may change it: one's own, or one that is still to be made. */
  get editable() {
    return this.judgement === null || this.judgement.rater.id === this.doc.rater.id;
  }

  /** Bounds of what is worked on, null for the whole clip. @returns {{startUs: number, endUs: number} | null} */
  get span() {
    const { start_us, end_us } = this.content;
    return start_us === null || end_us === null ? null : { startUs: start_us, endUs: end_us };
  }

  /** @param {string} tier @returns {Judgement[]} */
  segments(tier) {
    return this.judgements.mine.filter((judgement) => isSpan(judgement) && judgement.tier === tier);
  }

  selectClip() {
    this.#leave();
    this.#aim({ kind: "clip" });
  }

  /** @param {string} id */
  select(id) {
    this.#leave();
    const judgement = this.judgements.get(id);
    if (!judgement) return;
    if (judgement.rater.id === this.doc.rater.id && isSpan(judgement)) this.tier = judgement.tier;
    this.#aim(isSpan(judgement) || judgement.rater.id !== this.doc.rater.id ? { kind: "segment", id } : { kind: "clip" });
  }

  /**
   * Marks a stretch that is to be labelled. What was said about the stretch marked before goes along if they overlap; elsewhere it would
   * be about something else.
   * @param {string} tier
   * @param {number} startUs
   * @param {number} endUs
   */
  mark(tier, startUs, endUs) {
    const [from, to] = [Math.round(Math.min(startUs, endUs)), Math.round(Math.max(startUs, endUs))];
    if (to <= from) return;
    this.#leave();
    this.tier = tier;
    const { marked } = this;
    const said = marked && from < marked.endUs && marked.startUs < to ? this.stretch : null;
    this.drafts.put({ stretch: { ...(said ?? blank(tier)), tier, start_us: from, end_us: to } });
    this.#aim({ kind: "draft", tier, startUs: from, endUs: to });
  }

  /** Lets the unlabelled stretch go. */
  unmark() {
    this.#leave();
    this.drafts.put({ stretch: null });
    this.#aim({ kind: "clip" });
  }

  /**
   * @param {string} id  emotion
   * @param {{add?: boolean, suggestion?: import("./types.js").Suggestion|null}} [how]  `add`: to a blend
   */
  pick(id, { add = false, suggestion = null } = {}) {
    const { content } = this;
    const emotions = add ? toggle(content.emotions, id) : alone(id);
    this.say({ emotions, outcome: "label", ...edits.provenance(content, id, suggestion) });
  }

  /**
   * Changes what is said about the target. Kept at once when it says enough; otherwise remembered until it does.
   * @param {Partial<Content>} patch
   */
  say(patch) {
    if (!this.editable) return this.note("This is another's judgement. Copy it to make one of your own.");
    const before = this.judgement;
    const after = { ...this.content, ...patch };
    if (!complete(after)) {
      // Without an emotion nothing of it is a model's.
      const rest = { ...after, source: /** @type {const} */ ("human"), model: null, model_score: null };
      // A segment that loses its label stays marked as a stretch, so that its bounds are not lost with it.
      this.drafts.put(isSpan(after) ? { stretch: rest } : { whole: rest });
      if (isSpan(after)) this.target = { kind: "draft", tier: after.tier, startUs: Number(after.start_us), endUs: Number(after.end_us) };
      if (before) this.commands.commit("label removed", edits.replace(before.id, before, null));
      else this.#changed();
      return;
    }
    const label = describe(after, (emotion) => this.nameOf(emotion));
    const id = before?.id ?? uuid();
    const changes = this.#saying(id, before, after);
    if (!isSpan(after)) this.drafts.put({ whole: null });
    else if (!before) this.drafts.put({ stretch: null });
    this.commands.commit(label, changes);
    this.#aim(isSpan(after) ? { kind: "segment", id } : { kind: "clip" });
  }

  /** @param {{segment: Judgement, startUs: number, endUs: number}[]} moves */
  move(moves) {
    this.commands.commit("edge moved", edits.move(this.segments(moves[0].segment.tier), moves));
  }

  /** @param {number} us */
  split(us) {
    const segment = this.judgement ?? null;
    const under =
      segment && isSpan(segment) ? segment : this.segments(this.tier).find((j) => Number(j.start_us) < us && us < Number(j.end_us));
    const cut = under && this.#own(under) ? edits.split(under, us) : null;
    if (!cut) return this.note("Nothing to split: put the playhead inside one of your segments.");
    this.commands.commit("split", cut.changes);
    this.#aim({ kind: "segment", id: cut.right });
  }

  merge() {
    const { judgement } = this;
    const next = judgement && isSpan(judgement) && this.#own(judgement) ? edits.neighbour(this.judgements.mine, judgement, 1, 0) : null;
    if (!judgement || !next) return this.note("Nothing to merge: choose a segment that has another after it.");
    this.commands.commit("merged", edits.merge(judgement, next));
  }

  remove() {
    if (this.target.kind === "draft") return this.unmark();
    const { judgement } = this;
    if (!judgement) return this.note("Nothing to delete here.");
    if (!this.#own(judgement)) return this.note("Only its author may delete it.");
    if (!isSpan(judgement)) this.drafts.put({ whole: null });
    this.target = { kind: "clip" };
    this.commands.commit("deleted", edits.replace(judgement.id, judgement, null));
  }

  /** Of several labels for the whole clip, the one that is shown. What is said anew does the same. */
  keepOne() {
    const { ofClip, wholes } = this.judgements;
    if (ofClip) this.commands.commit("other labels of the clip removed", edits.sayOnce(wholes, ofClip.id, ofClip));
  }

  /** Another's judgement as one's own. */
  adopt() {
    const { judgement } = this;
    if (!judgement || this.#own(judgement)) return;
    const content = edits.adopt(judgement);
    const before = isSpan(content) ? null : this.judgements.ofClip;
    const id = before?.id ?? uuid();
    this.commands.commit("copied", this.#saying(id, before, content));
    this.#aim(isSpan(content) ? { kind: "segment", id } : { kind: "clip" });
  }

  /** Puts an earlier version back, as a new one. @param {Content} content */
  restore(content) {
    const { judgement } = this;
    if (judgement) this.commands.commit("earlier version", this.#saying(judgement.id, judgement, content));
  }

  undo() {
    this.note(this.commands.undo() ?? "Nothing to undo.");
    this.#dropDrafts();
  }

  redo() {
    this.note(this.commands.redo() ?? "Nothing to redo.");
    this.#dropDrafts();
  }

  /** @param {1|-1} direction @param {number} timeUs */
  goTo(direction, timeUs) {
    const from = this.judgement && isSpan(this.judgement) ? this.judgement : null;
    const next = edits.neighbour(from && !this.#own(from) ? this.judgements.all : this.judgements.mine, from, direction, timeUs);
    if (next) this.select(next.id);
    else this.note(direction > 0 ? "No segment after this one." : "No segment before this one.");
    return next;
  }

  /** @param {string} id */
  nameOf(id) {
    return this.doc.scheme.emotions.find((emotion) => emotion.id === id)?.name ?? id;
  }

  /** @param {string} text */
  note(text) {
    this.dispatchEvent(new CustomEvent("note", { detail: text }));
  }

  /** @param {string} id @param {Judgement|null} before  null: to be made @param {Content} after */
  #saying(id, before, after) {
    if (!isSpan(after)) return edits.sayOnce(this.judgements.wholes, id, after);
    return before ? edits.replace(id, before, after) : edits.paint(this.segments(after.tier), id, after);
  }

  /** @param {Judgement} judgement */
  #own(judgement) {
    return judgement.rater.id === this.doc.rater.id;
  }

  #leave() {
    this.dispatchEvent(new Event("leaving"));
  }

  /** @param {import("./types.js").Target} target */
  #aim(target) {
    this.target = target;
    this.#changed();
  }

  /** A draft that was left of a label goes when the label is back. */
  #dropDrafts() {
    const { stretch } = this;
    const again = stretch && this.segments(stretch.tier).find((j) => j.start_us === stretch.start_us && j.end_us === stretch.end_us);
    if (this.judgements.ofClip) this.drafts.put({ whole: null });
    if (again) this.drafts.put({ stretch: null });
    this.#aim(again && this.target.kind === "draft" ? { kind: "segment", id: again.id } : this.target);
  }

  #changed() {
    // What was selected may have been deleted or undone, here or in another tab.
    if (this.target.kind === "segment" && !this.judgements.get(this.target.id)) this.target = { kind: "clip" };
    if (this.target.kind === "draft" && !this.stretch) this.target = { kind: "clip" };
    this.dispatchEvent(new Event("change"));
  }
}
