/**
 * The one `<video>`, and with it the only clock. Fires `time` (a new time or frame), `state` (playing, rate, loop).
 * Sound-only clips play through the same element.
 */
import { FrameTable } from "./clock.js";

/** Shuttle speeds. Below zero the frames are stepped through backwards, silently: browsers do not play in reverse. */
export const RATES = [-2, -1, -0.5, -0.25, 0, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 4];

/** This close to the clip's end counts as heard to the end: containers round. */
const END_SLACK_S = 0.25;

export class Player extends EventTarget {
  table = FrameTable.grid(1_000_000);
  /** Number of the frame that is on screen. */
  frame = 0;
  rate = 1;
  looping = false;
  /** Times the clip was started from its beginning, after the first. */
  replays = 0;
  heardToEnd = false;
  #starts = 0;
  /** @type {number|null} where a seek that is under way leads */
  #target = null;
  /** @type {number|null} */
  #wanted = null;
  /** @type {{startUs: number, endUs: number} | null} */
  #span = null;
  #reverse = 0;
  #lastTick = 0;

  /** @param {HTMLVideoElement} video @param {AbortSignal} signal */
  constructor(video, signal) {
    super();
    this.video = video;
    const on = (/** @type {string} */ name, /** @type {() => void} */ work) => video.addEventListener(name, work, { signal });
    on("seeked", () => this.#arrived());
    on("play", () => this.#started());
    on("pause", () => {
      if (!this.#toldOfFrames) this.#lookAtClock();
      this.#fire("state");
    });
    on("ratechange", () => this.#fire("state"));
    on("ended", () => this.#ended());
    on("loadeddata", () => {
      video.removeAttribute("poster"); // a frame from elsewhere in the clip would stand under the name of frame 0
      this.#fire("time");
    });
    signal.addEventListener("abort", () => video.pause());
    this.#watchFrames(signal);
  }

  /** @param {string} source @param {string|null} poster @param {FrameTable} table */
  open(source, poster, table) {
    this.stop();
    this.table = table;
    this.frame = 0;
    this.replays = this.#starts = 0;
    this.heardToEnd = false;
    this.#target = this.#wanted = this.#span = null;
    if (poster) this.video.poster = poster;
    else this.video.removeAttribute("poster");
    if (this.video.getAttribute("src") !== source) this.video.src = source;
    this.#fire("time");
  }

  get timeUs() {
    return this.#wanted ?? this.#target ?? Math.min(Math.round(this.video.currentTime * 1e6), this.table.durationUs);
  }

  /** The stamp of the frame on screen: what is read out. Seeks go half a frame past it. Without frames, the clock's own time. */
  get shownUs() {
    return this.table.real ? Math.round(this.table.start(this.frame)) : this.timeUs;
  }

  /** Where the playhead stands: at rest on the frame shown; while playing, and within a picture that stands, where the sound is. */
  get placeUs() {
    return this.playing || this.table.held(this.frame) ? this.timeUs : this.shownUs;
  }

  get playing() {
    return this.#reverse !== 0 || !this.video.paused;
  }

  get speed() {
    return this.#reverse || this.rate;
  }

  toggle() {
    if (this.playing) this.stop();
    else this.play();
  }

  play() {
    this.#reverse = 0;
    // While a seek is under way, the old place no longer counts.
    const over = this.#target === null && (this.video.ended || this.timeUs >= this.table.durationUs - 1000);
    if (over) this.seek(0);
    this.video.playbackRate = this.rate;
    // Refused playback (nothing decoded yet, or a newer seek) is not an error of the rater's.
    this.video.play().catch((/** @type {DOMException} */ error) => {
      if (error.name !== "AbortError") this.dispatchEvent(new CustomEvent("refused", { detail: error.message }));
    });
  }

  stop() {
    this.#span = null;
    this.looping = false;
    this.#reverse = 0;
    this.video.pause();
    this.#fire("state");
  }

  /** Shows the frame at that time. Seeks do not pile up: the latest wins. @param {number} us */
  seek(us) {
    const to = Math.min(Math.max(us, 0), this.table.durationUs);
    if (this.#target !== null) this.#wanted = to;
    else this.#go(to);
    this.frame = this.table.indexAt(to);
    this.#fire("time");
  }

  /** @param {number} frames  negative: back */
  step(frames) {
    if (this.playing) this.stop();
    this.seek(this.table.seekTime(this.table.indexAt(this.timeUs) + frames));
  }

  /** One rung faster or slower. From a stand: forwards or backwards at normal speed. @param {1|-1} direction */
  shuttle(direction) {
    const now = this.playing ? this.speed : 0;
    const rate = now === 0 ? direction : (RATES[RATES.indexOf(now) + direction] ?? now);
    if (rate === 0) return this.stop();
    if (rate < 0) return this.#back(rate);
    this.rate = rate;
    this.play();
  }

  /** @param {number} rate */
  setRate(rate) {
    this.rate = rate;
    this.video.playbackRate = rate;
    this.#fire("state");
  }

  /** Plays [startUs, endUs), once or over and over. @param {number} startUs @param {number} endUs */
  playSpan(startUs, endUs, loop = false) {
    this.seek(startUs + 1);
    this.play();
    this.#span = { startUs, endUs };
    this.looping = loop;
    this.#fire("state");
  }

  /** Called once a screen refresh while something moves. @returns {boolean} whether it should be called again */
  tick(now = performance.now()) {
    const elapsed = Math.min(now - this.#lastTick, 100);
    this.#lastTick = now;
    if (!this.#toldOfFrames) this.#lookAtClock();
    if (this.#reverse && this.#target === null) {
      const to = this.timeUs + this.#reverse * elapsed * 1000;
      this.seek(to);
      if (to <= 0) this.stop();
    }
    if (this.#span && !this.#reverse && this.#target === null && this.timeUs >= this.#span.endUs) {
      const { startUs, endUs } = this.#span;
      if (this.looping) this.seek(startUs + 1);
      else {
        this.stop();
        this.seek(this.table.seekTime(this.table.indexBefore(endUs)));
      }
    }
    return this.playing;
  }

  /** @param {number} rate */
  #back(rate) {
    this.video.pause();
    this.#reverse = rate;
    this.#lastTick = performance.now();
    this.#fire("state");
  }

  #started() {
    if (this.video.currentTime < 0.5) this.replays = Math.max(0, this.#starts++);
    this.#lastTick = performance.now();
    this.#fire("state");
  }

  #ended() {
    const { played, duration } = this.video;
    let heard = 0;
    for (let i = 0; i < played.length; i++) heard += played.end(i) - played.start(i);
    if (heard >= duration - END_SLACK_S) this.heardToEnd = true;
    if (this.#span && this.looping) this.playSpan(this.#span.startUs, this.#span.endUs, true);
    this.#fire("state");
  }

  /** @param {number} us */
  #go(us) {
    this.#target = us;
    this.video.currentTime = us / 1e6;
  }

  #arrived() {
    this.#target = null;
    if (this.#wanted !== null) {
      const next = this.#wanted;
      this.#wanted = null;
      this.#go(next);
    }
    this.#fire("time");
  }

  /** Whether the browser says which frame is on screen: not for sound alone, and not every browser does. */
  get #toldOfFrames() {
    return this.table.real && "requestVideoFrameCallback" in this.video;
  }

  #lookAtClock() {
    this.frame = this.table.indexAt(this.timeUs);
    this.#fire("time");
  }

  /** The browser says which frame it has put on screen; its own `currentTime` runs ahead of it. @param {AbortSignal} signal */
  #watchFrames(signal) {
    if (!("requestVideoFrameCallback" in this.video)) return;
    const seen = (/** @type {number} */ _now, /** @type {{mediaTime: number}} */ drawn) => {
      if (signal.aborted) return;
      if (this.table.real && this.#wanted === null) {
        this.frame = this.table.indexAt(drawn.mediaTime * 1e6);
        this.#fire("time");
      }
      this.video.requestVideoFrameCallback(seen);
    };
    this.video.requestVideoFrameCallback(seen);
  }

  /** @param {string} name */
  #fire(name) {
    this.dispatchEvent(new Event(name));
  }
}
