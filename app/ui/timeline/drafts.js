/** What was begun on a clip and does not say enough to be a judgement yet. It waits in this browser, also over a reload. */
import { blank, same } from "./judgement.js";
import { ownerOf } from "./outbox.js";

/** @typedef {import("./types.js").Content} Content */

export class Drafts {
  /** Said about the clip as a whole: an intensity or a note without an emotion. @type {Content|null} */
  whole = null;
  /** A stretch that has no label yet. @type {Content|null} */
  stretch = null;
  /** False while the storage has no room: what was begun then lives as long as the page. */
  durable = true;
  #key = "";

  /** @param {Storage} storage */
  constructor(storage) {
    this.storage = storage;
  }

  /** @param {import("./types.js").ClipDocument} doc */
  open(doc) {
    this.#key = `portrayal:draft:${ownerOf(doc)}:${doc.clip.id}`;
    const kept = JSON.parse(this.storage.getItem(this.#key) ?? "{}");
    this.whole = kept.whole ?? null;
    this.stretch = kept.stretch ?? null;
    this.durable = true;
  }

  /** Bounds of the stretch. @returns {{startUs: number, endUs: number} | null} */
  get marked() {
    return this.stretch && { startUs: Number(this.stretch.start_us), endUs: Number(this.stretch.end_us) };
  }

  /** Changes both or one of them, and keeps them. @param {{whole?: Content|null, stretch?: Content|null}} change */
  put(change) {
    Object.assign(this, change);
    const { whole, stretch } = this;
    try {
      if (whole || stretch) this.storage.setItem(this.#key, JSON.stringify({ whole, stretch }));
      else this.storage.removeItem(this.#key);
      this.durable = true;
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.durable = false;
    }
  }
}

/** Whether a draft says anything beyond where it is. @param {Content|null} draft */
export const says = (draft) => draft !== null && !same(draft, blank(draft.tier, draft.start_us, draft.end_us));
