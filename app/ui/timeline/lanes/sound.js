/** The sound itself: waveform and spectrogram. */
import { toRgb } from "../theme.js";
import { Raster, packed } from "./raster.js";

/** A spectrogram tile covers this much of the clip. */
const TILE_US = 10_000_000;
/** Tiles kept: an hour at the closest view never needs more than two, the whole of ten minutes sixty. */
const MOST_TILES = 80;

/** Samples of the waveform are asked for at about this many a second, within these bounds. */
const PEAKS_PER_S = 400;
const [FEWEST_PEAKS, MOST_PEAKS] = [1_000, 100_000];

/** @param {number} durationUs */
export const peaksFor = (durationUs) => Math.round(Math.min(Math.max((durationUs / 1e6) * PEAKS_PER_S, FEWEST_PEAKS), MOST_PEAKS));

/**
 * @param {Int8Array} peaks  pairs (min, max), each of an equal stretch
 * @param {number} durationUs
 * @returns {import("./lane.js").Lane}
 */
export function waveformLane(peaks, durationUs) {
  const buckets = peaks.length / 2;
  const loudest = peaks.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return {
    key: "sound:wave",
    title: "Waveform",
    height: 38,
    empty: loudest === 0 ? "the sound track is silent" : null,
    draw: (pen) => {
      const raster = new Raster(pen);
      const middle = raster.height / 2;
      // Quiet clips are drawn larger, at most eightfold, so that silence still looks like silence.
      const gain = (middle - 1) / Math.max(loudest, 16);
      const colour = packed(pen.theme.ink, 0.55);
      const perColumn = (raster.view.usPerPx / durationUs) * buckets;
      const first = (raster.view.startUs / durationUs) * buckets;
      for (let x = 0; x < raster.width; x++) {
        const from = first + x * perColumn;
        const to = Math.min(buckets, Math.max(from + 1, from + perColumn));
        let [low, high] = [127, -128];
        for (let i = Math.floor(from); i < to; i++) {
          if (peaks[2 * i] < low) low = peaks[2 * i];
          if (peaks[2 * i + 1] > high) high = peaks[2 * i + 1];
        }
        if (high >= low) raster.column(x, middle - high * gain - 0.5, middle - low * gain + 0.5, colour);
      }
      raster.show();
    },
    read: () => "",
  };
}

/**
 * @param {(tile: number) => Promise<ImageBitmap>} load
 * @param {number} durationUs
 * @param {() => void} arrived  a tile is there: draw again
 * @returns {import("./lane.js").Lane}
 */
export function spectrogramLane(load, durationUs, arrived) {
  /** @type {Map<number, ImageBitmap|null>} null: on its way, or not there */
  const tiles = new Map();
  /** @type {Map<string, OffscreenCanvas>} */
  const tinted = new Map();
  const last = Math.ceil(durationUs / TILE_US) - 1;

  const want = (/** @type {number} */ k) => {
    if (tiles.has(k)) return;
    tiles.set(k, null);
    load(k).then(
      (image) => {
        tiles.set(k, image);
        arrived();
      },
      // A tile that cannot be had leaves its stretch bare; the rest of the lane is none the worse.
      () => tiles.set(k, null),
    );
  };

  return {
    key: "sound:spectrogram",
    title: "Spectrogram",
    height: 38,
    empty: null,
    draw: ({ ctx, view, theme, height }) => {
      for (let k = Math.floor(view.startUs / TILE_US); k <= Math.min(last, Math.floor(view.endUs / TILE_US)); k++) {
        want(k);
        const image = tiles.get(k);
        if (!image) continue;
        const key = `${k} ${theme.ink}`;
        if (!tinted.has(key)) tinted.set(key, tintTile(image, theme.ink, theme.dark));
        if (tinted.size > MOST_TILES) tinted.delete(/** @type {string} */ (tinted.keys().next().value));
        const x = view.xOf(k * TILE_US);
        ctx.drawImage(/** @type {OffscreenCanvas} */ (tinted.get(key)), x, 0, view.xOf((k + 1) * TILE_US) - x, height);
      }
    },
    read: () => "",
  };
}

/** Loudness as strength of ink: legible on light and on dark paper. @param {ImageBitmap} image @param {string} ink @param {boolean} dark */
function tintTile(image, ink, dark) {
  const canvas = new OffscreenCanvas(image.width, image.height);
  const ctx = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  ctx.drawImage(image, 0, 0);
  const pixels = ctx.getImageData(0, 0, image.width, image.height);
  const [r, g, b] = toRgb(ink);
  for (let i = 0; i < pixels.data.length; i += 4) {
    const loud = pixels.data[i] / 255;
    pixels.data.set([r, g, b, 255 * loud ** 1.6 * (dark ? 0.85 : 0.95)], i);
  }
  ctx.putImageData(pixels, 0, 0);
  return canvas;
}
