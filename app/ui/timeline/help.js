/** The sheet of keys. */
import { el } from "./dom.js";
import { BINDINGS } from "./keys.js";

export class Help {
  element = el("dialog.help", { "aria-label": "Keys", "data-testid": "help" });

  constructor() {
    const groups = [...new Set(BINDINGS.map((binding) => binding.group))];
    const rows = (/** @type {string} */ group) =>
      BINDINGS.filter((binding) => binding.group === group).flatMap((binding) => [
        el("dt", {}, el("kbd", {}, binding.shown)),
        el("dd", {}, binding.does),
      ]);
    this.element.append(
      el("header", {}, el("h2", {}, "Keys"), el("button.plain", { type: "button", onclick: () => this.element.close() }, "Close")),
      el("div.groups", {}, ...groups.map((group) => el("section", {}, el("h3", {}, group), el("dl", {}, ...rows(group))))),
      el(
        "p.muted",
        {},
        "With the mouse: drag on a tier draws a stretch, drag an edge moves it (shift moves a shared edge, alt does not snap), ctrl + wheel zooms, shift + wheel pans.",
      ),
    );
    this.element.addEventListener("click", (/** @type {MouseEvent} */ event) => event.target === this.element && this.element.close());
  }

  toggle() {
    if (this.element.open) this.element.close();
    else this.element.showModal();
  }
}
