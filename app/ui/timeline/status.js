/** The small mark that says where one's work is, and the notices for what needs a decision. */
import { el, say, set } from "./dom.js";
import { isCorrection } from "./corrections/carry.js";
import { summary } from "./corrections/words.js";
import { describe, uuid } from "./judgement.js";

/** @typedef {import("./outbox.js").Waiting} Waiting */
/** @typedef {"saved"|"waiting"|"offline"|"signed-out"|"conflict"|"rejected"|"outdated"|"memory"|"draft"} Mark */

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
  /** @type {"same"|"other"|null} */
  #restarted = null;
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

  /**
   * The program behind the page was started anew.
   * @param {"same"|"other"} as  `other`: in another version, for another rater or over other data, so that the page is out of date
   */
  restarted(as) {
    if (this.#restarted !== "other") this.#restarted = as;
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
      ...(this.#restarted ? [this.#anew(this.#restarted)] : []),
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
    if (this.#restarted === "other") return ["outdated", "Saved · reload", "The program is another than this page's: see the notice"];
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
    if (this.state === "outdated" || this.state === "signed-out") location.reload();
    else this.sender.kick();
  }

  /** @param {Waiting} entry */
  #conflict(entry) {
    const current = entry.conflict?.current ?? null;
    const lane = isCorrection(entry);
    const theirs = lane ? summary(current) : !current || current.removed ? "deleted" : this.#said(current);
    const mine = this.#edit(entry) ?? "deleted";
    const keep = (/** @type {() => void} */ work) => () => {
      work();
      this.sender.kick();
    };
    return el(
      "div.notice",
      { role: "alert", "data-testid": "conflict", "data-judgement": entry.judgement_id, "data-lane": lane && entry.kind },
      el("p", {}, "This was changed elsewhere while your edit was on its way. Both are kept until you choose."),
      el("div.versions2", {}, el("div", {}, el("b", {}, "Yours"), mine), el("div", {}, el("b", {}, "In the database"), theirs)),
      el(
        "div.choices",
        {},
        el(
          "button.plain",
          { type: "button", "data-testid": "keep-mine", onclick: keep(() => this.outbox.keepMine(entry, uuid())) },
          lane ? "Do mine there too" : "Keep mine",
        ),
        el(
          "button.plain",
          { type: "button", "data-testid": "keep-theirs", onclick: keep(() => this.outbox.keepTheirs(entry)) },
          lane ? "Leave mine out" : "Keep the other",
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
          el("li", {}, `${this.#edit(entry) ?? "a deletion"} (clip ${entry.clip}): ${entry.reason ?? ""}`),
        ),
      ),
      el("button.plain", { type: "button", onclick: () => this.outbox.clearAside() }, "I have seen it"),
    );
  }

  /** @param {"same"|"other"} as */
  #anew(as) {
    const said =
      as === "same"
        ? "The program was restarted. Nothing is lost, and what you see is up to date: go on. Should the menu above not answer, reload the page."
        : "The program was restarted, and is not the one that this page comes from. Nothing is lost; reload when it suits you.";
    const seen = () => {
      this.#restarted = null;
      this.update();
    };
    const reload = el("button.plain", { type: "button", onclick: () => location.reload() }, "Reload");
    const close = el("button.plain", { type: "button", onclick: seen }, "I have seen it");
    return el(
      "div.notice.calm",
      { role: "status", "data-testid": "restarted" },
      el("p", {}, said),
      el("div.choices", {}, reload, as === "same" && close),
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

  /** What an edit says; null for a deletion. @param {Waiting} entry */
  #edit(entry) {
    if (isCorrection(entry)) return entry.said ?? "a correction";
    return entry.judgement ? this.#said(entry.judgement) : null;
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
