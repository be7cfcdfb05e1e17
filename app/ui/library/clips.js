/** Draws a page of clips, lets some be chosen, and tells Python which were opened or are to be analysed. */

import { drawCard } from "./card.js";
import { element, isDark } from "./dom.js";

/** What is kept between two calls for one place on the page. @type {WeakMap<object, Wall>} */
const walls = new WeakMap();

/** @param {any} component  as Streamlit hands it over */
export function show(component) {
  const { parentElement } = component;
  const wall = walls.get(parentElement) ?? new Wall(parentElement.querySelector(".root"));
  walls.set(parentElement, wall);
  wall.update(component);
}

/** @param {object} parentElement */
export function leave(parentElement) {
  walls.delete(parentElement);
}

class Wall {
  /** @type {Set<number>} */ chosen = new Set();
  /** Where a shift-click reaches back to. @type {number | null} */ anchor = null;
  /** @type {Map<number, {drawn: string, node: HTMLElement}>} */ drawn = new Map();

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.bar = element("div.bar", { role: "status" });
    this.cards = element("div.cards");
    this.root.append(this.bar, this.cards);
    this.cards.onclick = (event) => this.click(event);
  }

  update({ data, setTriggerValue, parentElement }) {
    this.data = data;
    this.trigger = setTriggerValue;
    this.cards.className = `cards ${data.view}`;
    const dark = isDark(parentElement.host ?? parentElement);
    const look = JSON.stringify([data.families, dark]);
    const nodes = data.cards.map((/** @type {import("./card.js").Card} */ card) => this.node(card, look, dark));
    // Only what changed is drawn anew: posters do not flicker and a hovered card stays hovered while jobs report their progress.
    nodes.forEach((node, place) => this.cards.children[place] !== node && this.cards.insertBefore(node, this.cards.children[place] ?? null));
    while (this.cards.children.length > nodes.length) this.cards.lastChild?.remove();
    const here = new Set(data.cards.map((card) => card.id));
    for (const id of this.drawn.keys()) if (!here.has(id)) this.drawn.delete(id);
    for (const id of this.chosen) if (!here.has(id)) this.chosen.delete(id);
    this.mark();
  }

  node(card, look, dark) {
    const text = JSON.stringify(card) + look;
    const there = this.drawn.get(card.id);
    if (there?.drawn === text) return there.node;
    const families = Object.fromEntries(this.data.families.map((family) => [family.id, family]));
    const node = drawCard(card, families, dark);
    this.drawn.set(card.id, { drawn: text, node });
    return node;
  }

  click(event) {
    const card = event.target.closest(".card");
    if (!card) return;
    const id = Number(card.dataset.id);
    if (event.target.closest(".pick")) {
      if (event.target.tagName === "INPUT") this.pick(id, event.shiftKey);
    } else if (event.target.closest("a") && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault(); // within the page: Streamlit changes pages without loading itself anew
      this.trigger("open", id);
    }
  }

  pick(id, reachesBack) {
    const order = this.data.cards.map((card) => card.id);
    const on = !this.chosen.has(id);
    const from = reachesBack && this.anchor !== null ? order.indexOf(this.anchor) : -1;
    const to = order.indexOf(id);
    const ids = from < 0 ? [id] : order.slice(Math.min(from, to), Math.max(from, to) + 1);
    for (const one of ids) on ? this.chosen.add(one) : this.chosen.delete(one);
    this.anchor = id;
    this.mark();
  }

  mark() {
    for (const [id, { node }] of this.drawn) {
      node.classList.toggle("chosen", this.chosen.has(id));
      node.querySelector("input").checked = this.chosen.has(id);
    }
    this.root.classList.toggle("choosing", this.chosen.size > 0);
    this.bar.replaceChildren(...(this.chosen.size ? this.actions() : []));
  }

  actions() {
    const button = (text, act, kind = "") => element(`button${kind}`, { type: "button", onclick: act }, text);
    return [
      element("span", {}, `${this.chosen.size} chosen`),
      button("Analyse", () => this.trigger("analyse", [...this.chosen]) ?? this.choose([]), ".main"),
      button("Choose the page", () => this.choose(this.data.cards.map((card) => card.id))),
      button("Clear", () => this.choose([])),
    ];
  }

  choose(ids) {
    this.chosen = new Set(ids);
    this.mark();
  }
}
