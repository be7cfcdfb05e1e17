/** `localStorage` as browsers have it, for one test; `full` makes it refuse as a full one does. */
export class Store {
  #items = new Map();
  full = false;

  get length() {
    return this.#items.size;
  }

  key(place) {
    return [...this.#items.keys()][place] ?? null;
  }

  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  setItem(key, text) {
    if (this.full) throw new DOMException("no room", "QuotaExceededError");
    this.#items.set(key, String(text));
  }

  removeItem(key) {
    this.#items.delete(key);
  }
}
