/** What the pointer does on the speakers' lane: choose, move an edge, give to another row, draw a turn. Escape lets go without. Fires `change`. */
import { at } from "../dom.js";
import { SHORTEST_US, snap } from "../tiers.js";
import { hitTest, rowAt } from "./rows.js";

/** @typedef {import("./turns.js").Turn} Turn */

/** A press that moves less than this is a click. */
const CLICK_PX = 3;
const SNAP_PX = 7;

export class SpeakerPointer extends EventTarget {
  /** @type {((event: PointerEvent, x: number, y: number) => void) | null} */
  #drag = null;
  /** @type {(() => void) | null} */
  #drop = null;

  /**
   * @param {import("./speaker_view.js").SpeakerView} lane
   * @param {import("../view.js").View} view
   * @param {import("../player.js").Player} player
   * @param {AbortSignal} signal
   */
  constructor(lane, view, player, signal) {
    super();
    this.lane = lane;
    this.speakers = lane.speakers;
    this.view = view;
    this.player = player;
    const listen = (/** @type {string} */ name, /** @type {(event: any) => void} */ work) =>
      lane.canvas.addEventListener(name, work, { signal });
    listen("pointerdown", (event) => this.#down(event));
    listen("pointermove", (event) => this.#move(event));
    listen("pointerup", () => this.#up());
    listen("pointercancel", () => this.cancel());
    listen("dblclick", () => this.#zoom());
  }

  get dragging() {
    return this.#drag !== null;
  }

  cancel() {
    this.#drag = this.#drop = this.lane.preview = null;
    this.#changed();
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button !== 0 || !this.lane.rows.length) return;
    const { x, y } = at(event, this.lane.canvas);
    const { row, turn, part } = hitTest(this.lane.rows, this.view, x, y);
    this.lane.canvas.setPointerCapture(event.pointerId);
    if (!turn) return this.#draw(row.speaker, x);
    this.speakers.select(turn.id);
    if (part === "body") this.#carry(turn, y);
    else if (part) this.#hold(turn, part);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const { x, y } = at(event, this.lane.canvas);
    if (this.#drag) return this.#drag(event, x, y);
    const { part } = hitTest(this.lane.rows, this.view, x, y);
    this.lane.canvas.style.cursor = part === "body" ? "pointer" : part ? "ew-resize" : "crosshair";
  }

  #up() {
    const drop = this.#drop;
    this.#drag = this.#drop = null;
    drop?.();
    this.lane.preview = null;
    this.#changed();
  }

  /** A drag on a bare row adds a turn; a click goes there. @param {string|null} speaker @param {number} x0 */
  #draw(speaker, x0) {
    const edges = this.#edges(null);
    this.speakers.selected = null;
    this.speakers.focus(speaker);
    this.#drag = (event, x) => {
      const { preview } = this.lane;
      if (!preview && Math.abs(x - x0) < CLICK_PX) return;
      const startUs = preview?.startUs ?? this.#snapped(this.view.usAt(x0), edges, event);
      this.#show({ id: null, speaker, startUs, endUs: this.#snapped(this.view.usAt(x), edges, event) });
    };
    this.#drop = () => {
      const { preview } = this.lane;
      if (!preview) return this.player.seek(this.view.usAt(x0));
      this.speakers.add(Math.min(preview.startUs, preview.endUs), Math.max(preview.startUs, preview.endUs), speaker);
    };
  }

  /** @param {Turn} turn @param {"start"|"end"} part */
  #hold(turn, part) {
    const edges = this.#edges(turn);
    this.#drag = (event, x) => {
      const us = this.#snapped(this.view.usAt(x), edges, event);
      const startUs = part === "start" ? Math.min(us, turn.end_us - SHORTEST_US) : turn.start_us;
      const endUs = part === "end" ? Math.max(us, turn.start_us + SHORTEST_US) : turn.end_us;
      const { table } = this.player;
      if (!this.player.playing) this.player.seek(table.seekTime(part === "start" ? table.indexAt(us) : table.indexBefore(us)));
      this.#show({ id: turn.id, speaker: turn.speaker, startUs, endUs });
    };
    this.#drop = () => this.lane.preview && this.speakers.move(this.lane.preview.startUs, this.lane.preview.endUs);
  }

  /** To another's row. @param {Turn} turn @param {number} y0 */
  #carry(turn, y0) {
    this.#drag = (_, _x, y) => {
      const { speaker } = rowAt(this.lane.rows, y);
      if (!this.lane.preview && Math.abs(y - y0) < CLICK_PX) return;
      this.#show({ id: turn.id, speaker, startUs: turn.start_us, endUs: turn.end_us });
    };
    this.#drop = () => {
      const to = this.lane.preview?.speaker;
      if (to) this.speakers.give(to);
    };
  }

  /** @param {import("./speaker_view.js").SpeakerView["preview"]} preview */
  #show(preview) {
    this.lane.preview = preview;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }

  #zoom() {
    const { turn } = this.speakers;
    const room = turn ? (turn.end_us - turn.start_us) * 0.15 : 0;
    if (turn) this.view.show(turn.start_us - room, turn.end_us + room);
  }

  /** @param {number} us @param {number[]} edges @param {PointerEvent} event */
  #snapped(us, edges, event) {
    const inside = Math.min(Math.max(us, 0), this.view.durationUs);
    return event.altKey ? Math.round(inside) : snap(inside, edges, SNAP_PX * this.view.usPerPx, this.player.table);
  }

  /** What edges snap to: those of other turns, of speech, the playhead, the clip's own. @param {Turn|null} except */
  #edges(except) {
    const others = this.speakers.turns.filter((turn) => turn.id !== except?.id);
    const speech = this.speakers.desk.doc.analysis?.speech.flat() ?? [];
    return [...others.flatMap((turn) => [turn.start_us, turn.end_us]), ...speech, this.player.shownUs, 0, this.view.durationUs];
  }
}
