/** How this rater likes the editor: kept in the browser, shared by all clips. */

const DEFAULTS = {
  folded: /** @type {string[]} */ ([]),
  opened: /** @type {string[]} */ ([]),
  mode: "stacked",
  boxes: true,
  recent: /** @type {string[]} */ ([]),
  swedish: false,
};

/** @typedef {typeof DEFAULTS} Values */

export class Prefs {
  /** @type {Values} */
  #values;

  /** @param {Storage} storage @param {string} owner */
  constructor(storage, owner) {
    this.storage = storage;
    this.key = `portrayal:prefs:${owner}`;
    this.#values = { ...DEFAULTS, ...JSON.parse(storage.getItem(this.key) ?? "{}") };
  }

  /** @template {keyof Values} K @param {K} name @returns {Values[K]} */
  get(name) {
    return this.#values[name];
  }

  /** @template {keyof Values} K @param {K} name @param {Values[K]} value */
  put(name, value) {
    this.#values = { ...this.#values, [name]: value };
    try {
      this.storage.setItem(this.key, JSON.stringify(this.#values));
    } catch (error) {
      // Without room a preference lasts as long as the page.
      if (!(error instanceof DOMException)) throw error;
    }
  }
}
