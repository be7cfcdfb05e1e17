/**
 * The record page: holds camera, takes and sender together. Takes and sender live as long as the browser tab has its page, so that what
 * was kept reaches the server though the user has gone on to another of the program's pages; camera and microphone are let go at once.
 */

import * as camera from "./camera.js";
import { Capture } from "./capture.js";
import { deskOf } from "./desk.js";
import { element } from "./dom.js";
import { Meter } from "./level.js";
import { keptRows, standing, takeRows } from "./lists.js";
import { defaultName, endingOf, mimeFor, nameOf } from "./names.js";
import { STREAMLIT, actOf, after, isTaking } from "./phases.js";
import { Screen } from "./screen.js";
import { explain } from "./words.js";

/** @typedef {import("./takes.js").Take} Take */
/** @typedef {import("./sender.js").Sender} Sender */
/** @typedef {import("./desk.js").Desk} Desk */

/** @type {WeakMap<object, Recorder>} */
const recorders = new WeakMap();

/** @param {any} component  as Streamlit hands it over */
export function show(component) {
  const { parentElement } = component;
  const recorder = recorders.get(parentElement) ?? new Recorder(parentElement.querySelector(".root"));
  recorders.set(parentElement, recorder);
  recorder.update(component);
}

/** @param {object} parentElement */
export function leave(parentElement) {
  recorders.get(parentElement)?.close();
  recorders.delete(parentElement);
}

class Recorder {
  /** @type {import("./phases.js").Phase} */ phase = "off";
  /** @type {MediaStream | null} */ stream = null;
  /** @type {import("./words.js").Reason | null} */ reason = null;
  /** @type {Meter | null} */ meter = null;
  /** @type {Capture | null} */ capture = null;
  /** The take on the stage. @type {Take | null} */ judged = null;
  /** @type {Desk | null} */ desk = null;
  choice = { camera: "", microphone: "" };
  #owner = "";
  #reported = "";
  #families = "";
  #tick = 0;
  #countdown = 0;
  #drawing = 0;
  #left = new AbortController();

  /** @param {HTMLElement} root */
  constructor(root) {
    this.screen = new Screen({ act: (act) => this.act(act), ask: () => this.ask(), choose: () => this.#chosen(), edit: () => this.#edited() });
    this.mark = element("span.mark", { role: "status", "data-testid": "takes-status" });
    this.waiting = element("div.list", { role: "list", "aria-label": "Takes in this browser" });
    this.kept = element("div.list", { role: "list", "aria-label": "Kept takes" });
    this.keptTitle = element("h3", {}, "Kept takes", this.mark);
    this.root = root;
    root.replaceChildren(this.waiting, this.screen.node, this.keptTitle, this.kept);
    const { signal } = this.#left;
    window.addEventListener("keydown", (event) => this.#key(event), { signal, capture: true });
    root.addEventListener("keydown", (event) => event.stopPropagation(), { signal }); // what is typed in fields is not Streamlit's
    window.addEventListener("beforeunload", (event) => isTaking(this.phase) && event.preventDefault(), { signal });
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#list(), { signal });
    this.#explain(null);
    this.#list();
  }

  update({ data, setStateValue, setTriggerValue }) {
    this.data = data;
    this.report = (/** @type {number[]} */ ids) => setStateValue("added", ids);
    this.open = (/** @type {number} */ clip) => setTriggerValue("open", clip);
    const families = JSON.stringify(data.families);
    if (families !== this.#families) this.screen.emotions(data.families);
    this.#families = families;
    if (data.owner !== this.#owner) {
      this.#owner = data.owner;
      deskOf(data.owner).then((desk) => this.#at(desk));
    }
    this.#names();
    this.#soon();
  }

  /** The recording so far is kept in the browser, and offered when the page is looked at again. */
  close() {
    this.#left.abort();
    clearInterval(this.#countdown);
    this.capture?.stop();
    this.#letGo();
    this.screen.playback("");
    for (const take of this.desk?.takes.all ?? []) if (take.state === "discarded") this.desk?.takes.remove(take);
  }

  /** @param {import("./phases.js").Act} act */
  act(act) {
    const { judged, screen } = this;
    if (act === "record") this.#count();
    else if (act === "cancel") this.#step("cancel");
    else if (act === "stop") this.#step("stop") && this.capture?.stop();
    else if (act === "pause") this.#step("pause") && this.capture?.pause();
    else if (act === "resume") this.#step("resume") && this.capture?.resume();
    else if (act === "play") screen.playOrPause();
    else if (judged && act === "keep") this.#keep(judged);
    else if (judged && act === "discard") this.#discard(judged);
    else if (judged && act === "retake") this.#retake(judged);
  }

  async ask() {
    if (!this.#step("ask")) return;
    this.#letGo();
    try {
      const stream = await camera.open(this.choice);
      if (this.#left.signal.aborted) return stream.getTracks().forEach((track) => track.stop());
      this.#opened(stream);
    } catch (error) {
      await this.#explain(error instanceof Error ? error.name : String(error));
      this.#step("refused");
    }
    this.#list();
  }

  /** @param {MediaStream} stream */
  #opened(stream) {
    this.stream = stream;
    this.reason = null;
    for (const track of stream.getTracks()) track.onended = () => this.#lost();
    if (stream.getAudioTracks().length) this.meter = new Meter(stream, (heard) => this.screen.loudness(heard));
    this.#step("granted");
  }

  async #lost() {
    this.capture?.stop();
    this.#letGo();
    await this.#explain("Lost");
    this.#step("lost");
  }

  #letGo() {
    this.meter?.close();
    this.meter = null;
    for (const track of this.stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.stream = null;
  }

  /** @param {string | null} error */
  async #explain(error) {
    const permission = await camera.permission(this.choice);
    const [secure, recorder] = [window.isSecureContext, typeof MediaRecorder !== "undefined"];
    this.reason = explain({ secure, recorder, error, permission, host: location.host });
    this.#draw();
  }

  async #list() {
    this.screen.devices(await camera.devices(), this.choice);
  }

  #chosen() {
    this.choice = { camera: this.screen.camera.value, microphone: this.screen.microphone.value };
    if (this.stream) this.ask();
    else {
      this.#list();
      this.#explain(null);
    }
  }

  #count() {
    this.meter?.wake();
    let left = Number(this.screen.countdown.value);
    if (left === 0) return this.#start();
    if (!this.#step("count")) return;
    this.screen.count.textContent = String(left);
    clearInterval(this.#countdown);
    this.#countdown = window.setInterval(() => {
      left -= 1;
      if (left > 0) this.screen.count.textContent = String(left);
      else this.#start();
    }, 1000);
  }

  #start() {
    clearInterval(this.#countdown);
    if (!this.desk || !this.stream) return;
    const mime = mimeFor(this.stream.getVideoTracks().length > 0, (type) => MediaRecorder.isTypeSupported(type));
    if (mime === null || !this.#step("start")) return;
    const { takes } = this.desk;
    const [started, { actor, intended }] = [new Date(), this.screen];
    const otherwise = defaultName(this.data.rater, started, endingOf(mime));
    const name = nameOf(this.screen.name.value, endingOf(mime), otherwise);
    const take = takes.begin({ project: this.data.project, mime, started: started.getTime(), name, actor: actor.value, intended: intended.value });
    this.capture = new Capture(this.stream, takes, take, () => this.#ended(take));
    this.#tick = window.setInterval(() => this.#progress(), 200);
    this.#progress();
  }

  #progress() {
    if (this.capture) this.screen.progress(this.capture.lengthMs, this.capture.take.size);
  }

  /** @param {Take} take */
  async #ended(take) {
    clearInterval(this.#tick);
    this.#progress();
    const { takes } = /** @type {Desk} */ (this.desk);
    const length_ms = this.capture?.lengthMs ?? take.length_ms;
    this.capture = null;
    if (take.size === 0) {
      await takes.remove(take);
      this.#step("stop");
      return void this.#step("failed");
    }
    takes.change(take, { state: "recorded", length_ms });
    if (this.#left.signal.aborted) return;
    this.#step("stop"); // where the recorder stopped by itself
    await this.#judge(take, "ended");
  }

  /** @param {Take} take @param {"ended"|"judge"} step */
  async #judge(take, step) {
    const file = await /** @type {Desk} */ (this.desk).takes.file(take);
    if (this.#left.signal.aborted || !this.#step(step)) return;
    this.judged = take;
    const { screen } = this;
    [screen.name.value, screen.actor.value, screen.intended.value] = [take.name, take.actor, take.intended];
    screen.progress(take.length_ms, take.size);
    screen.playback(URL.createObjectURL(file));
    this.#draw();
  }

  /** @param {Take} take */
  #keep(take) {
    const name = nameOf(take.name, endingOf(take.mime), defaultName(this.data.rater, new Date(take.started), endingOf(take.mime)));
    this.desk?.takes.change(take, { state: "keeping", name, reason: "" });
    if (take !== this.judged) return;
    this.screen.intended.value = ""; // the next take's may be another; a wrong one would pass unseen
    this.#done();
  }

  /** @param {Take} take */
  #discard(take) {
    this.desk?.takes.change(take, { state: "discarded" });
    if (take === this.judged) this.#done();
  }

  /** The same again: the intended emotion stays, and so does a name that was typed. @param {Take} take */
  #retake(take) {
    const typed = take.name === defaultName(this.data.rater, new Date(take.started), endingOf(take.mime)) ? "" : take.name;
    this.#discard(take);
    this.screen.name.value = typed;
    if (this.stream) this.#count();
    else this.ask();
  }

  #done() {
    this.judged = null;
    this.screen.name.value = "";
    this.screen.playback("");
    this.screen.progress(0, 0);
    this.#step("done");
    if (!this.stream) this.#step("lost");
  }

  /** What is typed belongs to the take on the stage, or else to the next one. */
  #edited() {
    const { name, actor, intended } = this.screen;
    const take = this.judged ?? this.capture?.take;
    if (take) this.desk?.takes.change(take, { name: name.value || take.name, actor: actor.value, intended: intended.value });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const [target] = /** @type {HTMLElement[]} */ (event.composedPath());
    const typing = target.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable], [role=combobox]");
    if (typing) return;
    const pressing = (event.key === " " || event.key === "Enter") && target.matches?.("button, a, video, label, summary, input, [role=button]");
    const act = pressing ? null : actOf(this.phase, event.key);
    if (act) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!event.repeat) this.act(act);
    } else if (STREAMLIT.has(event.key.toLowerCase())) event.stopPropagation();
  }

  /** @param {Desk} desk */
  #at(desk) {
    if (this.#left.signal.aborted) return;
    this.desk = desk;
    for (const source of [desk.takes, desk.sender]) source.addEventListener("change", () => this.#soon(), { signal: this.#left.signal });
    desk.sender.kick();
    this.#soon();
  }

  /** False where the step makes no sense now. @param {import("./phases.js").Step} step */
  #step(step) {
    const next = after(this.phase, step);
    if (next === null) return false;
    if (this.phase === "counting") clearInterval(this.#countdown);
    this.phase = next;
    this.#draw();
    return true;
  }

  #soon() {
    cancelAnimationFrame(this.#drawing);
    this.#drawing = requestAnimationFrame(() => this.#draw());
  }

  #names() {
    this.screen.name.placeholder = defaultName(this.data.rater, new Date(), "webm").replace(/\d{6}(?=\.)/, "time");
  }

  #draw() {
    this.screen.phase(this.phase, { stream: this.stream, reason: this.reason });
    if (!this.desk || this.#left.signal.aborted) return;
    const { takes, sender } = this.desk;
    const told = {
      judge: (/** @type {Take} */ take) => (this.phase === "off" || this.phase === "ready" || this.phase === "judging") && this.#judge(take, "judge"),
      keep: (/** @type {Take} */ take) => this.#keep(take),
      discard: (/** @type {Take} */ take) => this.#discard(take),
      back: (/** @type {Take} */ take) => takes.change(take, { state: "recorded" }),
      download: (/** @type {Take} */ take) => this.#download(take),
      tryNow: () => sender.kick(),
      open: (/** @type {number} */ clip) => this.open?.(clip),
    };
    this.waiting.replaceChildren(...takeRows(takes.all, { judged: this.judged, project: this.data.project, now: Date.now() }, sender, told));
    this.kept.replaceChildren(...keptRows(sender.kept, this.data.project, told));
    const waiting = takes.all.filter(({ state }) => state === "keeping").length;
    const [kind, text] = standing(waiting, sender.trouble, takes.durable);
    this.mark.dataset.status = kind;
    this.mark.textContent = text;
    this.keptTitle.hidden = !sender.kept.length && !waiting && takes.durable;
    this.#report(sender);
  }

  /** All clips that came into this project so far: reports that overtake each other lose nothing. @param {Sender} sender */
  #report(sender) {
    const ids = sender.kept.filter(({ project }) => project === this.data.project).map(({ clip }) => clip);
    const text = JSON.stringify(ids);
    if (!ids.length || text === this.#reported) return;
    this.#reported = text;
    this.report?.(ids);
  }

  /** @param {Take} take */
  async #download(take) {
    const file = await /** @type {Desk} */ (this.desk).takes.file(take);
    const address = URL.createObjectURL(file);
    element("a", { href: address, download: take.name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }
}
