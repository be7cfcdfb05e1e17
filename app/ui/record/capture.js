/** One recording: pieces from the browser's MediaRecorder into the takes, and how long it has been going. */

import { BITS } from "./camera.js";

/** A piece goes to the disk this often: what a crash can cost. */
const PIECE_MS = 500;

export class Capture {
  #before = 0;
  /** @type {number | null} */
  #since = null;

  /**
   * @param {MediaStream} stream
   * @param {import("./takes.js").Takes} takes
   * @param {import("./takes.js").Take} take
   * @param {() => void} ended  called once, when the last piece is in
   */
  constructor(stream, takes, take, ended) {
    this.take = take;
    this.recorder = new MediaRecorder(stream, { mimeType: take.mime, ...BITS });
    this.recorder.ondataavailable = ({ data }) => takes.add(take, data, this.lengthMs);
    this.recorder.onstart = () => (this.#since ??= performance.now());
    this.recorder.onstop = () => {
      this.#rest();
      ended();
    };
    this.recorder.start(PIECE_MS);
  }

  /** Of the recording so far, without the pauses. */
  get lengthMs() {
    return this.#before + (this.#since === null ? 0 : performance.now() - this.#since);
  }

  pause() {
    this.#rest();
    this.recorder.pause();
  }

  resume() {
    this.#since = performance.now();
    this.recorder.resume();
  }

  /** What was recorded comes with `ended`; a recorder that its devices have left has stopped by itself. */
  stop() {
    if (this.recorder.state !== "inactive") this.recorder.stop();
  }

  #rest() {
    this.#before = this.lengthMs;
    this.#since = null;
  }
}
