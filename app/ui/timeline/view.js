/** The stretch of the clip that is on screen, and where its times lie in pixels. Fires `change`. */

/** Closest view: at a common 25 frames a second, about a frame and a half. */
const MIN_SPAN_US = 60_000;

/** While playing, the view turns the page when the playhead comes this close to its right edge. */
const PAGE_AT = 0.97;

export class View extends EventTarget {
  constructor(durationUs = 1_000_000, width = 1) {
    super();
    this.durationUs = durationUs;
    this.width = width;
    this.startUs = 0;
    this.endUs = durationUs;
  }

  get spanUs() {
    return this.endUs - this.startUs;
  }

  get usPerPx() {
    return this.spanUs / this.width;
  }

  get fitted() {
    return this.startUs <= 0 && this.endUs >= this.durationUs;
  }

  /** @param {number} us */
  xOf(us) {
    return ((us - this.startUs) / this.spanUs) * this.width;
  }

  /** @param {number} x */
  usAt(x) {
    return this.startUs + (x / this.width) * this.spanUs;
  }

  /** A new clip: all of it. @param {number} durationUs */
  open(durationUs) {
    this.durationUs = Math.max(1, durationUs);
    this.show(0, this.durationUs);
  }

  /** @param {number} width */
  resize(width) {
    if (width === this.width || width < 1) return;
    this.width = width;
    this.#changed();
  }

  fit() {
    this.show(0, this.durationUs);
  }

  /** Shows that stretch, moved and widened only as far as the clip and the closest view ask for. */
  show(/** @type {number} */ startUs, /** @type {number} */ endUs) {
    const span = Math.min(Math.max(endUs - startUs, Math.min(MIN_SPAN_US, this.durationUs)), this.durationUs);
    const start = Math.min(Math.max(startUs, 0), this.durationUs - span);
    if (start === this.startUs && start + span === this.endUs) return;
    this.startUs = start;
    this.endUs = start + span;
    this.#changed();
  }

  /**
   * `factor` < 1 comes closer. The time under `aboutUs` keeps its place on screen.
   * @param {number} factor
   * @param {number} aboutUs
   */
  zoom(factor, aboutUs) {
    const span = Math.min(Math.max(this.spanUs * factor, Math.min(MIN_SPAN_US, this.durationUs)), this.durationUs);
    const share = (aboutUs - this.startUs) / this.spanUs;
    const start = aboutUs - share * span;
    this.show(start, start + span);
  }

  /** @param {number} byUs */
  pan(byUs) {
    const start = Math.min(Math.max(this.startUs + byUs, 0), this.durationUs - this.spanUs);
    this.show(start, start + this.spanUs);
  }

  /** Turns the page if that time is out of sight. @param {number} us */
  follow(us) {
    if (this.fitted) return;
    if (us < this.startUs || us > this.startUs + PAGE_AT * this.spanUs) {
      const start = us - 0.05 * this.spanUs;
      this.show(start, start + this.spanUs);
    }
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
