/** The review editor: puts its parts together, and says what each key and button does. */
import { Board } from "./board.js";
import { FrameTable } from "./clock.js";
import { Commands } from "./commands.js";
import { Desk } from "./desk.js";
import { el, set } from "./dom.js";
import { EvidenceCard } from "./evidence.js";
import { Help } from "./help.js";
import { isSpan } from "./judgement.js";
import { Judgements } from "./judgements.js";
import { listen } from "./keys.js";
import { groupsOf } from "./lanes/groups.js";
import { peaksFor } from "./lanes/sound.js";
import { Outbox } from "./outbox.js";
import { Panel } from "./panel.js";
import { Picker } from "./picker.js";
import { Player } from "./player.js";
import { Prefs } from "./prefs.js";
import { Sender } from "./sender.js";
import { Stage } from "./stage.js";
import { Status } from "./status.js";
import { readTheme } from "./theme.js";
import { tiersOf } from "./tiers.js";
import { parseTraces } from "./traces.js";
import { Transport } from "./transport.js";
import { View } from "./view.js";

/** @typedef {import("./types.js").ClipDocument} ClipDocument */

/** While a clip has no analysis yet, it is asked for this often. */
const ANALYSIS_MS = 4000;

export class Editor {
  #closing = new AbortController();
  #opened = performance.now();
  #ticket = 0;
  /** @type {{traces: import("./traces.js").Trace[]|null, peaks: Int8Array|null, loading: boolean}} */
  #loaded = { traces: null, peaks: null, loading: true };

  /**
   * @param {HTMLElement} root
   * @param {import("./api.js").Api} api
   * @param {ClipDocument} doc
   * @param {(clip: number) => void} moved  the rater went on to another clip
   */
  constructor(root, api, doc, moved) {
    const { signal } = this.#closing;
    this.root = root;
    this.api = api;
    this.doc = doc;
    this.moved = moved;
    const storage = window.localStorage;
    const leave = () => this.root.focus({ preventScroll: true });
    const theme = () => this.theme;
    this.theme = readTheme(root, doc.scheme);
    this.prefs = new Prefs(storage, doc.rater.id);
    this.outbox = new Outbox(storage, doc.rater.id);
    this.sender = new Sender(this.outbox, api, /** @type {any} */ (navigator.locks));
    this.judgements = new Judgements(this.outbox, doc.rater);
    this.commands = new Commands(this.judgements, this.outbox, storage, () => this.#context());
    this.desk = new Desk(this.judgements, this.commands, storage, doc);
    this.view = new View();
    this.stage = new Stage(null, this.prefs);
    this.player = new Player(this.stage.video, signal);
    this.stage.connect(this.player, theme, signal);
    this.picker = new Picker(this.desk, this.prefs, leave);
    this.panel = new Panel(this.desk, this.picker, api, theme, leave);
    this.card = new EvidenceCard(this.desk, () => this.acts.accept());
    this.status = new Status(this.outbox, this.sender, this.desk);
    this.help = new Help();
    this.board = new Board({ desk: this.desk, view: this.view, player: this.player, prefs: this.prefs, theme, marked: leave }, signal);
    this.acts = this.#acts(leave);
    this.transport = new Transport(this.player, this.acts, this.status.mark);
    root.replaceChildren(
      el("div.left", {}, el("div.top", {}, this.stage.element, this.card.element), this.transport.element, this.board.element),
      el("div.right", {}, this.status.notices, this.panel.element),
      this.status.note,
      this.help.element,
    );
    this.#connect(signal);
  }

  /** @param {AbortSignal} signal */
  #connect(signal) {
    const { desk, outbox, sender, player, commands, judgements } = this;
    const on = (/** @type {EventTarget} */ target, /** @type {string} */ name, /** @type {(event: any) => void} */ work) => target.addEventListener(name, work, { signal });
    listen(this.root, (binding, event) => this.acts[binding.act]?.(binding.with, event), signal);
    on(desk, "change", () => this.#refresh());
    on(desk, "note", (event) => this.status.pass(event.detail));
    on(outbox, "change", () => this.#mark());
    on(sender, "state", () => this.#mark());
    on(sender, "ack", (event) => judgements.learn(event.detail.entry, event.detail.ack));
    on(sender, "boot", (event) => event.detail !== this.doc.boot && this.status.restarted());
    on(commands, "edit", () => sender.kick());
    on(player, "time", () => this.#tick());
    on(player, "state", () => this.transport.update(commands, this.prefs));
    on(player, "refused", (event) => this.stage.say(`Playback was refused: ${event.detail}`));
    on(window, "storage", (event) => this.#heard(event));
    on(window, "online", () => sender.kick());
    on(document, "visibilitychange", () => document.visibilityState === "visible" && this.#sync());
    on(window, "beforeunload", (event) => {
      this.panel.flush();
      if (this.status.pending) event.preventDefault();
    });
    // What a click leaves focused must not swallow the keys that follow; fields and buttons keep theirs.
    on(this.root, "pointerdown", (event) => !event.composedPath()[0].closest("button, input, textarea, select, summary, .options") && this.root.focus({ preventScroll: true }));
    const poll = setInterval(() => !this.doc.analysis && document.visibilityState === "visible" && this.#lookForAnalysis(), ANALYSIS_MS);
    signal.addEventListener("abort", () => clearInterval(poll));
  }

  /** @param {ClipDocument} doc */
  async open(doc) {
    const ticket = ++this.#ticket;
    const fresh = () => ticket === this.#ticket && !this.#closing.signal.aborted;
    const { id, duration_us, has_video, has_audio } = doc.clip;
    this.doc = doc;
    this.#opened = performance.now();
    this.#loaded = { traces: null, peaks: null, loading: true };
    this.theme = readTheme(this.root, doc.scheme);
    set(this.root, { "data-clip-id": id });
    this.desk.open(doc);
    this.stage.open(doc);
    this.board.minimap.peaks = null;
    this.view.open(duration_us);
    this.player.open(this.api.media(id), has_video ? this.api.poster(id) : null, FrameTable.grid(duration_us));
    this.#lanes();
    this.card.show(this.theme);
    this.picker.open(this.theme);
    this.#refresh();
    this.sender.kick();
    const parts = [
      has_video && this.api.frameTimes(id).then((stamps) => fresh() && this.#framed(stamps)),
      has_audio && this.api.peaks(id, peaksFor(duration_us)).then((peaks) => fresh() && this.#sounded(peaks)),
      doc.analysis && this.api.traces(id, doc.analysis.id).then((buffer) => fresh() && this.#traced(parseTraces(buffer))),
    ];
    const results = await Promise.allSettled(parts);
    if (!fresh()) return;
    this.#loaded.loading = false;
    this.#lanes();
    const failed = results.find((result) => result.status === "rejected");
    if (failed) this.desk.note(`Some lanes could not be loaded: ${/** @type {PromiseRejectedResult} */ (failed).reason.message}`);
  }

  /** @param {number|null} clip */
  async goToClip(clip) {
    if (clip === null || clip === undefined) return this.desk.note("There is no further clip.");
    this.panel.flush();
    try {
      const doc = await this.api.document(clip);
      this.moved(clip);
      await this.open(doc);
    } catch (error) {
      this.desk.note(`The clip could not be opened: ${/** @type {Error} */ (error).message}`);
    }
  }

  /** The theme may have changed. */
  restyle() {
    this.theme = readTheme(this.root, this.doc.scheme);
    this.picker.open(this.theme);
    this.card.show(this.theme);
    this.panel.update();
    this.board.redraw("lanes", "tiers", "over");
    this.stage.draw(this.theme);
  }

  close() {
    this.panel.flush();
    this.sender.close();
    this.#closing.abort();
    this.root.replaceChildren();
  }

  /** @param {Float64Array} stamps */
  #framed(stamps) {
    if (!stamps.length) return;
    this.player.table = new FrameTable(stamps, this.doc.clip.duration_us);
    for (const trace of this.#loaded.traces ?? []) trace.align(this.player.table);
    this.transport.update(this.commands, this.prefs);
    this.board.redraw("lanes", "over");
    this.#tick();
  }

  /** @param {Int8Array|null} peaks */
  #sounded(peaks) {
    this.#loaded.peaks = peaks;
    this.board.minimap.peaks = peaks;
    this.#lanes();
  }

  /** @param {import("./traces.js").Trace[]} traces */
  #traced(traces) {
    this.#loaded.traces = traces;
    for (const trace of traces) trace.align(this.player.table);
    this.stage.faces = traces.filter((trace) => trace.kind === "face");
    this.#lanes();
    this.stage.draw(this.theme);
  }

  #lanes() {
    const { id } = this.doc.clip;
    const how = {
      mode: () => /** @type {"stacked"|"heat"} */ (this.prefs.get("mode")),
      tile: (/** @type {number} */ k) => this.api.spectrogram(id, k),
      redraw: () => this.board.redraw("lanes"),
    };
    this.board.stack.show(groupsOf(this.doc, this.#loaded, how));
    this.board.redraw("over");
  }

  /** Judgements or target changed. */
  #refresh() {
    this.panel.update();
    this.picker.update();
    this.transport.update(this.commands, this.prefs);
    this.#mark();
  }

  #mark() {
    this.status.update();
    set(this.root, { "data-pending": this.status.pending, "data-status": this.status.state });
  }

  #tick() {
    this.transport.tick();
    set(this.root, { "data-frame": this.player.frame, "data-time-us": Math.round(this.player.timeUs) });
  }

  /** Another tab of this browser edited or sent. @param {StorageEvent} event */
  #heard(event) {
    this.outbox.heard(event);
    if (event.key?.startsWith("portrayal:op:") && event.newValue === null) this.#sync();
  }

  /** What the server has may have changed while this page was not looked at. */
  async #sync() {
    this.sender.kick();
    const { id } = this.doc.clip;
    try {
      const { boot, judgements } = await this.api.judgements(id);
      if (id !== this.doc.clip.id) return;
      this.judgements.load(id, judgements);
      if (boot !== this.doc.boot) this.status.restarted();
    } catch {
      // The server is away; the sender says so as soon as there is something to lose.
    }
  }

  async #lookForAnalysis() {
    const { id } = this.doc.clip;
    const doc = await this.api.document(id).catch(() => null);
    if (!doc?.analysis || id !== this.doc.clip.id) return;
    this.doc = this.desk.doc = doc;
    this.card.show(this.theme);
    this.picker.open(this.theme);
    this.#traced(parseTraces(await this.api.traces(id, doc.analysis.id)));
    this.board.update();
  }

  /** What the rater had before them when they judged. */
  #context() {
    const { doc, player } = this;
    return {
      task: "review",
      options_shown: doc.scheme.emotions.map((emotion) => emotion.id),
      suggestion_visible: doc.suggestion !== null && !doc.project.blind,
      intended_visible: doc.clip.intended.length > 0 && !doc.project.blind,
      others_visible: this.judgements.all.some((judgement) => judgement.rater.id !== doc.rater.id),
      latency_ms: Math.round(performance.now() - this.#opened),
      replays: player.replays,
      heard_to_end: player.heardToEnd,
      client_time: new Date().toISOString(),
    };
  }

  /** @param {() => void} leave @returns {Record<string, (argument?: any, event?: any) => any>} */
  #acts(leave) {
    const { desk, player, view, picker, panel, prefs, board } = this;
    const refresh = () => this.transport.update(this.commands, prefs);
    const span = () => desk.span ?? (desk.stretch && { startUs: Number(desk.stretch.start_us), endUs: Number(desk.stretch.end_us) }) ?? { startUs: 0, endUs: view.durationUs };
    return {
      leave,
      toggle: () => player.toggle(),
      stop: () => player.stop(),
      step: (frames) => player.step(frames),
      shuttle: (direction) => player.shuttle(direction),
      playSpan: () => player.playSpan(span().startUs, span().endUs),
      loop: () => (player.looping && player.playing ? ((player.looping = false), player.stop()) : player.playSpan(span().startUs, span().endUs, true)),
      home: () => player.seek(0),
      end: () => player.seek(player.table.seekTime(player.table.count - 1)),
      label: () => picker.focus(),
      digit: (_, event) => picker.digit(event.code),
      recent: (_, event) => picker.recent(Number(event.code.slice(-1)) - 1),
      accept: () => this.#accept(),
      intensity: () => panel.intensity.focus(),
      confidence: () => panel.confidence.focus(),
      note: () => panel.note.focus(),
      escape: () => (board.pointer.dragging ? board.pointer.cancel() : desk.target.kind === "draft" ? desk.unmark() : desk.selectClip()),
      markIn: () => this.#mark1("in"),
      markOut: () => this.#mark1("out"),
      split: () => desk.split(Math.round(player.table.start(player.frame))),
      merge: () => desk.merge(),
      remove: () => desk.remove(),
      nudge: (frames) => this.#nudge(frames),
      goTo: (direction) => this.#show(desk.goTo(direction, player.timeUs)),
      tier: (direction) => this.#tier(direction),
      zoomTo: () => view.show(span().startUs - 0.1 * (span().endUs - span().startUs), span().endUs + 0.1 * (span().endUs - span().startUs)),
      fit: () => view.fit(),
      closer: () => view.zoom(0.6, player.timeUs),
      wider: () => view.zoom(1 / 0.6, player.timeUs),
      pan: (direction) => view.pan(direction * 0.25 * view.spanUs),
      undo: () => desk.undo(),
      redo: () => desk.redo(),
      next: () => this.goToClip(this.doc.next),
      previous: () => this.goToClip(this.doc.previous),
      help: () => this.help.toggle(),
      boxes: () => (prefs.put("boxes", !prefs.get("boxes")), this.stage.draw(this.theme), refresh()),
      mode: () => (prefs.put("mode", prefs.get("mode") === "heat" ? "stacked" : "heat"), board.redraw("lanes"), refresh()),
    };
  }

  /** A model's judgement that is selected becomes one's own; otherwise the suggestion for the clip is taken up. */
  #accept() {
    const { desk, doc } = this;
    if (!desk.editable) return desk.adopt();
    if (!doc.suggestion || doc.project.blind) return desk.note("There is no suggestion here.");
    if (desk.span) return desk.note("The suggestion is about the whole clip: press esc first.");
    this.picker.accept(doc.suggestion);
  }

  /** @param {"in"|"out"} edge */
  #mark1(edge) {
    const { desk, player, view } = this;
    const { stretch, tier } = desk;
    const segments = desk.segments(tier);
    const us = Math.round(edge === "in" ? player.table.start(player.frame) : player.table.end(player.frame));
    // The other end: where it was, else where the neighbour or the clip begins or ends.
    const after = segments.map((j) => Number(j.start_us)).filter((start) => start > us);
    const before = segments.map((j) => Number(j.end_us)).filter((end) => end < us);
    const [from, to] = [Number(stretch?.start_us ?? -1), Number(stretch?.end_us ?? -1)];
    if (edge === "in") desk.mark(tier, us, to > us ? to : Math.min(view.durationUs, ...after));
    else desk.mark(tier, from >= 0 && from < us ? from : Math.max(0, ...before), us);
  }

  /** @param {number} frames */
  #nudge(frames) {
    const { desk, player } = this;
    const { span, judgement } = desk;
    if (!span) return desk.note("Choose a segment first.");
    const { table, timeUs } = player;
    const atStart = Math.abs(span.startUs - timeUs) < Math.abs(span.endUs - timeUs);
    const k = table.indexAt(atStart ? span.startUs : span.endUs - 1);
    const us = Math.round(atStart ? table.start(k + frames) : table.end(k + frames));
    const next = atStart ? { startUs: us, endUs: span.endUs } : { startUs: span.startUs, endUs: us };
    if (next.endUs - next.startUs < 1) return;
    if (judgement && isSpan(judgement)) desk.move([{ segment: judgement, ...next }]);
    else desk.mark(desk.tier, next.startUs, next.endUs);
    player.seek(table.seekTime(atStart ? k + frames : k + frames));
  }

  /** @param {1|-1} direction */
  #tier(direction) {
    const tiers = tiersOf(this.doc).map((tier) => tier.tier);
    const place = tiers.indexOf(this.desk.tier) + direction;
    this.desk.tier = tiers[Math.min(Math.max(place, 0), tiers.length - 1)];
    this.board.update();
  }

  /** @param {import("./types.js").Judgement|null|undefined|void} judgement */
  #show(judgement) {
    if (!judgement || !isSpan(judgement)) return;
    const us = Number(judgement.start_us);
    if (us < this.view.startUs || us > this.view.endUs) this.view.pan(us - this.view.startUs - 0.1 * this.view.spanUs);
    if (!this.player.playing) this.player.seek(us + 1);
  }
}
