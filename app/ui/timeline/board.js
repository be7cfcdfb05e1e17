/** The timeline itself: overview, ruler, evidence lanes and label tiers on one axis, the playhead over all of them. */
import { at, el, say, set } from "./dom.js";
import { Minimap } from "./minimap.js";
import { Ruler } from "./ruler.js";
import { Stack } from "./stack.js";
import { TierPointer } from "./tier_pointer.js";
import { TierView } from "./tier_view.js";
import { formatTime } from "./time.js";

/** Width of the names at the left, and of the room for a scroll bar at the right. */
export const GUTTER_PX = 132;
const BAR_PX = 12;

/** What stays in sight above lanes that one is led to. */
const LEAD_PX = 90;

/** One notch of the wheel. */
const ZOOM_STEP = 1.2;

export class Board {
  #dirty = { overview: true, lanes: true, tiers: true, over: true };
  #frame = 0;
  /** @type {number|null} */
  #hoverUs = null;
  /** The speakers that the tiers were last made for. */
  #voices = "";

  /**
   * @param {{desk: import("./desk.js").Desk, view: import("./view.js").View, player: import("./player.js").Player,
   *   prefs: import("./prefs.js").Prefs, theme: () => import("./theme.js").Theme, marked: () => void,
   *   correcting: import("./corrections/correcting.js").Correcting}} parts
   * @param {AbortSignal} signal
   */
  constructor({ desk, view, player, prefs, theme, marked, correcting }, signal) {
    this.desk = desk;
    this.view = view;
    this.player = player;
    this.theme = theme;
    this.stack = new Stack(prefs, () => this.redraw("lanes"));
    this.tiers = new TierView(desk);
    this.correcting = correcting;
    this.speakers = correcting.lane;
    this.minimap = new Minimap(view, desk, signal);
    this.ruler = new Ruler(view, player, signal);
    this.pointer = new TierPointer(this.tiers, desk, view, player, { redraw: () => this.redraw("tiers"), marked }, signal);
    this.playhead = el("div.playhead", { "data-testid": "playhead", role: "slider", "aria-label": "Playhead", "aria-valuemin": 0 });
    this.hover = el("div.hover", {}, (this.hoverText = el("span")));
    this.evidence = el("div.evidence", {}, this.stack.element);
    this.over = el("div.over", { "aria-hidden": "true" }, this.hover, this.playhead);
    this.axis = el("div.axis", {}, this.ruler.element, this.evidence, this.speakers.element, this.tiers.element, this.over);
    this.element = el("div.board", { "--gutter": `${GUTTER_PX}px`, "--bar": `${BAR_PX}px` }, this.minimap.element, this.axis);
    this.#listen(signal);
  }

  /** @param {AbortSignal} signal */
  #listen(signal) {
    const { view, player, desk } = this;
    view.addEventListener("change", () => this.redraw("lanes", "tiers", "over"), { signal });
    player.addEventListener("time", () => this.redraw("over"), { signal });
    player.addEventListener("state", () => this.redraw("over"), { signal });
    desk.addEventListener("change", () => this.update(), { signal });
    this.correcting.speakers.addEventListener("change", () => this.#turned(), { signal });
    this.correcting.pointer.addEventListener("change", () => this.redraw("tiers"), { signal });
    this.axis.addEventListener("wheel", (/** @type {WheelEvent} */ event) => this.#wheel(event), { signal, passive: false });
    this.axis.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => this.#point(this.#timeAt(event)), { signal });
    this.axis.addEventListener("pointerleave", () => this.#point(null), { signal });
    this.stack.canvas.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => this.#press(event), { signal });
    this.stack.canvas.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => this.#hint(event), { signal });
    const resized = new ResizeObserver(() => this.#resize());
    resized.observe(this.element);
    // With more tiers there is less room for lanes.
    resized.observe(this.evidence);
    signal.addEventListener("abort", () => {
      resized.disconnect();
      cancelAnimationFrame(this.#frame);
    });
  }

  /** The judgements or the target changed. */
  update() {
    this.tiers.update();
    this.redraw("overview", "tiers", "over");
  }

  /** The speakers' turns changed; with the speakers themselves the voices' tiers do. */
  #turned() {
    this.speakers.update();
    const voices = JSON.stringify(this.desk.doc.turns?.speakers ?? null);
    if (voices === this.#voices) return this.redraw("tiers");
    this.#voices = voices;
    this.update();
  }

  /** Brings a group of lanes into sight, with the one above it, where it has any. @param {string} prefix  of its key */
  reveal(prefix) {
    const top = this.stack.topOf(prefix);
    if (top !== null) this.evidence.scrollTo({ top: Math.max(0, top - LEAD_PX) });
  }

  /** @param {("overview"|"lanes"|"tiers"|"over")[]} parts */
  redraw(...parts) {
    for (const part of parts) this.#dirty[part] = true;
    if (!this.#frame) this.#frame = requestAnimationFrame((now) => this.#paint(now));
  }

  /** @param {number} now */
  #paint(now) {
    this.#frame = 0;
    const moving = this.player.tick(now);
    if (moving) this.view.follow(this.player.timeUs);
    const { overview, lanes, tiers, over } = this.#dirty;
    this.#dirty = { overview: false, lanes: false, tiers: false, over: false };
    const theme = this.theme();
    if (lanes) {
      this.stack.draw(this.view, theme);
      this.ruler.draw(theme);
    }
    if (tiers) this.tiers.draw(this.view, theme);
    if (tiers) this.speakers.draw(this.view, theme);
    if (overview) this.minimap.draw(theme);
    if (lanes) this.minimap.follow();
    if (over || moving) this.#paintOver();
    if (moving) this.redraw("over");
  }

  /** Only this moves while playing: two layers that the compositor shifts, nothing is drawn again. */
  #paintOver() {
    const { view, player } = this;
    const us = player.placeUs;
    const x = view.xOf(us);
    const shown = x >= -1 && x <= view.width + 1;
    set(this.playhead, {
      style: `transform:translateX(${x.toFixed(2)}px);visibility:${shown ? "visible" : "hidden"}`,
      "data-time-us": Math.round(us),
      "aria-valuemax": Math.round(view.durationUs / 1000),
      "aria-valuenow": Math.round(us / 1000),
      "aria-valuetext": formatTime(us),
    });
    this.minimap.element.style.setProperty("--at", `${(us / view.durationUs) * view.width}px`);
    const hovering = this.#hoverUs !== null;
    set(this.hover, { style: `transform:translateX(${view.xOf(this.#hoverUs ?? 0).toFixed(1)}px);display:${hovering ? "block" : "none"}` });
    if (hovering) say(this.hoverText, formatTime(player.table.stampAt(this.#hoverUs ?? 0)));
    this.stack.read(this.#hoverUs ?? us);
  }

  /** Ctrl zooms about the pointer, shift or sideways pans; a plain wheel scrolls the lanes. @param {WheelEvent} event */
  #wheel(event) {
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.ctrlKey || event.metaKey) {
      this.view.zoom(ZOOM_STEP ** (event.deltaY / 100), this.#timeAt(event) ?? this.player.timeUs);
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      this.view.pan(sideways * this.view.usPerPx);
    } else return;
    event.preventDefault();
  }

  /** On the evidence: a click seeks, a drag marks a stretch on the active tier. @param {PointerEvent} event */
  #press(event) {
    if (event.button !== 0) return;
    const { canvas } = this.stack;
    const { desk, view, player, tiers } = this;
    const x0 = at(event, canvas).x;
    canvas.setPointerCapture(event.pointerId);
    const snapped = (/** @type {number} */ x) => player.table.snap(Math.min(Math.max(view.usAt(x), 0), view.durationUs));
    const moved = (/** @type {PointerEvent} */ e) => {
      const { x } = at(e, canvas);
      if (!tiers.marking && Math.abs(x - x0) < 4) return;
      tiers.marking = { tier: desk.tier, startUs: snapped(x0), endUs: snapped(x) };
      this.redraw("tiers");
    };
    canvas.addEventListener("pointermove", moved);
    const done = () => {
      canvas.removeEventListener("pointermove", moved);
      const { marking } = tiers;
      tiers.marking = null;
      if (!marking) player.seek(view.usAt(x0));
      else desk.mark(marking.tier, marking.startUs, marking.endUs);
      this.redraw("tiers");
    };
    canvas.addEventListener("pointerup", done, { once: true });
    canvas.addEventListener("pointercancel", () => canvas.removeEventListener("pointermove", moved), { once: true });
  }

  /** @param {number|null} us */
  #point(us) {
    if (us === this.#hoverUs) return;
    this.#hoverUs = us;
    this.redraw("over");
  }

  /** What the lane under the pointer has no room for. @param {PointerEvent} event */
  #hint(event) {
    const { x, y } = at(event, this.stack.canvas);
    set(this.stack.canvas, { title: this.stack.hint(this.view.usAt(x), y) });
  }

  /** @param {MouseEvent} event @returns {number|null} */
  #timeAt(event) {
    const x = at(event, this.over).x;
    return x < 0 || x > this.view.width ? null : this.view.usAt(x);
  }

  #resize() {
    this.redraw("overview");
    this.stack.fill(this.evidence.clientHeight);
    this.view.resize(Math.max(50, Math.floor(this.axis.clientWidth - GUTTER_PX - BAR_PX)));
  }
}
