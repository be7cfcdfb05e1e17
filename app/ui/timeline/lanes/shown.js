/** What the lanes are drawn from, as it arrives: the model's traces, the sound's peaks, a second analysis. */
import { groupsOf } from "./groups.js";

/** @typedef {import("../traces.js").Trace} Trace */
/** @typedef {import("../clock.js").FrameTable} FrameTable */

export class ShownLanes {
  /** @type {Trace[]|null} */
  traces = null;
  /** @type {Int8Array|null} */
  peaks = null;
  loading = true;

  /**
   * @param {import("../board.js").Board} board
   * @param {import("../api.js").Api} api
   * @param {import("../prefs.js").Prefs} prefs
   * @param {import("../compare.js").Compare} compare
   */
  constructor(board, api, prefs, compare) {
    this.board = board;
    this.api = api;
    this.prefs = prefs;
    this.compare = compare;
  }

  /** Another clip: nothing of it is there yet. */
  clear() {
    this.traces = this.peaks = null;
    this.loading = true;
  }

  /** Each point of a face speaks for exactly its frame. @param {FrameTable} table */
  align(table) {
    for (const trace of [...(this.traces ?? []), ...(this.compare.other?.traces ?? [])]) trace.align(table);
  }

  /** @param {import("../types.js").ClipDocument} doc @param {FrameTable} table */
  show(doc, table) {
    this.align(table);
    const { traces, peaks, loading } = this;
    const how = {
      mode: () => /** @type {"stacked"|"heat"} */ (this.prefs.get("mode")),
      tile: (/** @type {number} */ k) => this.api.spectrogram(doc.clip.id, k),
      redraw: () => this.board.redraw("lanes"),
    };
    this.board.stack.show(groupsOf(doc, { traces, peaks, loading, other: this.compare.other }, how));
    this.board.redraw("over");
  }
}
