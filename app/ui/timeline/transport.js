/** The bar under the picture: play, step, speed, where we are, and how the lanes are shown. */
import { el, icon, say, set } from "./dom.js";
import { formatTime } from "./time.js";

const SPEEDS = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 4];

export class Transport {
  /**
   * @param {import("./player.js").Player} player
   * @param {Record<string, (event?: any) => void>} act  by name: what the editor can do
   * @param {Node} status
   */
  constructor(player, act, status) {
    this.player = player;
    const button = (/** @type {any} */ name, /** @type {string} */ title, /** @type {() => void} */ work) =>
      el("button.tool", { type: "button", title, "aria-label": title, onclick: work }, icon(name));
    this.play = button("play", "Play or pause (space)", () => player.toggle());
    this.play.classList.add("main");
    this.loop = button("loop", "Loop the selection (shift + p)", () => act.loop());
    this.boxes = button("boxes", "Face boxes", () => act.boxes());
    this.mode = button("bars", "Classes stacked or as heat", () => act.mode());
    this.undo = button("undo", "Undo (ctrl + z)", () => act.undo());
    this.redo = button("redo", "Redo (ctrl + y)", () => act.redo());
    this.time = el("span.time", { "data-testid": "time" });
    this.total = el("span.muted");
    this.frame = el("span.frame", { "data-testid": "frame" });
    this.speed = el(
      "select.speed",
      { "aria-label": "Playback rate", title: "Playback rate (j, k, l)" },
      ...SPEEDS.map((rate) => el("option", { value: rate }, `${rate}×`)),
    );
    this.speed.addEventListener("change", () => {
      player.setRate(Number(this.speed.value));
      act.leave();
    });
    this.element = el(
      "div.transport",
      { role: "toolbar", "aria-label": "Playback" },
      el(
        "div.bar",
        {},
        button("back", "One frame back ( , )", () => player.step(-1)),
        this.play,
        button("forward", "One frame on ( . )", () => player.step(1)),
        el("span.clock", {}, this.time, this.total),
        this.frame,
        this.speed,
        this.loop,
      ),
      el(
        "div.bar.looks",
        {},
        this.boxes,
        this.mode,
        button("compare", "Compare with another analysis (v)", () => act.compare()),
        el("span.split"),
        button("wider", "Zoom out (q)", () => act.wider()),
        button("closer", "Zoom in (w)", () => act.closer()),
        button("fit", "The whole clip (f)", () => act.fit()),
        el("span.split"),
        this.undo,
        this.redo,
        status,
        el("button.tool.ask", { type: "button", title: "Keys ( ? )", "aria-label": "Keys", onclick: () => act.help() }, "?"),
        button("next", "Next clip (n)", () => act.next()),
      ),
    );
  }

  /** Time or frame moved. */
  tick() {
    const { player } = this;
    say(this.time, formatTime(player.shownUs));
    say(this.frame, player.table.real ? `frame ${player.frame} / ${player.table.count - 1}` : "no frames");
  }

  /** @param {import("./commands.js").Commands} commands @param {import("./prefs.js").Prefs} prefs */
  update(commands, prefs) {
    const { player } = this;
    say(this.total, ` / ${formatTime(player.table.durationUs)}`);
    const playing = player.playing;
    if (this.play.dataset.playing !== String(playing)) {
      this.play.dataset.playing = String(playing);
      this.play.replaceChildren(icon(playing ? "pause" : "play"));
    }
    if (this.speed.value !== String(player.rate)) this.speed.value = String(player.rate);
    set(this.loop, { "aria-pressed": String(player.looping) });
    set(this.boxes, { "aria-pressed": String(prefs.get("boxes")) });
    set(this.mode, { "aria-pressed": String(prefs.get("mode") === "heat") });
    this.undo.disabled = commands.undoable === null;
    this.redo.disabled = commands.redoable === null;
    set(this.undo, { title: commands.undoable ? `Undo: ${commands.undoable} (ctrl + z)` : "Nothing to undo" });
    set(this.redo, { title: commands.redoable ? `Redo: ${commands.redoable} (ctrl + y)` : "Nothing to redo" });
    this.tick();
  }
}
