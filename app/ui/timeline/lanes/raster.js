/**
 * A lane's picture, made column by column of device pixels. Thousands of thin rectangles are slow as paths and fast as bytes.
 */
import { toRgb } from "../theme.js";

/** @type {OffscreenCanvas|null} */
let canvas = null;

export class Raster {
  /** @param {import("./lane.js").Pen} pen */
  constructor(pen) {
    this.pen = pen;
    this.width = Math.max(1, Math.round(pen.width * pen.ratio));
    this.height = Math.max(1, Math.round(pen.height * pen.ratio));
    this.image = blank(this.width, this.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    /** Columns that nothing speaks for. */
    this.gaps = new Uint8Array(this.width);
    /** The view, in columns of this raster. */
    this.view = { startUs: pen.view.startUs, usPerPx: pen.view.spanUs / this.width };
  }

  /** Fills column x between two heights, given in device pixels from the top. At least one pixel. */
  column(/** @type {number} */ x, /** @type {number} */ top, /** @type {number} */ bottom, /** @type {number} */ colour) {
    const from = Math.max(0, Math.round(top));
    const to = Math.min(this.height, Math.max(Math.round(bottom), from + 1));
    for (let at = from * this.width + x, end = to * this.width; at < end; at += this.width) this.pixels[at] = colour;
  }

  /** Puts the picture into its lane; what nothing speaks for is hatched. */
  show() {
    const { ctx, width, height } = this.pen;
    this.#hatch();
    // One canvas serves all lanes: each is drawn and done with before the next begins.
    canvas ??= new OffscreenCanvas(1, 1);
    if (canvas.width < this.width || canvas.height < this.height) {
      canvas.width = Math.max(canvas.width, this.width);
      canvas.height = Math.max(canvas.height, this.height);
    }
    const brush = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
    brush.putImageData(this.image, 0, 0);
    ctx.drawImage(canvas, 0, 0, this.width, this.height, 0, 0, width, height);
  }

  #hatch() {
    let from = -1;
    for (let x = 0; x <= this.width; x++) {
      const gap = x < this.width && this.gaps[x] === 1;
      if (gap && from < 0) from = x;
      if (!gap && from >= 0) {
        hatch(this.pen, from / this.pen.ratio, x / this.pen.ratio);
        from = -1;
      }
    }
  }
}

/** Lanes of one size share their bytes: at sixty pictures a second new ones would keep the garbage collector busy. @type {Map<string, ImageData>} */
const images = new Map();
const MOST_SIZES = 12;

/** @param {number} width @param {number} height */
function blank(width, height) {
  const size = `${width} ${height}`;
  const image = images.get(size) ?? new ImageData(width, height);
  if (images.size > MOST_SIZES) images.clear();
  images.set(size, image);
  image.data.fill(0);
  return image;
}

/** A colour as the raster takes it. @param {string} colour */
export function packed(colour, alpha = 1) {
  const [r, g, b] = toRgb(colour);
  return ((Math.round(alpha * 255) << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/** @type {Map<string, CanvasPattern>} */
const hatches = new Map();
const HATCH_PX = 7;

/**
 * Hatches [x0, x1): nothing was seen here, which is not a zero.
 * @param {import("./lane.js").Pen} pen
 * @param {number} x0
 * @param {number} x1
 */
export function hatch({ ctx, theme, height }, x0, x1) {
  const ink = theme.faint(0.14);
  if (!hatches.has(ink)) hatches.set(ink, hatching(ctx, ink));
  ctx.fillStyle = /** @type {CanvasPattern} */ (hatches.get(ink));
  ctx.fillRect(x0, 0, x1 - x0, height);
}

/** @param {CanvasRenderingContext2D} ctx @param {string} ink */
function hatching(ctx, ink) {
  const tile = new OffscreenCanvas(HATCH_PX, HATCH_PX);
  const brush = /** @type {OffscreenCanvasRenderingContext2D} */ (tile.getContext("2d"));
  brush.strokeStyle = ink;
  brush.beginPath();
  // Three strokes, so that the line meets itself at the tile's corners.
  for (const shift of [-HATCH_PX, 0, HATCH_PX]) {
    brush.moveTo(shift - 1, HATCH_PX + 1);
    brush.lineTo(shift + HATCH_PX + 1, -1);
  }
  brush.stroke();
  return /** @type {CanvasPattern} */ (ctx.createPattern(tile, "repeat"));
}
