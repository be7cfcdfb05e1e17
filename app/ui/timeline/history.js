/** Every version of a judgement, newest first, each of which can be put back. */
import { el, set } from "./dom.js";
import { contentOf, describe, same } from "./judgement.js";

export class HistoryView {
  list = el("ol.versions", { "data-testid": "history" });
  element = el("details.history", {}, el("summary", {}, "History"), this.list);
  /** @type {string|null} */
  #id = null;
  #revision = -1;

  /** @param {import("./desk.js").Desk} desk @param {import("./api.js").Api} api */
  constructor(desk, api) {
    this.desk = desk;
    this.api = api;
    this.element.addEventListener("toggle", () => {
      this.#revision = -1;
      this.update(this.#id, { opened: true });
    });
  }

  /** @param {string|null} id  the judgement that is being worked on @param {{opened?: boolean}} [how]  `opened` just now: it comes into sight */
  async update(id, { opened = false } = {}) {
    const judgement = id ? this.desk.judgements.get(id) : null;
    set(this.element, { hidden: !id });
    const changed = id !== this.#id || judgement?.revision !== this.#revision;
    this.#id = id;
    if (!id || !this.element.open || !changed || judgement?.pending) return;
    this.#revision = judgement?.revision ?? -1;
    try {
      const operations = await this.api.history(id);
      if (id !== this.#id) return;
      this.list.replaceChildren(...operations.map((operation, nth) => this.#version(operation, nth === 0)));
      if (opened) this.element.scrollIntoView({ block: "nearest" });
    } catch (error) {
      if (id === this.#id)
        this.list.replaceChildren(el("li.muted", {}, `The history cannot be shown now: ${/** @type {Error} */ (error).message}`));
      this.#revision = -1;
    }
  }

  /** @param {any} operation @param {boolean} newest */
  #version(operation, newest) {
    const content = operation.judgement && contentOf(operation.judgement);
    const said = content ? describe(content, (id) => this.desk.nameOf(id)) : "deleted";
    const extras = content
      ? [
          content.intensity && `intensity ${content.intensity}`,
          content.confidence && `confidence ${content.confidence}`,
          content.note && `“${content.note}”`,
        ]
      : [];
    const restore = content && !newest && this.desk.editable && !same(content, this.desk.content);
    return el(
      "li",
      { "data-testid": "version", "data-revision": operation.revision },
      el("span.revision", {}, String(operation.revision)),
      el("span.what", {}, [said, ...extras].filter(Boolean).join(" · ")),
      el("span.who", { title: operation.created_at }, `${operation.rater.name}, ${clockTime(operation.created_at)}`),
      restore && el("button.plain.small", { type: "button", onclick: () => this.desk.restore(content) }, "Restore"),
    );
  }
}

/** Day and time as the rater's own place writes them. @param {string} iso */
function clockTime(iso) {
  const moment = new Date(iso);
  return Number.isNaN(moment.getTime())
    ? iso
    : moment.toLocaleString(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
}
