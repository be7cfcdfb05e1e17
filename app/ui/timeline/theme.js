/** Colours for what is drawn on canvas: from Streamlit's theme variables and the scheme's own palette of families. */

/** @typedef {import("./types.js").Family} Family */
/** @typedef {import("./types.js").SchemeData} SchemeData */
/** @typedef {{id: string, name: string, letter: string, colour: string, on: string}} Tint  `on`: what is legible upon it */

const FALLBACK = { "--st-background-color": "#ffffff", "--st-text-color": "#31333f", "--st-primary-color": "#ff4b4b" };

/** @param {Element} host  the element that carries the variables @param {SchemeData} scheme */
export function readTheme(host, scheme) {
  const style = getComputedStyle(host);
  const read = (/** @type {keyof typeof FALLBACK} */ name) => toRgb(style.getPropertyValue(name).trim() || FALLBACK[name]);
  const paper = read("--st-background-color");
  const ink = read("--st-text-color");
  const dark = luminance(paper) < 0.4;
  const families = new Map(scheme.families.map((family) => [family.id, tintOf(family, dark)]));
  return {
    dark,
    paper: css(paper),
    ink: css(ink),
    /** The text's colour, fainter. */
    faint: (/** @type {number} */ alpha) => css(ink, alpha),
    accent: css(read("--st-primary-color")),
    font: style.getPropertyValue("--st-font").trim() || "system-ui, sans-serif",
    families,
    familyOf: new Map(scheme.emotions.map((emotion) => [emotion.id, families.get(emotion.family) ?? GREY])),
  };
}

/** @typedef {ReturnType<typeof readTheme>} Theme */

/** What belongs to no family. @type {Tint} */
export const GREY = { id: "", name: "", letter: "", colour: "#8a8f98", on: "#000000" };

/** @param {Family} family @param {boolean} dark @returns {Tint} */
export function tintOf(family, dark) {
  const colour = dark ? family.colour.dark : family.colour.light;
  const light = luminance(toRgb(colour));
  // WCAG contrast against white and against black, whichever is greater: 4.58 at least, where a softer black would fall short on red.
  const on = 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? "#ffffff" : "#000000";
  return { id: family.id, name: family.name, letter: family.letter, colour, on };
}

/** @param {string} colour @param {number} alpha */
export const fade = (colour, alpha) => css(toRgb(colour), alpha);

const probe = typeof document === "undefined" ? null : document.createElement("canvas").getContext("2d", { willReadFrequently: true });

/** Any CSS colour as [r, g, b], 0–255. @param {string} colour @returns {[number, number, number]} */
export function toRgb(colour) {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(colour);
  if (hex) return [parseInt(hex[1], 16), parseInt(hex[2], 16), parseInt(hex[3], 16)];
  const numbers = /^rgba?\((\d+),\s*(\d+),\s*(\d+)/.exec(colour);
  if (numbers) return [Number(numbers[1]), Number(numbers[2]), Number(numbers[3])];
  if (!probe) return [128, 128, 128];
  probe.fillStyle = "#808080";
  probe.fillStyle = colour;
  probe.fillRect(0, 0, 1, 1);
  const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
  return [r, g, b];
}

/** Relative luminance, WCAG 2. @param {[number, number, number]} rgb */
export function luminance(rgb) {
  const [r, g, b] = rgb.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {[number, number, number]} rgb */
const css = ([r, g, b], alpha = 1) => `rgba(${r}, ${g}, ${b}, ${alpha})`;

/**
 * The family whose colour a model's class is drawn in: found by the class's name, never by its place. Only for colour: what a class
 * says about the 44 is the server's crosswalk.
 * @param {string} name
 * @param {SchemeData} scheme
 * @returns {string|null}
 */
export function familyOfClass(name, scheme) {
  const word = name.toLowerCase().replace(/^p:/, "");
  if (!word) return null;
  const whole = scheme.emotions.find(
    (e) => e.id === word || e.name.toLowerCase() === word || e.synonyms.some((s) => s.toLowerCase() === word),
  );
  if (whole) return whole.family;
  const stem = scheme.emotions.find((e) => e.code && e.code.length >= 3 && word.startsWith(e.code));
  if (stem) return stem.family;
  const part = scheme.emotions.find((e) =>
    e.name
      .toLowerCase()
      .split(/[^a-z]+/)
      .some((w) => w.length > 3 && word.startsWith(w)),
  );
  return part?.family ?? null;
}
