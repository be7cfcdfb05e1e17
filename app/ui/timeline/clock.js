/** Which frame is on screen when: answered from the container's own time stamps, never from a frame rate. */

/** A browser names a frame's time in seconds; turned back to µs it may fall this far short of the stamp. */
const STAMP_SLACK_US = 500;

/** A frame on screen longer than this, less than five a second, is a picture that stands while the sound goes on. */
const HELD_US = 200_000;

/** Without video there is nothing to step through; the arrow keys then move by this much. */
export const SOUND_STEP_US = 10_000;

export class FrameTable {
  /**
   * @param {ArrayLike<number>} stampsUs  start of each frame, ascending
   * @param {number} durationUs  end of the clip
   * @param {boolean} real  false: a made-up grid for a clip without video
   */
  constructor(stampsUs, durationUs, real = true) {
    this.stampsUs = stampsUs;
    this.durationUs = durationUs;
    this.real = real;
  }

  /** A table for a clip without video. @param {number} durationUs */
  static grid(durationUs) {
    const count = Math.max(1, Math.ceil(durationUs / SOUND_STEP_US));
    return new FrameTable(
      Float64Array.from({ length: count }, (_, k) => k * SOUND_STEP_US),
      durationUs,
      false,
    );
  }

  get count() {
    return this.stampsUs.length;
  }

  /** The frame on screen at that time: the last whose stamp is not after it; the first one before any stamp. @param {number} us */
  indexAt(us) {
    return Math.max(0, lastAtOrBefore(this.stampsUs, us + STAMP_SLACK_US));
  }

  /** The last frame before an edge: the one on screen when a stretch that ends there ends. @param {number} us */
  indexBefore(us) {
    return this.indexAt(us - 2 * STAMP_SLACK_US);
  }

  /** @param {number} k */
  start(k) {
    return this.stampsUs[this.clamp(k)];
  }

  /** Where frame k gives way to the next. @param {number} k */
  end(k) {
    const i = this.clamp(k);
    return i + 1 < this.count ? this.stampsUs[i + 1] : Math.max(this.durationUs, this.stampsUs[i] + 1);
  }

  /** Where to seek so that frame k, and no neighbour of it, is drawn: half a frame after its stamp. @param {number} k */
  seekTime(k) {
    return (this.start(k) + this.end(k)) / 2;
  }

  /** Whether frame k stands so long that a place within it is worth naming. @param {number} k */
  held(k) {
    return !this.real || this.end(k) - this.start(k) > HELD_US;
  }

  /** The time that one reads where a moment is pointed at: its frame's stamp; within a picture that stands, and without frames, its own. @param {number} us */
  stampAt(us) {
    const k = this.indexAt(us);
    return this.held(k) ? us : Math.round(this.start(k));
  }

  /** The nearest boundary between frames, the clip's end included, in whole µs. @param {number} us */
  snap(us) {
    const k = this.indexAt(us);
    return Math.round(us - this.start(k) <= this.end(k) - us ? this.start(k) : this.end(k));
  }

  /** @param {number} k */
  clamp(k) {
    return Math.min(Math.max(k, 0), this.count - 1);
  }
}

/**
 * Index of the last value ≤ x in an ascending list; -1 if there is none.
 * @param {ArrayLike<number>} ascending
 * @param {number} x
 */
export function lastAtOrBefore(ascending, x) {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
