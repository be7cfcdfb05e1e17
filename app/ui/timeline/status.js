/** The small mark that says where one's work is, and the notices for what needs a decision. */
import { el, say, set } from "./dom.js";
import { describe, uuid } from "./judgement.js";

/** @typedef {import("./outbox.js").Waiting} Waiting */
/** @typedef {"saved"|"waiting"|"offline"|"signed-out"|"conflict"|"rejected"|"restarted"|"memory"|"draft"} Mark */

const NOTE_MS = 4000;

export class Status {
  text = el("span");
  mark = el(
    "button.mark",
    { type: "button", "data-testid": "status", "aria-live": "polite" },
    el("span.dot", { "aria-hidden": "true" }),
    this.text,
  );
  /** What was just done, or why not; it goes by itself. */
  note = el("span.passing", { role: "status", "data-testid": "note-line" });
  notices = el("div.notices", { "data-testid": "notices" });
  /** @type {Mark} */
  state = "saved";
  #restarted = false;
  #timer = 0;

  /**
   * @param {import("./outbox.js").Outbox} outbox
   * @param {import("./sender.js").Sender} sender
   * @param {import("./desk.js").Desk} desk
   */
  constructor(outbox, sender, desk) {
    this.outbox = outbox;
    this.sender = sender;
    this.desk = desk;
    this.mark.addEventListener("click", () => this.#pressed());
  }

  /** The server is not the one that this page was loaded from. */
  restarted() {
    this.#restarted = true;
    this.update();
  }

  /** @returns {number} edits that are not yet durable */
  get pending() {
    return this.outbox.pending;
  }

  update() {
    const conflicts = this.outbox.entries.filter((entry) => entry.conflict);
    const { aside } = this.outbox;
    const [mark, text, title] = this.#standing(conflicts.length, aside.length);
    this.state = mark;
    set(this.mark, { "data-status": mark, title });
    say(this.text, text);
    this.notices.replaceChildren(
      ...conflicts.filter((entry) => !entry.after).map((entry) => this.#conflict(entry)),
      ...(aside.length ? [this.#refused(aside)] : []),
      ...(this.desk.judgements.wholes.length > 1 ? [this.#several(this.desk.judgements.wholes)] : []),
    );
  }

  /** What the mark says, the gravest first: its kind, its words, and what they mean. @returns {[Mark, string, string]} */
  #standing(/** @type {number} */ conflicts, /** @type {number} */ refused) {
    const { pending, desk } = this;
    const { state } = this.sender;
    const waiting = `${pending} waiting`;
    if (conflicts) return ["conflict", "Two versions", "Someone changed what you changed: choose below"];
    if (state === "signed-out")
      return ["signed-out", `Signed out · ${waiting}`, "Press to reload and sign in; your edits wait in this browser"];
    if (!this.outbox.durable)
      return ["memory", `${waiting}, not stored`, "This browser gives no room for storage: keep the page open until it says Saved"];
    if (state === "away") {
      const why = "The server cannot be reached; your edits wait in this browser and are sent when it is back. Press to try now";
      return ["offline", `Offline · ${waiting}`, why];
    }
    if (pending) return ["waiting", waiting, "On their way to the server"];
    if (desk.unkept && desk.drafts.durable)
      return ["draft", "Not kept yet: choose an emotion", "What you said waits in this browser; it is no label until you choose an emotion"];
    if (desk.unkept)
      return ["draft", "Not stored: choose an emotion", "This browser gives no room for storage: what you said is lost with the page"];
    if (this.#restarted) return ["restarted", "Saved · reload", "The server was restarted: reload to be up to date. Nothing is lost"];
    if (refused) return ["rejected", `Saved · ${refused} refused`, "Some edits could not be kept: see below"];
    return ["saved", "Saved", "Everything is in the database"];
  }

  /** @param {string} text */
  pass(text) {
    say(this.note, text);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => say(this.note, ""), NOTE_MS);
  }

  #pressed() {
    if (this.state === "restarted" || this.state === "signed-out") location.reload();
    else this.sender.kick();
  }

  /** @param {Waiting} entry */
  #conflict(entry) {
    const current = entry.conflict?.current ?? null;
    const theirs = !current || current.removed ? "deleted" : this.#said(current);
    const mine = entry.judgement ? this.#said(entry.judgement) : "deleted";
    const keep = (/** @type {() => void} */ work) => () => {
      work();
      this.sender.kick();
    };
    return el(
      "div.notice",
      { role: "alert", "data-testid": "conflict", "data-judgement": entry.judgement_id },
      el("p", {}, "This was changed elsewhere while your edit was on its way. Both are kept until you choose."),
      el("div.versions2", {}, el("div", {}, el("b", {}, "Yours"), mine), el("div", {}, el("b", {}, "In the database"), theirs)),
      el(
        "div.choices",
        {},
        el(
          "button.plain",
          { type: "button", "data-testid": "keep-mine", onclick: keep(() => this.outbox.keepMine(entry, uuid())) },
          "Keep mine",
        ),
        el(
          "button.plain",
          { type: "button", "data-testid": "keep-theirs", onclick: keep(() => this.outbox.keepTheirs(entry)) },
          "Keep the other",
        ),
      ),
    );
  }

  /** @param {Waiting[]} aside */
  #refused(aside) {
    return el(
      "div.notice",
      { role: "alert", "data-testid": "refused" },
      el("p", {}, "Not kept in the database:"),
      el(
        "ul",
        {},
        ...aside.map((entry) =>
          el("li", {}, `${entry.judgement ? this.#said(entry.judgement) : "a deletion"} (clip ${entry.clip}): ${entry.reason ?? ""}`),
        ),
      ),
      el("button.plain", { type: "button", onclick: () => this.outbox.clearAside() }, "I have seen it"),
    );
  }

  /** @param {import("./types.js").Judgement[]} wholes */
  #several([shown, ...others]) {
    return el(
      "div.notice",
      { role: "alert", "data-testid": "several" },
      el("p", {}, `You have ${others.length + 1} labels for the whole clip, and an export has them all. Shown is the latest; there is also:`),
      el("ul", {}, ...others.map((other) => el("li", {}, this.#said(other)))),
      el("div.choices", {}, el("button.plain", { type: "button", onclick: () => this.desk.keepOne() }, `Keep ${this.#said(shown)} alone`)),
    );
  }

  /** @param {import("./types.js").Content} content */
  #said(content) {
    const extras = [
      content.intensity && `intensity ${content.intensity}`,
      content.confidence && `confidence ${content.confidence}`,
      content.note && `“${content.note}”`,
    ];
    return [describe(content, (id) => this.desk.nameOf(id)), ...extras].filter(Boolean).join(" · ");
  }
}
