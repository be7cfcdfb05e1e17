/**
 * Model traces as they come from the server: u8 planes with a scale; 255 is missing. Missing stays missing all the way to the
 * screen: a gap in a line, a bare stretch in a stack, never a zero.
 */
import { lastAtOrBefore } from "./clock.js";

const MISSING = 255;
const STEPS = 254;

/** Without a frame table: two stamps further apart than this many usual distances have a gap between them. */
const GAP = 1.6;

export class Plane {
  /**
   * @param {string} name
   * @param {Uint8Array} bytes
   * @param {number} min
   * @param {number} max
   */
  constructor(name, bytes, min, max) {
    this.name = name;
    this.bytes = bytes;
    this.min = min;
    this.scale = (max - min) / STEPS;
    this.max = max;
  }

  /** A plane of values of our own; NaN is missing. @param {string} name @param {ArrayLike<number>} values */
  static of(name, values) {
    const known = Array.from(values).filter((value) => !Number.isNaN(value));
    const [min, max] = known.length ? [Math.min(...known), Math.max(...known)] : [0, 0];
    const scale = max > min ? STEPS / (max - min) : 0;
    const bytes = Uint8Array.from(values, (value) => (Number.isNaN(value) ? MISSING : Math.round((value - min) * scale)));
    return new Plane(name, bytes, min, max);
  }

  /** Whether there is any value at all. */
  get some() {
    return this.bytes.some((byte) => byte !== MISSING);
  }

  /** NaN where missing. @param {number} i */
  at(i) {
    const byte = this.bytes[i];
    return byte === MISSING || byte === undefined ? NaN : this.min + byte * this.scale;
  }

  /** Mean over [low, high) of what is there; NaN if nothing is. @param {number} low @param {number} high */
  mean(low, high) {
    let sum = 0;
    let count = 0;
    for (let i = low; i < high; i++) {
      const byte = this.bytes[i];
      if (byte !== MISSING) {
        sum += byte;
        count++;
      }
    }
    return count ? this.min + (sum / count) * this.scale : NaN;
  }

  /** [least, greatest] over [low, high), or null. @param {number} low @param {number} high @returns {[number, number] | null} */
  range(low, high) {
    let least = MISSING;
    let greatest = -1;
    for (let i = low; i < high; i++) {
      const byte = this.bytes[i];
      if (byte === MISSING) continue;
      if (byte < least) least = byte;
      if (byte > greatest) greatest = byte;
    }
    return greatest < 0 ? null : [this.min + least * this.scale, this.min + greatest * this.scale];
  }
}

export class Trace {
  #asked = "";
  #columns = { low: new Int32Array(0), high: new Int32Array(0) };

  /**
   * @param {{kind: string, subject: number|string|null, model: string|null, label_set: string|null}} head
   * @param {Float64Array} times  µs; for `voice` the middle of each window, otherwise the start
   * @param {Plane[]} planes
   */
  constructor(head, times, planes) {
    this.kind = head.kind;
    this.subject = head.subject;
    this.model = head.model;
    this.labelSet = head.label_set;
    this.times = times;
    this.planes = new Map(planes.map((plane) => [plane.name, plane]));
    this.stepUs = usualDistance(times);
    const [from, to] = head.kind === "voice" ? sharesOf(times) : [times, null];
    /** Where each point begins to speak, ascending. */
    this.fromUs = from;
    /** Where it ceases to, if that is known. @type {Float64Array|null} */
    this.endsUs = to;
  }

  /** Each point of a face speaks for exactly its frame, however uneven the frames are; bodies are looked at now and then. @param {import("./clock.js").FrameTable} table */
  align(table) {
    if (["voice", "speech", "body"].includes(this.kind) || !table.real) return;
    this.endsUs = Float64Array.from(this.times, (us) => table.end(table.indexAt(us)));
    this.#asked = "";
  }

  /** The class probabilities, in the model's own order. */
  get classes() {
    return [...this.planes.values()].filter((plane) => plane.name.startsWith("p:"));
  }

  /** How long point i speaks for: to the end of its frame; without frames to the next point, unless there is a gap. @param {number} i */
  holdUs(i) {
    if (this.endsUs) return this.endsUs[i] - this.fromUs[i];
    const next = i + 1 < this.times.length ? this.times[i + 1] - this.times[i] : this.stepUs;
    return next > GAP * this.stepUs ? this.stepUs : next;
  }

  /** The point that speaks for that time, or -1. @param {number} us */
  indexAt(us) {
    const i = lastAtOrBefore(this.fromUs, us);
    return i >= 0 && us < this.fromUs[i] + this.holdUs(i) ? i : -1;
  }

  /**
   * For each of `width` pixel columns of a view, the points that fall into it: [low[x], high[x]), empty where nothing speaks for it.
   * Only the visible points are visited.
   * @param {{startUs: number, usPerPx: number}} view
   * @param {number} width
   * @returns {{low: Int32Array, high: Int32Array}}
   */
  columns(view, width) {
    const asked = `${view.startUs} ${view.usPerPx} ${width}`;
    // Several lanes draw the same trace, one after the other.
    if (this.#asked !== asked) {
      this.#asked = asked;
      this.#columns = this.#search(view, width);
    }
    return this.#columns;
  }

  /** @param {{startUs: number, usPerPx: number}} view @param {number} width */
  #search(view, width) {
    const low = new Int32Array(width);
    const high = new Int32Array(width);
    const { fromUs } = this;
    let i = Math.max(0, lastAtOrBefore(fromUs, view.startUs));
    for (let x = 0; x < width; x++) {
      const from = view.startUs + x * view.usPerPx;
      const to = from + view.usPerPx;
      while (i < fromUs.length && fromUs[i] + this.holdUs(i) <= from) i++;
      let j = i;
      while (j < fromUs.length && fromUs[j] < to) j++;
      low[x] = i;
      high[x] = j;
      if (j > i) i = j - 1;
    }
    return { low, high };
  }
}

/**
 * What each window of a voice speaks for, from the middles of all windows of a recording: up to half way to its neighbours'. The first window
 * begins with the recording and the last one ends with it, so the middle of the first is half a window.
 * @param {Float64Array} middles
 * @returns {[Float64Array, Float64Array]}  starts and ends
 */
function sharesOf(middles) {
  const last = middles.length - 1;
  const from = middles.map((us, i) => (i ? (middles[i - 1] + us) / 2 : 0));
  return [from, middles.map((us, i) => (i < last ? from[i + 1] : us + middles[0]))];
}

/**
 * Median distance of neighbours, from a few hundred of them: stamps are near enough even, gaps are rare.
 * @param {Float64Array} times
 */
function usualDistance(times) {
  if (times.length < 2) return 40_000;
  const stride = Math.max(1, Math.floor(times.length / 400));
  const distances = [];
  for (let i = 1; i < times.length; i += stride) distances.push(times[i] - times[i - 1]);
  return distances.sort((a, b) => a - b)[distances.length >> 1];
}

/**
 * Reads the binary of `GET /clips/{id}/traces`.
 * @param {ArrayBuffer} buffer
 * @returns {Trace[]}
 */
export function parseTraces(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const start = Math.ceil((4 + length) / 8) * 8;
  return header.traces.map((/** @type {any} */ head) => {
    const { offset, count } = head.times;
    const planes = head.columns.map(
      (/** @type {any} */ column) => new Plane(column.name, new Uint8Array(buffer, start + column.offset, count), column.min, column.max),
    );
    return new Trace(head, new Float64Array(buffer, start + offset, count), planes);
  });
}
