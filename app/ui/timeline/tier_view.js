/** The label tiers: names at the left, one canvas for all of them, and a list of the same segments for screen readers and tests. */
import { el, fitCanvas } from "./dom.js";
import { fade, GREY } from "./theme.js";
import { describe } from "./judgement.js";
import { layOut, tiersOf } from "./tiers.js";

/** @typedef {import("./types.js").Judgement} Judgement */
/** @typedef {import("./theme.js").Theme} Theme */
/** @typedef {import("./tiers.js").Row} Row */
/** @typedef {import("./view.js").View} View */

const MARGIN_PX = 2;

const UNLABELLED = "choose an emotion";

/** Narrower than this a segment has no room for letters and corners; there may be thousands of them. */
const PLAIN_PX = 12;

export class TierView {
  canvas = el("canvas.plane", { "aria-hidden": "true" });
  names = el("div.rows");
  list = el("ul.unseen", { "aria-label": "Segments" });
  element = el("div.tiers", { "data-testid": "tiers" }, this.names, this.canvas, this.list);
  /** @type {Row[]} */
  rows = [];
  /** Bounds while an edge is being dragged. @type {Map<string, {startUs: number, endUs: number}>} */
  preview = new Map();
  /** A stretch while it is being drawn. @type {{tier: string, startUs: number, endUs: number} | null} */
  marking = null;

  /** @param {import("./desk.js").Desk} desk */
  constructor(desk) {
    this.desk = desk;
  }

  get height() {
    const last = this.rows[this.rows.length - 1];
    return last ? last.y + last.height : 0;
  }

  /** The judgements or the target changed. */
  update() {
    const { desk } = this;
    this.rows = layOut(tiersOf(desk.doc), desk.judgements.all, desk.doc.rater.id);
    this.names.replaceChildren(
      ...this.rows.map((row) =>
        el(
          row.own && row.tier === desk.tier && !row.whole ? "div.lane.tight.active" : "div.lane.tight",
          { "--h": `${row.height}px`, "--gap": "0px", title: row.own ? null : `${row.title}, by ${row.who}` },
          el("div.name", {}, el("span", {}, row.own ? row.title : `${row.title} · ${row.who}`)),
        ),
      ),
    );
    this.element.style.height = `${this.height}px`;
    this.list.replaceChildren(...this.rows.flatMap((row) => row.segments.map((segment) => this.#item(segment))));
  }

  /** @param {Judgement} segment */
  #item(segment) {
    const item = el("li", {
      "data-testid": "segment",
      "data-id": segment.id,
      "data-tier": segment.tier,
      "data-start-us": segment.start_us,
      "data-end-us": segment.end_us,
      "data-emotions": segment.emotions.map((emotion) => emotion.id).join("|"),
      "data-rater": segment.rater.id,
      "data-source": segment.source,
      "data-pending": String(Boolean(segment.pending)),
    });
    item.textContent = `${segment.tier}: ${this.text(segment)}`;
    return item;
  }

  /** @param {Judgement} segment */
  text(segment) {
    return describe(segment, (id) => this.desk.nameOf(id));
  }

  /** @param {View} view @param {Theme} theme */
  draw(view, theme) {
    const { ctx } = fitCanvas(this.canvas, view.width, Math.max(1, this.height));
    for (const row of this.rows) {
      ctx.fillStyle = theme.faint(row.own ? 0.05 : 0.025);
      ctx.fillRect(0, row.y + 1, view.width, row.height - 2);
      if (row.whole) this.#drawWhole(ctx, row, view, theme);
      for (const segment of row.segments) this.#drawSegment(ctx, row, segment, view, theme);
    }
    this.#drawStretch(ctx, view, theme);
  }

  /** @param {CanvasRenderingContext2D} ctx @param {Row} row @param {View} view @param {Theme} theme */
  #drawWhole(ctx, row, view, theme) {
    const judgement = this.desk.judgements.ofClip;
    const box = { x: 0, y: row.y + 1, w: view.width, h: row.height - 2 };
    if (judgement) this.#fill(ctx, box, judgement, theme, this.desk.target.kind === "clip");
    else {
      ctx.fillStyle = theme.faint(0.55);
      ctx.font = `12px ${theme.font}`;
      ctx.textBaseline = "middle";
      ctx.fillText("no label yet", 9, row.y + row.height / 2 + 0.5);
      if (this.desk.target.kind === "clip") outline(ctx, box, theme.ink, []);
    }
  }

  /** @param {CanvasRenderingContext2D} ctx @param {Row} row @param {Judgement} segment @param {View} view @param {Theme} theme */
  #drawSegment(ctx, row, segment, view, theme) {
    const bounds = this.preview.get(segment.id) ?? { startUs: Number(segment.start_us), endUs: Number(segment.end_us) };
    if (bounds.endUs < view.startUs || bounds.startUs > view.endUs) return;
    const x = view.xOf(bounds.startUs);
    const w = Math.max(2, view.xOf(bounds.endUs) - x - 1);
    const { target } = this.desk;
    const chosen = target.kind === "segment" && target.id === segment.id;
    this.#fill(ctx, { x, y: row.y + MARGIN_PX, w, h: row.height - 2 * MARGIN_PX }, segment, theme, chosen);
  }

  /**
   * A person's label is solid, a model's dashed; a blend shares the height by its weights. Colour is never alone: the family's letter
   * stands beside it.
   * @param {CanvasRenderingContext2D} ctx
   * @param {{x: number, y: number, w: number, h: number}} box
   * @param {Judgement} judgement
   * @param {Theme} theme
   * @param {boolean} chosen
   */
  #fill(ctx, box, judgement, theme, chosen) {
    const { x, y, w, h } = box;
    if (w < PLAIN_PX && !chosen && judgement.source !== "model") {
      ctx.fillStyle = (theme.familyOf.get(judgement.emotions[0]?.id) ?? GREY).colour;
      return ctx.fillRect(x, y, w, h);
    }
    const tints = judgement.emotions.map((emotion) => theme.familyOf.get(emotion.id) ?? GREY);
    const lead = tints[0] ?? GREY;
    const model = judgement.source === "model";
    ctx.save();
    ctx.beginPath();
    ctx.roundRect(x, y, w, h, Math.min(4, w / 2));
    ctx.clip();
    let top = y;
    const total = judgement.emotions.reduce((sum, emotion) => sum + emotion.weight, 0) || 1;
    for (const [nth, tint] of (tints.length ? tints : [GREY]).entries()) {
      const share = h * ((judgement.emotions[nth]?.weight ?? total) / total);
      ctx.fillStyle = model ? fade(tint.colour, 0.22) : tint.colour;
      ctx.fillRect(x, top, w, share + 0.5);
      top += share;
    }
    if (w > 14) {
      const score = model && judgement.model_score !== null ? ` ${judgement.model_score.toFixed(2)}` : "";
      const text = `${lead.letter ? `${lead.letter}  ` : ""}${this.text(judgement)}${score}`;
      ctx.font = `${h > 16 ? 12.5 : 11}px ${theme.font}`;
      ctx.textBaseline = "middle";
      ctx.fillStyle = model ? theme.ink : lead.on;
      if (tints.length > 1) plate(ctx, text, Math.max(x, 0), y, h, lead.colour);
      ctx.fillText(text, Math.max(x, 0) + 8, y + h / 2 + 0.5);
    }
    ctx.restore();
    if (model) outline(ctx, box, lead.colour, [4, 3]);
    if (chosen) outline(ctx, box, theme.ink, [], 2);
  }

  /** The stretch that is being drawn, or that waits for its label. @param {CanvasRenderingContext2D} ctx @param {View} view @param {Theme} theme */
  #drawStretch(ctx, view, theme) {
    const { stretch } = this.desk;
    const shown = this.marking ?? (stretch && { tier: stretch.tier, startUs: Number(stretch.start_us), endUs: Number(stretch.end_us) });
    const row = shown && this.rows.find((candidate) => candidate.own && !candidate.whole && candidate.tier === shown.tier);
    if (!shown || !row) return;
    const x = view.xOf(Math.min(shown.startUs, shown.endUs));
    const w = Math.max(1, view.xOf(Math.max(shown.startUs, shown.endUs)) - x);
    const box = { x, y: row.y + MARGIN_PX, w, h: row.height - 2 * MARGIN_PX };
    ctx.fillStyle = fade(theme.accent, 0.2);
    ctx.fillRect(box.x, box.y, box.w, box.h);
    outline(ctx, box, theme.accent, [4, 3], 1.5);
    if (w > ctx.measureText(UNLABELLED).width + 16) {
      ctx.fillStyle = theme.ink;
      ctx.font = `12px ${theme.font}`;
      ctx.textBaseline = "middle";
      ctx.fillText(UNLABELLED, Math.max(x, 0) + 8, box.y + box.h / 2 + 0.5);
    }
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {{x: number, y: number, w: number, h: number}} box @param {string} colour @param {number[]} dash */
function outline(ctx, { x, y, w, h }, colour, dash, width = 1) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.setLineDash(dash);
  ctx.beginPath();
  ctx.roundRect(x + width / 2, y + width / 2, Math.max(0, w - width), h - width, Math.min(4, w / 2));
  ctx.stroke();
  ctx.setLineDash([]);
}

/** A ground for text that lies over two colours. */
function plate(
  /** @type {CanvasRenderingContext2D} */ ctx,
  /** @type {string} */ text,
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {number} */ h,
  /** @type {string} */ colour,
) {
  const ink = ctx.fillStyle;
  ctx.fillStyle = colour;
  ctx.fillRect(x, y, ctx.measureText(text).width + 16, h);
  ctx.fillStyle = ink;
}
