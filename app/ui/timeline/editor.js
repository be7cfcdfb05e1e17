/** The review editor: puts its parts together, and says what each key and button does. */
import { actsOf } from "./acts.js";
import { ServerError } from "./api.js";
import { Board } from "./board.js";
import { FrameTable } from "./clock.js";
import { Commands } from "./commands.js";
import { Compare } from "./compare.js";
import { contextOf } from "./context.js";
import { Correcting } from "./corrections/correcting.js";
import { withCorrections } from "./corrections/diverted.js";
import { Desk } from "./desk.js";
import { el, set } from "./dom.js";
import { EvidenceCard } from "./evidence.js";
import { Help } from "./help.js";
import { Judgements } from "./judgements.js";
import { keepKeyboard } from "./keyboard.js";
import { listen } from "./keys.js";
import { ShownLanes } from "./lanes/shown.js";
import { peaksFor } from "./lanes/sound.js";
import { Panel } from "./panel.js";
import { Picker } from "./picker.js";
import { Player } from "./player.js";
import { Prefs } from "./prefs.js";
import { Stage } from "./stage.js";
import { Status } from "./status.js";
import { readTheme } from "./theme.js";
import { parseTraces } from "./traces.js";
import { Transport } from "./transport.js";
import { View } from "./view.js";
import { Watch } from "./watch.js";

/** @typedef {import("./types.js").ClipDocument} ClipDocument */

/** While a clip has no analysis yet, it is asked for this often. */
const ANALYSIS_MS = 4000;

export class Editor {
  #closing = new AbortController();
  #opened = performance.now();
  /** Of the clip that was opened last, and of the last one asked for. */
  #ticket = 0;
  #going = 0;
  /** Whether the pointer is down: something is dragged, or about to be. */
  #pressed = false;

  /**
   * @param {HTMLElement} root
   * @param {import("./api.js").Api} api
   * @param {ClipDocument} doc
   * @param {import("./saving.js").Saving} saving
   * @param {(clip: number) => void} moved  the rater went on to another clip
   */
  constructor(root, api, doc, saving, moved) {
    const { signal } = this.#closing;
    this.root = root;
    this.api = api;
    this.doc = doc;
    this.moved = moved;
    const storage = window.localStorage;
    const leave = () => this.root.focus({ preventScroll: true });
    const theme = () => this.theme;
    this.theme = readTheme(root, doc.scheme);
    this.outbox = saving.outbox;
    this.sender = saving.sender;
    this.prefs = new Prefs(storage, this.outbox.owner);
    this.judgements = new Judgements(this.outbox, doc.rater);
    this.watch = new Watch(api, doc.boot, this.outbox, this.judgements, () => this.#pressed || this.panel.typing);
    this.commands = new Commands(this.judgements, this.outbox, storage, () => contextOf(this.doc, this.judgements, this.player, this.#opened));
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
    this.compare = new Compare(
      api,
      () => this.doc,
      (us) => this.player.seek(us),
    );
    const { desk, view, player, prefs } = this;
    this.correcting = new Correcting(this, leave, signal);
    this.correcting.heed(this.watch, signal);
    this.board = new Board({ desk, view, player, prefs, theme, marked: leave, correcting: this.correcting }, signal);
    this.lanes = new ShownLanes(this.board, api, this.prefs, this.compare);
    this.acts = withCorrections(this, actsOf(this, leave), leave);
    this.transport = new Transport(this.player, this.acts, this.status.mark);
    const beside = el("div.beside", {}, this.correcting.people.element, this.card.element);
    root.replaceChildren(
      el("div.left", {}, el("div.top", {}, this.stage.element, beside), this.transport.element, this.board.element),
      el("div.right", {}, this.status.notices, this.panel.element, this.status.note),
      this.help.element,
      this.compare.element,
    );
    this.#connect(signal, leave);
  }

  /** @param {AbortSignal} signal @param {() => void} leave */
  #connect(signal, leave) {
    const { desk, outbox, sender, player, commands, judgements } = this;
    const on = (/** @type {EventTarget} */ target, /** @type {string} */ name, /** @type {(event: any) => void} */ work) =>
      target.addEventListener(name, work, { signal });
    listen(this.root, (binding, event) => this.#press(binding, event), signal);
    on(desk, "change", () => this.#refresh());
    on(desk, "note", (event) => this.status.pass(event.detail));
    on(outbox, "change", () => this.#mark());
    on(sender, "state", () => this.#mark());
    on(sender, "ack", (event) => judgements.learn(event.detail.entry, event.detail.ack));
    on(sender, "ack", () => this.doc.project.blind && this.#lookAgain());
    on(sender, "boot", (event) => this.watch.served(event.detail));
    on(this.watch, "restarted", (event) => this.status.restarted(event.detail));
    on(this.watch, "news", () => this.desk.note("Labels were changed elsewhere; they are shown."));
    on(commands, "edit", () => sender.kick());
    on(this.compare, "change", () => {
      this.lanes.show(this.doc, this.player.table);
      this.board.reveal("second:");
    });
    on(player, "time", () => this.#tick());
    on(player, "state", () => this.refreshBar());
    on(player, "refused", (event) => this.stage.say(`Playback was refused: ${event.detail}`));
    on(window, "storage", (event) => this.#heard(event));
    const seen = () => document.visibilityState === "visible";
    on(document, "visibilitychange", () => seen() && (sender.kick(), this.watch.look()));
    this.watch.begin(seen, signal);
    on(this.root, "pointerdown", () => (this.#pressed = true));
    // Let go outside the window, the pointer tells of it only when it moves again.
    for (const end of ["pointerup", "pointercancel", "pointermove"]) on(window, end, (event) => (this.#pressed &&= event.buttons > 0));
    on(window, "beforeunload", (event) => {
      this.panel.flush();
      if (this.outbox.pending) event.preventDefault();
    });
    keepKeyboard(this.root, leave, () => this.help.element.open, signal);
    const awaited = () => !this.doc.analysis && !this.doc.project.blind && seen();
    const poll = setInterval(() => awaited() && this.#lookAgain(), ANALYSIS_MS);
    signal.addEventListener("abort", () => clearInterval(poll));
  }

  /** @param {import("./keys.js").Binding} binding @param {KeyboardEvent} event @returns {boolean} whether it meant something */
  #press(binding, event) {
    // While the sheet of keys is open they are read, not used.
    if (this.help.element.open && binding.act !== "help") return false;
    if (this.compare.element.open && binding.act !== "compare") return false;
    this.acts[binding.act](binding.with, event);
    return true;
  }

  /** @param {ClipDocument} doc */
  async open(doc) {
    // A note may have been typed while this clip was on its way: it is about the one that is left now.
    this.panel.flush();
    const ticket = ++this.#ticket;
    const fresh = () => ticket === this.#ticket && !this.#closing.signal.aborted;
    const { id, duration_us, has_video, has_audio } = doc.clip;
    this.doc = doc;
    this.#opened = performance.now();
    this.lanes.clear();
    this.theme = readTheme(this.root, doc.scheme);
    set(this.root, { "data-clip-id": id, "data-ready": "loading" });
    this.desk.open(doc);
    this.correcting.open(doc);
    this.compare.reset();
    this.stage.open(doc);
    this.board.minimap.peaks = null;
    this.card.traces = [];
    this.view.open(duration_us);
    this.player.open(this.api.media(id), has_video ? this.api.poster(id) : null, FrameTable.grid(duration_us));
    this.lanes.show(this.doc, this.player.table);
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
    this.lanes.loading = false;
    this.lanes.show(this.doc, this.player.table);
    set(this.root, { "data-ready": "ready" });
    const failed = results.find((result) => result.status === "rejected");
    if (failed) this.desk.note(`Some lanes could not be loaded: ${/** @type {PromiseRejectedResult} */ (failed).reason.message}`);
  }

  /** @param {number|null} clip */
  async goToClip(clip) {
    if (clip === null || clip === undefined) return this.desk.note("There is no further clip.");
    this.panel.flush();
    const ticket = ++this.#going;
    const wanted = () => ticket === this.#going && !this.#closing.signal.aborted;
    try {
      const doc = await this.outbox.settled(clip, () => this.api.document(clip));
      // Whoever presses on, quicker than the server answers, means the clip pressed for last.
      if (!wanted()) return;
      this.moved(clip);
      await this.open(doc);
    } catch (error) {
      if (wanted()) this.desk.note(`The clip could not be opened: ${/** @type {Error} */ (error).message}`);
    }
  }

  /** The theme may have changed; if not, nothing is disturbed. */
  restyle() {
    const theme = readTheme(this.root, this.doc.scheme);
    if (theme.paper === this.theme.paper && theme.ink === this.theme.ink && theme.accent === this.theme.accent) return;
    this.theme = theme;
    this.picker.open(this.theme);
    this.card.show(this.theme);
    this.panel.update();
    this.board.redraw("overview", "lanes", "tiers", "over");
    this.stage.draw(this.theme);
  }

  /** What the bar under the picture shows may have changed. */
  refreshBar() {
    this.transport.update(this.commands, this.prefs);
  }

  /** The rater goes to another page. What waits is still sent: the sender stays. */
  close() {
    this.panel.flush();
    this.#closing.abort();
    this.root.replaceChildren();
  }

  /** @param {Float64Array} stamps */
  #framed(stamps) {
    if (!stamps.length) return;
    this.player.table = new FrameTable(stamps, this.doc.clip.duration_us);
    this.lanes.align(this.player.table);
    this.refreshBar();
    this.board.redraw("lanes", "over");
    this.#tick();
  }

  /** @param {Int8Array|null} peaks */
  #sounded(peaks) {
    this.lanes.peaks = peaks;
    this.board.minimap.peaks = peaks;
    this.board.redraw("overview");
    this.lanes.show(this.doc, this.player.table);
  }

  /** @param {import("./traces.js").Trace[]} traces */
  #traced(traces) {
    this.lanes.traces = traces;
    this.card.traces = traces;
    this.card.update();
    this.stage.faces = traces.filter((trace) => trace.kind === "face");
    this.correcting.faces(traces, this.doc);
    this.lanes.show(this.doc, this.player.table);
    this.stage.draw(this.theme);
  }

  /** Judgements or target changed. */
  #refresh() {
    this.panel.update();
    this.picker.update();
    this.card.update();
    this.refreshBar();
    this.#mark();
  }

  #mark() {
    this.status.update();
    set(this.root, { "data-pending": this.status.pending, "data-status": this.status.state });
  }

  #tick() {
    this.transport.tick();
    set(this.root, { "data-frame": this.player.frame, "data-time-us": this.player.shownUs });
  }

  /** Another tab of this browser edited or sent. @param {StorageEvent} event */
  #heard(event) {
    // An edit that another tab brought home stays on top of what is shown until the server's own word for it is here.
    if (this.outbox.answeredElsewhere(event) === this.doc.clip.id)
      this.watch.look({ regardless: true }).finally(() => this.outbox.heard(event));
    else this.outbox.heard(event);
  }

  /** The clip may have been analysed since it was opened, or be blind no longer, now that the rater has judged it. */
  async #lookAgain() {
    const ticket = this.#ticket;
    const { id } = this.doc.clip;
    try {
      const doc = await this.api.document(id);
      const traces = doc.analysis && parseTraces(await this.api.traces(id, doc.analysis.id));
      const news = doc.analysis || doc.project.blind !== this.doc.project.blind;
      if (!news || ticket !== this.#ticket || this.#closing.signal.aborted) return;
      this.doc = this.desk.doc = doc;
      this.correcting.open(doc);
      this.card.show(this.theme);
      this.picker.open(this.theme);
      if (traces) this.#traced(traces);
      this.board.update();
    } catch (error) {
      // It is looked for again in a while; what is on screen does not need it.
      if (!(error instanceof ServerError)) throw error;
    }
  }
}
