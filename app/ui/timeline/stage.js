/** The picture: the one `<video>`, and the faces that were found in the frame it shows. */
import { el, fitCanvas } from "./dom.js";
import { leadingClass } from "./lanes/classes.js";
import { familyOfClass, GREY } from "./theme.js";

/** @typedef {import("./traces.js").Trace} Trace */

/** Boxes are in pixels of the picture; a trace whose largest value is this small gives shares of it instead. */
const SHARES = 1.5;

export class Stage {
  video = el("video", {
    playsinline: true,
    preload: "auto",
    tabindex: "-1",
    "data-testid": "video",
    "aria-label": "The clip",
    disablepictureinpicture: true,
  });
  overlay = el("canvas", { "aria-hidden": "true" });
  message = el("p.message", { role: "alert", hidden: true });
  element = el("div.stage", {}, this.video, this.overlay, this.message);
  /** @type {Trace[]} */
  faces = [];
  /** @type {import("./types.js").ClipDocument|null} */
  doc = null;

  /**
   * @param {import("./player.js").Player|null} player  set once it is made from `video`
   * @param {import("./prefs.js").Prefs} prefs
   */
  constructor(player, prefs) {
    this.player = player;
    this.prefs = prefs;
  }

  /** @param {import("./player.js").Player} player @param {() => import("./theme.js").Theme} theme @param {AbortSignal} signal */
  connect(player, theme, signal) {
    this.player = player;
    const draw = () => this.draw(theme());
    player.addEventListener("time", draw, { signal });
    this.video.addEventListener("click", () => player.toggle(), { signal });
    this.video.addEventListener("error", () => this.#broken(), { signal });
    this.video.addEventListener("loadeddata", () => this.#loaded(), { signal });
    const resized = new ResizeObserver(draw);
    resized.observe(this.element);
    signal.addEventListener("abort", () => resized.disconnect());
  }

  /** @param {import("./types.js").ClipDocument} doc */
  open(doc) {
    this.doc = doc;
    this.faces = [];
    this.element.classList.toggle("soundonly", !doc.clip.has_video);
    this.element.style.setProperty("--shape", `${doc.clip.width ?? 4} / ${doc.clip.height ?? 3}`);
    // Browsers do not play the original; the server makes a copy that they do, at the latest now.
    this.say(doc.clip.playable ? "" : "Preparing a copy that browsers can play …");
  }

  /** @param {string} text */
  say(text) {
    this.message.textContent = text;
    this.message.hidden = !text;
  }

  /** @param {import("./theme.js").Theme} theme */
  draw(theme) {
    const { clientWidth: width, clientHeight: height } = this.element;
    const { ctx } = fitCanvas(this.overlay, width, height);
    const clip = this.doc?.clip;
    if (!this.prefs.get("boxes") || !clip?.width || !clip.height || !this.player) return;
    const scale = Math.min(width / clip.width, height / clip.height);
    const [left, top] = [(width - clip.width * scale) / 2, (height - clip.height * scale) / 2];
    for (const trace of this.faces) {
      const box = boxAt(trace, this.player.table.start(this.player.frame), clip.width, clip.height);
      if (!box) continue;
      drawBox(
        ctx,
        { x: left + box.x * scale, y: top + box.y * scale, w: box.w * scale, h: box.h * scale },
        this.#caption(trace, theme),
        theme,
      );
    }
  }

  /** @param {Trace} trace @param {import("./theme.js").Theme} theme */
  #caption(trace, theme) {
    const best = leadingClass(trace, this.player?.table.start(this.player.frame) ?? 0);
    const blind = this.doc?.project.blind;
    const family = best && !blind && this.doc ? familyOfClass(best.name, this.doc.scheme) : null;
    return {
      text: best && !blind ? `${trace.subject}  ${best.name} ${best.p.toFixed(2)}` : String(trace.subject),
      tint: theme.families.get(family ?? "") ?? GREY,
    };
  }

  #loaded() {
    const dark = this.doc?.clip.has_video && !this.video.videoWidth;
    this.say(dark ? "This browser plays the sound of this clip, but cannot show its picture." : "");
  }

  #broken() {
    const reason =
      this.video.error?.code === MediaError.MEDIA_ERR_NETWORK
        ? "The connection broke while loading the clip."
        : "This browser cannot play the clip.";
    this.say(`${reason} It can still be labelled.`);
  }
}

/** The face's box in that frame, in pixels of the picture; null where it was not seen. @param {Trace} trace @param {number} us */
function boxAt(trace, us, /** @type {number} */ width, /** @type {number} */ height) {
  const i = trace.indexAt(us + 1);
  const planes = ["box_x", "box_y", "box_w", "box_h"].map((name) => trace.planes.get(name));
  if (i < 0 || planes.some((plane) => !plane)) return null;
  const [x, y, w, h] = planes.map((plane) => /** @type {import("./traces.js").Plane} */ (plane).at(i));
  if ([x, y, w, h].some(Number.isNaN)) return null;
  const shares = (planes[2]?.max ?? 0) <= SHARES;
  return shares ? { x: x * width, y: y * height, w: w * width, h: h * height } : { x, y, w, h };
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {{x: number, y: number, w: number, h: number}} box
 * @param {{text: string, tint: import("./theme.js").Tint}} caption
 * @param {import("./theme.js").Theme} theme
 */
function drawBox(ctx, { x, y, w, h }, { text, tint }, theme) {
  ctx.lineWidth = 3;
  ctx.strokeStyle = "rgba(0, 0, 0, 0.45)";
  ctx.strokeRect(x, y, w, h);
  ctx.lineWidth = 1.5;
  ctx.strokeStyle = tint.colour;
  ctx.strokeRect(x, y, w, h);
  ctx.font = `600 12px ${theme.font}`;
  const room = ctx.measureText(text).width + 10;
  const above = y > 18 ? y - 17 : y;
  ctx.fillStyle = tint.colour;
  ctx.fillRect(x - 0.75, above, room, 17);
  ctx.fillStyle = tint.on;
  ctx.textBaseline = "middle";
  ctx.fillText(text, x + 4.5, above + 9);
}
