/** The whole clip in one strip, with what is on screen as a handle. */
import { at, el, fitCanvas, set } from "./dom.js";
import { GREY } from "./theme.js";
import { isSpan } from "./judgement.js";

export const MINIMAP_PX = 26;
const EDGE_PX = 7;

export class Minimap {
  canvas = el("canvas", { "aria-hidden": "true" });
  handle = el("div.handle");
  element = el("div.minimap", { "data-testid": "minimap" }, this.canvas, this.handle);

  /**
   * @param {import("./view.js").View} view
   * @param {import("./desk.js").Desk} desk
   * @param {AbortSignal} signal
   */
  constructor(view, desk, signal) {
    this.view = view;
    this.desk = desk;
    /** @type {Int8Array|null} */
    this.peaks = null;
    this.element.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => this.#hold(event), { signal });
    this.element.addEventListener("dblclick", () => view.fit(), { signal });
  }

  /** The handle alone follows the view. */
  follow() {
    const { view } = this;
    const [left, right] = [view.startUs, view.endUs].map((us) => (us / view.durationUs) * view.width);
    set(this.handle, { style: `left:${left}px;width:${Math.max(8, right - left)}px`, class: view.fitted ? "handle whole" : "handle" });
  }

  /** What the clip holds. @param {import("./theme.js").Theme} theme */
  draw(theme) {
    const { view } = this;
    const { ctx } = fitCanvas(this.canvas, view.width, MINIMAP_PX);
    const xOf = (/** @type {number} */ us) => (us / view.durationUs) * view.width;
    if (this.peaks) drawPeaks(ctx, this.peaks, view.width, theme.faint(0.28));
    for (const [from, to] of this.desk.doc.analysis?.speech ?? []) {
      ctx.fillStyle = theme.faint(0.3);
      ctx.fillRect(xOf(from), MINIMAP_PX - 2, Math.max(1, xOf(to) - xOf(from)), 2);
    }
    for (const segment of this.desk.judgements.all.filter(isSpan)) {
      ctx.fillStyle = (theme.familyOf.get(segment.emotions[0]?.id) ?? GREY).colour;
      const x = xOf(Number(segment.start_us));
      ctx.fillRect(x, 2, Math.max(1.5, xOf(Number(segment.end_us)) - x - 0.5), 6);
    }
  }

  /** Inside the handle it moves, at its ends it widens, elsewhere it jumps. @param {PointerEvent} event */
  #hold(event) {
    const { view } = this;
    const usOf = (/** @type {PointerEvent} */ e) => (at(e, this.element).x / view.width) * view.durationUs;
    const x = at(event, this.element).x;
    const [left, right] = [view.startUs, view.endUs].map((us) => (us / view.durationUs) * view.width);
    const start = usOf(event);
    const from = { startUs: view.startUs, endUs: view.endUs };
    const side = view.fitted ? "body" : Math.abs(x - left) < EDGE_PX ? "left" : Math.abs(x - right) < EDGE_PX ? "right" : "body";
    if (side === "body" && (x < left || x > right)) view.pan(start - (view.startUs + view.endUs) / 2);
    const base = side === "body" ? { startUs: view.startUs, endUs: view.endUs } : from;
    this.element.setPointerCapture(event.pointerId);
    const moved = (/** @type {PointerEvent} */ e) => {
      const by = usOf(e) - start;
      if (side === "left") view.show(Math.min(base.startUs + by, base.endUs - 1), base.endUs);
      else if (side === "right") view.show(base.startUs, Math.max(base.endUs + by, base.startUs + 1));
      else view.show(base.startUs + by, base.endUs + by);
    };
    this.element.addEventListener("pointermove", moved);
    const done = () => this.element.removeEventListener("pointermove", moved);
    this.element.addEventListener("pointerup", done, { once: true });
    this.element.addEventListener("pointercancel", done, { once: true });
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {Int8Array} peaks @param {number} width @param {string} colour */
function drawPeaks(ctx, peaks, width, colour) {
  const buckets = peaks.length / 2;
  const loudest = Math.max(
    16,
    peaks.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
  );
  ctx.fillStyle = colour;
  for (let x = 0; x < width; x++) {
    let high = 0;
    const to = Math.max(Math.floor((x / width) * buckets) + 1, Math.floor(((x + 1) / width) * buckets));
    for (let i = Math.floor((x / width) * buckets); i < to; i++) high = Math.max(high, peaks[2 * i + 1], -peaks[2 * i]);
    const h = (high / loudest) * (MINIMAP_PX - 13);
    ctx.fillRect(x, MINIMAP_PX - 3 - h, 1, h);
  }
}
