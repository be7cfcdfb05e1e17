/** The speakers' lane: a head that says where the turns come from, a row a speaker, and the same turns as a list for screen readers. */
import { el, fitCanvas, icon, set } from "../dom.js";
import { isFolded, turn as fold } from "../stack.js";
import { ROW_PX, layOut } from "./rows.js";
import { SpeakerTools } from "./speaker_tools.js";
import { spanText } from "./words.js";

/** @typedef {import("./turns.js").Turn} Turn */
/** @typedef {import("../theme.js").Theme} Theme */

const MARGIN_PX = 2;

/** Room that a score needs. */
const SCORE_PX = 40;

export class SpeakerView {
  canvas = el("canvas.plane", { "aria-hidden": "true" });
  names = el("div.rows");
  list = el("ul.unseen", { "aria-label": "Turns" });
  body = el("div.body", {}, this.names, this.canvas, this.list);
  head = el("button.head", { type: "button" });
  /** @type {import("./rows.js").Row[]} */
  rows = [];
  /** A turn while it is being moved or drawn. @type {{id: number|null, speaker: string|null, startUs: number, endUs: number}|null} */
  preview = null;
  /** Whose name is being written. @type {string|null} */
  #naming = null;

  /**
   * @param {import("./speakers.js").Speakers} speakers
   * @param {import("../prefs.js").Prefs} prefs
   * @param {() => void} leave  gives the keyboard back to the timeline
   */
  constructor(speakers, prefs, leave) {
    this.speakers = speakers;
    this.prefs = prefs;
    this.leave = leave;
    this.tools = new SpeakerTools(speakers, () => this.name(speakers.speaker));
    this.element = el("section.speakers", { "aria-label": "Speakers", "data-testid": "speakers" });
    this.element.append(el("div.headrow.group", {}, this.head, this.tools.element), this.body);
    this.head.addEventListener("click", () => {
      fold(prefs, this.group);
      this.update();
    });
  }

  /** Where nobody was told apart there is little to see: it is folded until it is opened. */
  get group() {
    const { lane } = this.speakers;
    return { key: "speakers", aside: !lane?.revision && !lane?.speakers.length };
  }

  get folded() {
    return !this.speakers.focused && isFolded(this.prefs, this.group);
  }

  /** The turns, or what is chosen of them, changed. */
  update() {
    const { speakers } = this;
    set(this.element, { hidden: !speakers.there, "data-focused": String(speakers.focused), "data-revision": speakers.lane?.revision ?? null });
    if (!speakers.there) return;
    const mark = icon("fold");
    if (this.folded) set(mark, { class: "icon turned" });
    set(this.head, { "aria-expanded": String(!this.folded), "--h": "20px" });
    this.head.replaceChildren(mark, el("b", {}, "Speakers"), el("span.detail", {}, this.#origin()));
    set(this.body, { hidden: this.folded });
    this.tools.update(this.folded);
    this.rows = layOut(speakers.rows, speakers.turns);
    // While a name is written, only what does not hold it is drawn anew.
    if (!this.names.querySelector("input")) this.names.replaceChildren(...this.rows.map((row, nth) => this.#name(row.speaker, nth)));
    this.body.style.height = `${this.rows.length * ROW_PX}px`;
    this.list.replaceChildren(...speakers.turns.map((turn) => this.#item(turn)));
  }

  /** Writes a speaker's name. @param {string|null} speaker */
  name(speaker) {
    if (speaker === null) return this.speakers.corrections.say("Nobody told whose these turns are: give them to a speaker first.");
    this.speakers.focus(speaker);
    this.#naming = speaker;
    this.update();
    const field = this.names.querySelector("input");
    field?.focus();
    field?.select();
  }

  /** @param {import("../view.js").View} view @param {Theme} theme */
  draw(view, theme) {
    if (!this.speakers.there || this.folded) return;
    const { ctx } = fitCanvas(this.canvas, view.width, Math.max(1, this.rows.length * ROW_PX));
    for (const row of this.rows) {
      ctx.fillStyle = theme.faint(0.05);
      ctx.fillRect(0, row.y + 1, view.width, row.height - 2);
      for (const turn of row.turns) if (turn.id !== this.preview?.id) this.#turn(ctx, row, turn, view, theme);
      if (row.speaker === this.speakers.speaker && this.speakers.focused && this.speakers.inUs !== null) {
        ctx.fillStyle = theme.accent;
        ctx.fillRect(view.xOf(this.speakers.inUs), row.y, 2, row.height);
      }
    }
    this.#drawPreview(ctx, view, theme);
  }

  /** A person's hand makes it solid; a model's turn is dashed, with its score; of nobody known it is pale. */
  #turn(
    /** @type {CanvasRenderingContext2D} */ ctx,
    /** @type {import("./rows.js").Row} */ row,
    /** @type {Turn} */ turn,
    /** @type {import("../view.js").View} */ view,
    /** @type {Theme} */ theme,
  ) {
    const [x, right] = [view.xOf(turn.start_us), view.xOf(turn.end_us)];
    if (right < 0 || x > view.width) return;
    const box = { x, y: row.y + MARGIN_PX, w: Math.max(2, right - x - 1), h: row.height - 2 * MARGIN_PX };
    const nobody = turn.speaker === null;
    fillBox(ctx, box, theme.faint(nobody ? 0.1 : turn.corrected ? 0.42 : 0.2));
    if (!turn.corrected) strokeBox(ctx, box, theme.faint(nobody ? 0.35 : 0.7), [4, 3]);
    if (turn.confidence !== null && box.w > SCORE_PX) {
      ctx.font = `11px ${theme.font}`;
      ctx.textBaseline = "middle";
      ctx.fillStyle = theme.faint(0.85);
      ctx.fillText(turn.confidence.toFixed(2), Math.max(x, 0) + 7, row.y + row.height / 2 + 0.5);
    }
    if (turn.id === this.speakers.selected) strokeBox(ctx, box, theme.ink, [], 2);
  }

  /** @param {CanvasRenderingContext2D} ctx @param {import("../view.js").View} view @param {Theme} theme */
  #drawPreview(ctx, view, theme) {
    const { preview } = this;
    const row = preview && this.rows.find(({ speaker }) => speaker === preview.speaker);
    if (!preview || !row) return;
    const [from, to] = [Math.min(preview.startUs, preview.endUs), Math.max(preview.startUs, preview.endUs)];
    const box = { x: view.xOf(from), y: row.y + MARGIN_PX, w: Math.max(1, view.xOf(to) - view.xOf(from)), h: row.height - 2 * MARGIN_PX };
    fillBox(ctx, box, theme.faint(0.3));
    strokeBox(ctx, box, theme.accent, [4, 3], 1.5);
  }

  /** Who found the turns, and whether somebody had a hand in them since; or why nobody is told apart. */
  #origin() {
    const { lane, desk } = this.speakers;
    const { analysis } = desk.doc;
    const model = analysis?.models.speaker?.name;
    if (lane?.revision) return lane.same_as === 0 ? `${model ?? "as found"}, as found` : "corrected";
    if (!analysis) return "not analysed yet";
    if (!lane?.turns.length) return "no speech was found";
    return model ?? "no speaker model looked at this clip; analyse it with Speakers: ge2e";
  }

  /** @param {string|null} speaker @param {number} nth */
  #name(speaker, nth) {
    const active = this.speakers.focused && this.speakers.speaker === speaker;
    const title = this.speakers.nameOf(speaker);
    const row = el(active ? "div.lane.tight.active" : "div.lane.tight", { "--h": `${ROW_PX}px`, "--gap": "0px", "data-speaker": speaker ?? "" });
    if (speaker !== null && speaker === this.#naming) row.append(this.#field(speaker));
    else {
      const number = speaker === null || nth > 8 ? null : el("kbd", { "aria-hidden": "true" }, String(nth + 1));
      row.append(el("div.name", { title: speaker === null ? title : `${title}: double click to name` }, number, el("span", {}, title)));
    }
    row.addEventListener("click", () => this.#naming === null && this.speakers.focus(speaker));
    row.addEventListener("dblclick", () => this.name(speaker));
    return row;
  }

  /** @param {string} speaker */
  #field(speaker) {
    const name = this.speakers.lane?.speakers.find(({ id }) => id === speaker)?.name ?? "";
    const field = el("input.naming", { type: "text", maxlength: "200", placeholder: "Name", "aria-label": "Speaker's name", "data-testid": "speaker-name" });
    field.value = name;
    const done = (/** @type {boolean} */ keep) => {
      if (this.#naming !== speaker) return;
      this.#naming = null;
      const { value } = field;
      field.remove();
      if (keep) this.speakers.rename(speaker, value);
      this.update();
    };
    field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.stopPropagation();
      done(event.key === "Enter");
      this.leave();
    });
    field.addEventListener("blur", () => done(true));
    return field;
  }

  /** @param {Turn} turn */
  #item(turn) {
    const item = el("li", {
      "data-testid": "turn",
      "data-id": turn.id,
      "data-start-us": turn.start_us,
      "data-end-us": turn.end_us,
      "data-speaker": turn.speaker ?? "",
      "data-corrected": String(turn.corrected),
      "data-chosen": turn.id === this.speakers.selected,
    });
    item.textContent = `${this.speakers.nameOf(turn.speaker)}, ${spanText(turn)}${turn.corrected ? "" : ", found by a model"}`;
    return item;
  }
}

/** @typedef {{x: number, y: number, w: number, h: number}} Box */

/** @param {CanvasRenderingContext2D} ctx @param {Box} box @param {string} colour */
function fillBox(ctx, { x, y, w, h }, colour) {
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.roundRect(x, y, w, h, Math.min(4, w / 2));
  ctx.fill();
}

/** @param {CanvasRenderingContext2D} ctx @param {Box} box @param {string} colour @param {number[]} dash */
function strokeBox(ctx, { x, y, w, h }, colour, dash, width = 1) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.setLineDash(dash);
  ctx.beginPath();
  ctx.roundRect(x + width / 2, y + width / 2, Math.max(0, w - width), h - width, Math.min(4, w / 2));
  ctx.stroke();
  ctx.setLineDash([]);
}
