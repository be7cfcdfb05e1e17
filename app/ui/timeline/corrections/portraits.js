/**
 * A small picture of each face track, where its face is largest: cut out of the clip by a second, silent `<video>`, in the browser, and
 * kept nowhere. Fires `change` with each one that is there.
 */
import { el } from "../dom.js";

/** @typedef {import("../traces.js").Trace} Trace */
/** @typedef {{track: number, us: number, x: number, y: number, w: number, h: number}} Place  in pixels of the picture */

const SIDE_PX = 72;

/** Room around a face, as a share of its box. */
const AROUND = 0.25;

/** Faces of which there are pictures: a crowd's would take minutes. */
const MOST = 24;

/** A seek that takes longer than this is given up. */
const PATIENCE_MS = 8000;

export class Portraits extends EventTarget {
  /** @type {Map<number, HTMLCanvasElement>} */
  pictures = new Map();
  #ticket = 0;

  /** Another clip. */
  clear() {
    this.#ticket++;
    this.pictures = new Map();
  }

  /** @param {string} source  the clip's media @param {Trace[]} traces  of kind `face` @param {{width: number|null, height: number|null}} clip */
  async take(source, traces, { width, height }) {
    const places = traces.map((trace) => bestPlace(trace, width ?? 0, height ?? 0)).filter((place) => place !== null);
    const ticket = ++this.#ticket;
    const wanted = places.filter(({ track }) => !this.pictures.has(track)).slice(0, MOST);
    if (!wanted.length || !width || !height) return;
    const video = el("video", { muted: true, playsinline: true, preload: "auto", src: source });
    video.muted = true;
    try {
      for (const place of wanted.sort((a, b) => a.us - b.us)) {
        video.currentTime = place.us / 1e6;
        await arrived(video);
        if (ticket !== this.#ticket) return;
        this.pictures.set(place.track, cut(video, place, video.videoWidth / width));
        this.dispatchEvent(new Event("change"));
      }
    } catch (error) {
      // A browser that cannot show this clip shows numbers instead of faces.
      if (!(error instanceof NoPicture)) throw error;
    } finally {
      video.removeAttribute("src");
      video.load();
    }
  }
}

class NoPicture extends Error {}

/** @param {HTMLVideoElement} video @returns {Promise<void>} */
function arrived(video) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NoPicture("the browser took too long")), PATIENCE_MS);
    const fail = () => reject(new NoPicture("the browser cannot play it"));
    video.addEventListener("error", fail, { once: true });
    video.addEventListener(
      "seeked",
      () => {
        clearTimeout(timer);
        video.removeEventListener("error", fail);
        if (video.videoWidth) resolve();
        else fail();
      },
      { once: true },
    );
  });
}

/** @param {HTMLVideoElement} video @param {Place} place @param {number} scale  of the video shown to the one measured */
function cut(video, { x, y, w, h }, scale) {
  const canvas = el("canvas", { width: SIDE_PX, height: SIDE_PX, "aria-hidden": "true" });
  const side = Math.max(w, h) * (1 + 2 * AROUND) * scale;
  const [left, top] = [(x + w / 2) * scale - side / 2, (y + h / 2) * scale - side / 2];
  const ctx = canvas.getContext("2d");
  ctx.fillStyle = "#0c0d10";
  ctx.fillRect(0, 0, SIDE_PX, SIDE_PX);
  ctx.drawImage(video, left, top, side, side, 0, 0, SIDE_PX, SIDE_PX);
  return canvas;
}

/** Where a track's face is largest, given how sure the detector is of it; null where it has no place. @param {Trace} trace @returns {Place|null} */
export function bestPlace(trace, /** @type {number} */ width, /** @type {number} */ height) {
  const [x, y, w, h] = ["box_x", "box_y", "box_w", "box_h"].map((name) => trace.planes.get(name));
  if (!x || !y || !w || !h) return null;
  const sure = trace.planes.get("confidence");
  let [best, most] = [-1, 0];
  for (let i = 0; i < trace.times.length; i++) {
    const size = w.at(i) * h.at(i) * (Number.isNaN(sure?.at(i) ?? NaN) ? 1 : /** @type {any} */ (sure).at(i));
    if (size > most) [best, most] = [i, size];
  }
  if (best < 0) return null;
  const shares = w.max <= 1.5 ? [width, height] : [1, 1];
  return {
    track: Number(trace.subject),
    us: Math.round(trace.times[best]) + 1000,
    x: x.at(best) * shares[0],
    y: y.at(best) * shares[1],
    w: w.at(best) * shares[0],
    h: h.at(best) * shares[1],
  };
}
