/** Marks of time along the top of the lanes; dragging along it scrubs. */
import { at, el, fitCanvas } from "./dom.js";
import { formatMark, rulerStep } from "./time.js";

export const RULER_PX = 22;

/** From here on single frames are far enough apart to be told. */
const FRAME_PX = 7;

export class Ruler {
  canvas = el("canvas", { "aria-hidden": "true" });
  element = el("div.ruler", { "data-testid": "ruler" }, this.canvas);

  /**
   * @param {import("./view.js").View} view
   * @param {import("./player.js").Player} player
   * @param {AbortSignal} signal
   */
  constructor(view, player, signal) {
    this.view = view;
    this.player = player;
    const scrub = (/** @type {PointerEvent} */ event) => player.seek(view.usAt(at(event, this.canvas).x));
    this.element.addEventListener(
      "pointerdown",
      (/** @type {PointerEvent} */ event) => {
        this.element.setPointerCapture(event.pointerId);
        scrub(event);
      },
      { signal },
    );
    this.element.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => event.buttons & 1 && scrub(event), { signal });
  }

  /** @param {import("./theme.js").Theme} theme */
  draw(theme) {
    const { view } = this;
    const { ctx } = fitCanvas(this.canvas, view.width, RULER_PX);
    this.#frames(ctx, theme);
    const step = rulerStep(view.usPerPx);
    ctx.font = `11px ${theme.font}`;
    ctx.textBaseline = "middle";
    const minor = step / 5;
    for (let us = Math.ceil(view.startUs / minor) * minor; us <= view.endUs; us += minor) {
      const x = Math.round(view.xOf(us)) + 0.5;
      const major = Math.abs(us / step - Math.round(us / step)) < 1e-6;
      ctx.fillStyle = theme.faint(major ? 0.45 : 0.2);
      ctx.fillRect(x - 0.5, RULER_PX - (major ? 7 : 4), 1, major ? 7 : 4);
      if (!major) continue;
      ctx.fillStyle = theme.faint(0.7);
      const text = formatMark(us, step);
      const room = ctx.measureText(text).width;
      ctx.fillText(text, Math.min(Math.max(x - room / 2, 2), view.width - room - 2), 8);
    }
  }

  /** @param {CanvasRenderingContext2D} ctx @param {import("./theme.js").Theme} theme */
  #frames(ctx, theme) {
    const { table } = this.player;
    const { view } = this;
    if (!table.real || (table.end(table.indexAt(view.startUs)) - table.start(table.indexAt(view.startUs))) / view.usPerPx < FRAME_PX)
      return;
    ctx.fillStyle = theme.accent;
    ctx.globalAlpha = 0.5;
    for (let k = table.indexAt(view.startUs); k < table.count && table.start(k) <= view.endUs; k++) {
      ctx.fillRect(Math.round(view.xOf(table.start(k))), RULER_PX - 2, 1, 2);
    }
    ctx.globalAlpha = 1;
  }
}
