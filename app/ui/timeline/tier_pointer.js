/** What the pointer does on the tiers: choose, draw a stretch, move an edge. Nothing is saved before it is let go; Escape lets go without. */
import { at } from "./dom.js";
import { SHORTEST_US, hitTest, sharing, snap } from "./tiers.js";

/** @typedef {import("./types.js").Judgement} Judgement */

/** A press that moves less than this is a click. */
const CLICK_PX = 3;
const SNAP_PX = 7;

export class TierPointer {
  /** @type {((event: PointerEvent, x: number) => void) | null} */
  #drag = null;
  /** @type {((event: PointerEvent) => void) | null} */
  #drop = null;

  /**
   * @param {import("./tier_view.js").TierView} tiers
   * @param {import("./desk.js").Desk} desk
   * @param {import("./view.js").View} view
   * @param {import("./player.js").Player} player
   * @param {{redraw: () => void, marked: () => void}} on
   * @param {AbortSignal} signal
   */
  constructor(tiers, desk, view, player, on, signal) {
    this.tiers = tiers;
    this.desk = desk;
    this.view = view;
    this.player = player;
    this.on = on;
    const { canvas } = tiers;
    const listen = (/** @type {string} */ name, /** @type {(event: any) => void} */ work) =>
      canvas.addEventListener(name, work, { signal });
    listen("pointerdown", (event) => this.#down(event));
    listen("pointermove", (event) => this.#move(event));
    listen("pointerup", (event) => this.#up(event));
    listen("pointercancel", () => this.cancel());
    listen("dblclick", (event) => this.#zoomTo(event));
  }

  get dragging() {
    return this.#drag !== null;
  }

  cancel() {
    this.#drag = this.#drop = null;
    this.tiers.preview.clear();
    this.tiers.marking = null;
    this.on.redraw();
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button !== 0) return;
    const { x, y } = at(event, this.tiers.canvas);
    const hit = hitTest(this.tiers.rows, this.view, x, y);
    if (!hit) return;
    this.tiers.canvas.setPointerCapture(event.pointerId);
    if (hit.row.whole) return this.desk.selectClip();
    if (hit.segment && hit.part !== "body" && hit.part) return this.#holdEdge(hit.row, hit.segment, hit.part);
    if (hit.segment) this.desk.select(hit.segment.id);
    if (hit.row.own) this.#startStretch(hit.row.tier, x, hit.segment === null);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const { x, y } = at(event, this.tiers.canvas);
    if (this.#drag) return this.#drag(event, x);
    const hit = hitTest(this.tiers.rows, this.view, x, y);
    this.tiers.canvas.title = hit?.segment ? this.tiers.text(hit.segment) : "";
    const edge = hit?.part === "start" || hit?.part === "end";
    this.tiers.canvas.style.cursor = edge
      ? "ew-resize"
      : hit?.segment || hit?.row.whole
        ? "pointer"
        : hit?.row.own
          ? "crosshair"
          : "default";
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const drop = this.#drop;
    this.#drag = this.#drop = null;
    drop?.(event);
    this.tiers.preview.clear();
    this.tiers.marking = null;
    this.on.redraw();
  }

  /** A drag paints, over older segments too; a click on bare tier goes there. @param {string} tier @param {number} x0 @param {boolean} bare */
  #startStretch(tier, x0, bare) {
    const edges = this.#edges(new Set());
    let moved = false;
    let startUs = this.view.usAt(x0);
    this.#drag = (event, x) => {
      if (!moved && Math.abs(x - x0) < CLICK_PX) return;
      if (!moved) startUs = this.#snapped(this.view.usAt(x0), edges, event);
      moved = true;
      this.tiers.marking = { tier, startUs, endUs: this.#snapped(this.view.usAt(x), edges, event) };
      this.on.redraw();
    };
    this.#drop = () => {
      const { marking } = this.tiers;
      if (moved && marking && Math.abs(marking.endUs - marking.startUs) >= SHORTEST_US) {
        this.desk.mark(tier, marking.startUs, marking.endUs);
        this.on.marked();
      } else if (!moved && bare) {
        this.desk.tier = tier;
        this.desk.selectClip();
        this.player.seek(startUs);
      }
    };
  }

  /** @param {import("./tiers.js").Row} row @param {Judgement} segment @param {"start"|"end"} part */
  #holdEdge(row, segment, part) {
    this.desk.select(segment.id);
    const edgeUs = Number(part === "start" ? segment.start_us : segment.end_us);
    const { endsHere, startsHere } = sharing(row.segments, edgeUs);
    let moves = /** @type {{segment: Judgement, startUs: number, endUs: number}[]} */ ([]);
    this.#drag = (event) => {
      const held = event.shiftKey ? [endsHere, startsHere].filter((j) => j !== null) : [segment];
      const edges = this.#edges(new Set(held.map((j) => j.id)));
      const us = this.#snapped(this.view.usAt(at(event, this.tiers.canvas).x), edges, event);
      moves = held.map((j) => moved(j, j === segment ? part : j === endsHere ? "end" : "start", us));
      this.tiers.preview = new Map(moves.map(({ segment: j, startUs, endUs }) => [j.id, { startUs, endUs }]));
      const { table } = this.player;
      if (!this.player.playing) this.player.seek(table.seekTime(part === "start" ? table.indexAt(us) : table.indexBefore(us)));
      this.on.redraw();
    };
    this.#drop = () => {
      if (moves.some(({ segment: j, startUs, endUs }) => startUs !== j.start_us || endUs !== j.end_us)) this.desk.move(moves);
    };
  }

  /** Double click: the segment fills the view. @param {MouseEvent} event */
  #zoomTo(event) {
    const { x, y } = at(event, this.tiers.canvas);
    const segment = hitTest(this.tiers.rows, this.view, x, y)?.segment;
    if (!segment) return;
    const [from, to] = [Number(segment.start_us), Number(segment.end_us)];
    this.view.show(from - (to - from) * 0.15, to + (to - from) * 0.15);
  }

  /** @param {number} us @param {number[]} edges @param {PointerEvent} event */
  #snapped(us, edges, event) {
    const inside = Math.min(Math.max(us, 0), this.view.durationUs);
    return event.altKey ? Math.round(inside) : snap(inside, edges, SNAP_PX * this.view.usPerPx, this.player.table);
  }

  /** What edges snap to: those of all segments, of speech, the playhead, the clip's own. @param {Set<string>} except */
  #edges(except) {
    const { analysis } = this.desk.doc;
    const segments = this.desk.judgements.all.filter((j) => j.start_us !== null && !except.has(j.id));
    return [
      ...segments.flatMap((j) => [Number(j.start_us), Number(j.end_us)]),
      ...(analysis?.speech.flat() ?? []),
      this.player.shownUs,
      0,
      this.view.durationUs,
    ];
  }
}

/** @param {Judgement} segment @param {"start"|"end"} part @param {number} us */
function moved(segment, part, us) {
  const [start, end] = [Number(segment.start_us), Number(segment.end_us)];
  return part === "start"
    ? { segment, startUs: Math.min(us, end - SHORTEST_US), endUs: end }
    : { segment, startUs: start, endUs: Math.max(us, start + SHORTEST_US) };
}
