/**
 * The emotion picker: a few letters and Enter, or a family's key and a number, or a click. By keyboard alone and with a screen reader:
 * one combobox whose list is always open; the option that Enter would take is its active descendant.
 */
import { el, say, set } from "./dom.js";
import { foremost } from "./edits.js";
import { familyRow, option, recentRow } from "./options.js";
import { foundBy, search } from "./search.js";

/** @typedef {import("./types.js").Emotion} Emotion */

/** The twelve keys of the number row, by their place: the same keys on every layout, whatever is printed on them. */
export const FAMILY_CODES = [..."123456789"].map((digit) => `Digit${digit}`).concat("Digit0", "Minus", "Equal");
const FAMILY_CAPS = [..."1234567890", "−", "="];

const RECENT = 5;

export class Picker extends EventTarget {
  input = el("input.query", {
    type: "text",
    role: "combobox",
    placeholder: "Type a few letters, or press a family's key",
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": "Emotion",
    "aria-expanded": "true",
    "aria-controls": "emotions",
    "aria-autocomplete": "list",
    "data-testid": "picker-input",
  });
  listbox = el("div.options", { id: "emotions", role: "listbox", "aria-label": "Emotions", "aria-multiselectable": "true" });
  definition = el("p.definition", { "data-testid": "definition", "aria-live": "polite" });
  element = el("section.picker", { "aria-label": "Emotion picker" }, this.input, this.listbox, this.definition);
  /** @type {HTMLElement[]} */
  #options = [];
  #active = -1;
  /** @type {string|null} */
  #family = null;
  /** The suggestion that is being accepted. @type {import("./types.js").Suggestion|null} */
  #accepting = null;
  /** @type {Set<string>} */
  #chosen = new Set();
  #caps = FAMILY_CAPS;
  #gridPx = 0;

  /**
   * @param {import("./desk.js").Desk} desk
   * @param {import("./prefs.js").Prefs} prefs
   * @param {() => void} leave  gives the keyboard back to the timeline
   */
  constructor(desk, prefs, leave) {
    super();
    this.desk = desk;
    this.prefs = prefs;
    this.leave = leave;
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#key(event));
    this.listbox.addEventListener("click", (/** @type {MouseEvent} */ event) => this.#click(event));
    this.listbox.addEventListener("pointerover", (/** @type {PointerEvent} */ event) => this.#define(optionOf(event)));
    this.listbox.addEventListener("pointerleave", () => this.#define(this.#options[this.#active] ?? null));
    this.listbox.addEventListener("focusin", (/** @type {FocusEvent} */ event) => this.#define(optionOf(event)));
    this.#readCaps();
  }

  /** A new clip, or a new theme. @param {import("./theme.js").Theme} theme */
  open(theme) {
    this.theme = theme;
    this.input.value = "";
    this.#family = this.#accepting = null;
    this.#build();
  }

  /** Another judgement is being worked on, or its label changed. */
  update() {
    this.#chosen = new Set(this.desk.content.emotions.map((emotion) => emotion.id));
    for (const option of this.#options) set(option, { "aria-selected": String(this.#chosen.has(option.dataset.emotion ?? "")) });
    set(this.element, { "data-closed": this.desk.editable ? null : true });
    this.input.disabled = !this.desk.editable;
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  /** Opens a family: its emotions are numbered. @param {string|null} family */
  openFamily(family) {
    this.#family = family;
    this.#accepting = null;
    this.input.value = "";
    this.#build();
    if (family) this.#activate(this.#options.findIndex((option) => option.dataset.family === family));
    this.focus();
  }

  /**
   * Takes up a suggestion: its family is open, and its first emotion is what Enter would take, unless the models cannot tell it from
   * others. The pick stays the person's.
   * @param {import("./types.js").Suggestion} suggestion
   */
  accept(suggestion) {
    this.openFamily(suggestion.family);
    this.#accepting = suggestion;
    const first = foremost(suggestion);
    this.#activate(
      first.length === 1 ? this.#options.findIndex((option) => option.dataset.emotion === first[0] && !option.dataset.recent) : -1,
    );
  }

  /** A key of the number row, pressed here or on the timeline. @param {string} code @returns {boolean} whether it meant something */
  digit(code, add = false) {
    const place = FAMILY_CODES.indexOf(code);
    if (place < 0) return false;
    if (this.#family) {
      const inside = this.#options.filter((option) => option.dataset.family === this.#family && !option.dataset.recent);
      if (inside[place]) this.#pick(inside[place].dataset.emotion ?? "", add);
      return true;
    }
    const family = this.desk.doc.scheme.families[place];
    if (family) this.openFamily(family.id);
    return Boolean(family);
  }

  /** One of the emotions used last. @param {number} place from 0 */
  recent(place) {
    const id = this.prefs.get("recent")[place];
    if (id) this.#pick(id, false);
    else this.desk.note("Nothing used there yet.");
  }

  #typed() {
    this.#family = this.#accepting = null;
    this.#build();
    this.#activate(this.input.value.trim() ? 0 : -1);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const empty = this.input.value === "";
    const moves = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1 });
    if (event.key in moves) this.#activate(this.#step(moves[event.key]));
    else if (empty && event.key === "ArrowRight") this.#activate(this.#step(1));
    else if (empty && event.key === "ArrowLeft") this.#activate(this.#step(-1));
    else if (event.key === "Enter") this.#enter(event.shiftKey);
    else if (event.key === "Escape") this.#escape();
    else if (empty && !event.ctrlKey && !event.metaKey && !event.altKey && FAMILY_CODES.includes(event.code)) {
      if (event.shiftKey && !this.#family) this.recent(FAMILY_CODES.indexOf(event.code));
      else this.digit(event.code, event.shiftKey);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} by */
  #step(by) {
    const count = this.#options.length;
    if (!count) return -1;
    return this.#active < 0 ? (by > 0 ? 0 : count - 1) : (this.#active + by + count) % count;
  }

  /** @param {boolean} add */
  #enter(add) {
    const option = this.#options[this.#active];
    if (option) this.#pick(option.dataset.emotion ?? "", add);
    else this.leave();
  }

  #escape() {
    if (this.input.value || this.#family) {
      this.input.value = "";
      this.#family = this.#accepting = null;
      this.#build();
    } else this.leave();
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const head = /** @type {Element} */ (event.target).closest("[data-open]");
    if (head) return this.openFamily(head.getAttribute("data-open"));
    const option = optionOf(event);
    if (option) this.#pick(option.dataset.emotion ?? "", event.shiftKey);
  }

  /** @param {string} id @param {boolean} add */
  #pick(id, add) {
    if (!this.desk.editable) return;
    const suggestion = this.#accepting;
    this.input.value = "";
    this.#family = this.#accepting = null;
    this.prefs.put("recent", [id, ...this.prefs.get("recent").filter((/** @type {string} */ other) => other !== id)].slice(0, RECENT));
    this.desk.pick(id, { add, suggestion });
    this.#build();
    this.leave();
  }

  /** @param {number} place */
  #activate(place) {
    this.#options[this.#active]?.classList.remove("active");
    this.#active = place;
    const option = this.#options[place] ?? null;
    option?.classList.add("active");
    option?.scrollIntoView({ block: "nearest" });
    set(this.input, { "aria-activedescendant": option?.id ?? null });
    this.#define(option);
  }

  /** @param {HTMLElement|null} option */
  #define(option) {
    const emotion = option && this.desk.doc.scheme.emotions.find((candidate) => candidate.id === option.dataset.emotion);
    this.definition.replaceChildren(
      ...(emotion ? [el("b", {}, emotion.name), el("i", { lang: "sv" }, emotion.name_sv ?? ""), emotion.definition] : []),
    );
  }

  #build() {
    const query = this.input.value.trim();
    // What is found takes the grid's room, so that nothing below it moves while one types.
    if (!this.listbox.classList.contains("found")) this.#gridPx = this.listbox.offsetHeight;
    this.listbox.style.minHeight = query ? `${this.#gridPx}px` : "";
    this.listbox.replaceChildren(...(query ? this.#found(query) : this.#grid()));
    set(this.listbox, { class: query ? "options found" : this.#family ? "options grid focused" : "options grid" });
    this.#options = [...this.listbox.querySelectorAll("[role=option]")];
    for (const [nth, one] of this.#options.entries()) one.id = `option-${nth}`;
    this.#active = -1;
    set(this.input, { "aria-activedescendant": null });
    this.update();
    this.#define(null);
  }

  /** @param {string} query */
  #found(query) {
    const emotions = search(this.desk.doc.scheme.emotions, query);
    if (!emotions.length) return [el("p.none", {}, `No emotion has “${query}” in its name, code or synonyms.`)];
    return emotions.map((emotion) => option(emotion, this.theme?.familyOf.get(emotion.id), { by: foundBy(emotion, query) }));
  }

  #grid() {
    const { scheme, suggestion, project } = this.desk.doc;
    const tintOf = (/** @type {string} */ id) => this.theme?.familyOf.get(id);
    const used = this.prefs.get("recent").flatMap((id) => scheme.emotions.find((emotion) => emotion.id === id) ?? []);
    const rows = scheme.families.map((family, nth) => {
      const open = this.#family === family.id;
      const emotions = scheme.emotions.filter((emotion) => emotion.family === family.id);
      const options = emotions.map((emotion, place) => option(emotion, tintOf(emotion.id), { cap: open ? FAMILY_CAPS[place] : "" }));
      const evidence = project.blind ? 0 : (suggestion?.families[family.id] ?? 0);
      return familyRow(family, this.theme?.families.get(family.id), { cap: this.#caps[nth] ?? "", open, evidence }, options);
    });
    return [recentRow(used, tintOf), ...rows];
  }

  /** What the keys right of 0 are called on this keyboard, where the browser tells. */
  async #readCaps() {
    const layout = await /** @type {any} */ (navigator).keyboard?.getLayoutMap?.();
    if (!layout) return;
    this.#caps = FAMILY_CODES.map((code, nth) => layout.get(code) ?? FAMILY_CAPS[nth]);
    for (const [nth, cap] of [...this.listbox.querySelectorAll(".family:not(.recent) .familyname kbd")].entries())
      say(cap, this.#caps[nth]);
  }
}

/** @param {Event} event @returns {HTMLElement|null} */
const optionOf = (event) => /** @type {Element} */ (event.target).closest?.("[data-emotion]") ?? null;
