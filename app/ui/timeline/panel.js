/** The label of what is selected: emotions and their weights, intensity, confidence, the two ways to decline, note, history. */
import { weigh, without } from "./blend.js";
import { el, icon, say, set } from "./dom.js";
import { HistoryView } from "./history.js";
import { blank, same } from "./judgement.js";
import { GREY } from "./theme.js";
import { numberedElsewhere, tierTitle } from "./tiers.js";
import { formatTime } from "./time.js";

/** @typedef {import("./types.js").Content} Content */

const INTENSITIES = ["below medium", "medium", "high", "extremely high"];
const CONFIDENCES = ["guessing", "unsure", "fairly sure", "sure", "certain"];

/** Typing in the note is one edit when the rater pauses this long or leaves it. */
const PAUSE_MS = 1500;

export class Panel {
  #noteTimer = 0;
  /** What the note shown belongs to. */
  #shown = "";

  /**
   * @param {import("./desk.js").Desk} desk
   * @param {import("./picker.js").Picker} picker
   * @param {import("./api.js").Api} api
   * @param {() => import("./theme.js").Theme} theme
   * @param {() => void} leave
   */
  constructor(desk, picker, api, theme, leave) {
    this.desk = desk;
    this.theme = theme;
    this.title = el("h2");
    this.where = el("span.where");
    this.label = el("div.label", { "data-testid": "label-clip", "aria-live": "polite" });
    this.intensity = scale("Intensity", "intensity", INTENSITIES, (value) => this.#say({ intensity: value }, leave));
    this.confidence = scale("Confidence", "confidence", CONFIDENCES, (value) => this.#say({ confidence: value }, leave));
    this.none = this.#decline("None of these", "none_of_these");
    this.cannot = this.#decline("Cannot judge", "cannot_judge");
    this.note = el("textarea.note", { rows: "1", placeholder: "Note", "aria-label": "Note", "data-testid": "note", maxlength: "10000" });
    this.note.addEventListener("input", () => {
      clearTimeout(this.#noteTimer);
      this.#noteTimer = window.setTimeout(() => this.flush(), PAUSE_MS);
    });
    this.note.addEventListener("blur", () => this.flush());
    this.note.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && leave());
    desk.addEventListener("leaving", () => this.flush());
    this.adopt = el("button.plain", { type: "button", onclick: () => desk.adopt() }, "Copy to my tier");
    this.history = new HistoryView(desk, api);
    this.element = el(
      "aside.panel",
      { "aria-label": "Label" },
      el("header", {}, this.title, this.where, this.label, this.adopt),
      picker.element,
      el(
        "div.foot",
        {},
        el("div.scales", {}, this.intensity.element, this.confidence.element),
        el("div.declines", {}, this.none, this.cannot, this.note),
      ),
      this.history.element,
    );
  }

  /** The target or its judgement changed. */
  update() {
    const { desk } = this;
    const { content, judgement } = desk;
    const whole = content.start_us === null;
    say(this.title, whole ? "Whole clip" : content.tier === "clip" ? "Stretch" : tierTitle(content.tier, desk.doc));
    const times = whole ? "" : `${formatTime(Number(content.start_us))} – ${formatTime(Number(content.end_us))}`;
    say(this.where, numberedElsewhere(judgement, desk.doc) ? `${times} · numbered by an earlier analysis: look which face it is` : times);
    set(this.label, {
      "data-testid": whole ? "label-clip" : "label-segment",
      "data-emotions": content.emotions.map((e) => e.id).join("|"),
      "data-outcome": content.outcome,
      "data-source": judgement?.source ?? null,
    });
    this.label.replaceChildren(...this.#chips(content));
    this.intensity.show(content.intensity);
    this.confidence.show(content.confidence);
    set(this.none, { "aria-pressed": String(content.outcome === "none_of_these") });
    set(this.cannot, { "aria-pressed": String(content.outcome === "cannot_judge") });
    // While one types, what comes back from the server does not overtake it; another target brings its own note at once.
    const target = `${desk.doc.clip.id} ${JSON.stringify(desk.target)}`;
    const typing = this.note.getRootNode().activeElement === this.note && target === this.#shown;
    if (!typing && this.note.value !== content.note) this.note.value = content.note;
    this.#shown = target;
    set(this.element, { "data-readonly": desk.editable ? null : true });
    this.note.readOnly = !desk.editable;
    set(this.adopt, { hidden: desk.editable });
    this.history.update(judgement?.id ?? null);
  }

  /** Whether the note holds something that is no edit yet. */
  get typing() {
    return this.desk.editable && this.note.value !== this.desk.content.note;
  }

  /** What is typed in the note becomes an edit now. */
  flush() {
    clearTimeout(this.#noteTimer);
    if (this.typing) this.desk.say({ note: this.note.value });
  }

  /** @param {Content} content */
  #chips(content) {
    if (content.outcome !== "label")
      return [el("span.said", {}, content.outcome === "none_of_these" ? "None of these" : "Cannot judge"), this.#clear()];
    if (!content.emotions.length) {
      // An intensity or a note alone is no judgement: it waits in this browser for the emotion it belongs to.
      const begun = this.desk.target.kind === "draft" || !same(content, blank(content.tier));
      return [el("span.unsaid", {}, begun ? "Choose an emotion to keep it" : "No label yet")];
    }
    const blend = content.emotions.length > 1;
    return content.emotions.map(({ id, weight }) => {
      const tint = this.theme().familyOf.get(id) ?? GREY;
      const remove = el(
        "button.remove",
        {
          type: "button",
          "aria-label": `Remove ${this.desk.nameOf(id)}`,
          onclick: () => this.desk.say({ emotions: without(content.emotions, id) }),
        },
        icon("remove"),
      );
      const chip = el(
        "span.chip",
        { "--tint": tint.colour, "--on": tint.on, "data-testid": "chosen", "data-emotion": id },
        el("span.letter", {}, tint.letter),
        this.desk.nameOf(id),
        remove,
      );
      return blend ? el("div.share", {}, chip, this.#weight(content, id, weight)) : chip;
    });
  }

  /** @param {Content} content @param {string} id @param {number} weight */
  #weight(content, id, weight) {
    const shown = el("output", {}, `${Math.round(weight * 100)} %`);
    const slider = el("input", {
      type: "range",
      min: "5",
      max: "95",
      step: "5",
      value: String(Math.round(weight * 100)),
      "aria-label": `Share of ${this.desk.nameOf(id)}`,
      "data-testid": "weight",
    });
    slider.addEventListener("input", () => say(shown, `${slider.value} %`));
    slider.addEventListener("change", () => this.desk.say({ emotions: weigh(content.emotions, id, Number(slider.value) / 100) }));
    return el("label.weight", {}, slider, shown);
  }

  #clear() {
    return el(
      "button.remove",
      { type: "button", "aria-label": "Take it back", onclick: () => this.desk.say({ outcome: "label" }) },
      icon("remove"),
    );
  }

  /** @param {string} text @param {"none_of_these"|"cannot_judge"} outcome */
  #decline(text, outcome) {
    const said = () =>
      this.desk.content.outcome === outcome
        ? { outcome: /** @type {const} */ ("label") }
        : { outcome, emotions: [], source: /** @type {const} */ ("human"), model: null, model_score: null };
    return el(
      "button.plain",
      { type: "button", "aria-pressed": "false", "data-testid": outcome, onclick: () => this.desk.say(said()) },
      text,
    );
  }

  /** @param {Partial<Content>} patch @param {() => void} leave */
  #say(patch, leave) {
    this.desk.say(patch);
    leave();
  }
}

/**
 * A row of numbered choices; choosing the chosen one takes it back. A digit chooses while it has the keyboard.
 * @param {string} name
 * @param {string} testid
 * @param {string[]} words  what 1, 2, 3 … mean
 * @param {(value: number|null) => void} choose
 */
function scale(name, testid, words, choose) {
  /** @type {number|null} */
  let shown = null;
  const meaning = el("span.meaning");
  const pick = (/** @type {number} */ value) => choose(value === shown ? null : value);
  const buttons = words.map((word, nth) =>
    el(
      "button.step",
      {
        type: "button",
        role: "radio",
        "aria-checked": "false",
        "aria-label": `${nth + 1}, ${word}`,
        title: word,
        "data-value": nth + 1,
        onclick: () => pick(nth + 1),
      },
      String(nth + 1),
    ),
  );
  const row = el("div.steps", { role: "radiogroup", "aria-label": name, "data-testid": testid }, ...buttons);
  row.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const digit = /^Digit([1-9])$/.exec(event.code);
    const arrow = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (digit && Number(digit[1]) <= words.length) pick(Number(digit[1]));
    else if (arrow) buttons[(buttons.indexOf(/** @type {any} */ (event.target)) + arrow + buttons.length) % buttons.length].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return {
    element: el("div.scale", {}, el("span.caption", {}, name), row, meaning),
    focus: () => buttons[(shown ?? 1) - 1].focus(),
    show: (/** @type {number|null} */ value) => {
      shown = value;
      for (const [nth, button] of buttons.entries())
        set(button, { "aria-checked": String(nth + 1 === value), tabindex: nth + 1 === (value ?? 1) ? "0" : "-1" });
      say(meaning, value ? words[value - 1] : "");
    },
  };
}
