/** Elements with text and attributes, never with markup: what people wrote stays text. */

/**
 * @param {string} tag  with classes: "span.name.quiet"
 * @param {Record<string, any>} [properties]  assigned as they are; `data-*` and `aria-*` as attributes
 * @param {...(Node | string | null)} children
 * @returns {any}
 */
export function element(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name);
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role") made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Whether the page is dark, by its own background. @param {Element} host */
export function isDark(host) {
  const paper = getComputedStyle(host).getPropertyValue("--st-background-color").trim();
  const [r, g, b] = (/^#(..)(..)(..)/.exec(paper) ?? []).slice(1).map((hex) => parseInt(hex, 16));
  return r === undefined ? matchMedia("(prefers-color-scheme: dark)").matches : 0.3 * r + 0.59 * g + 0.11 * b < 110;
}

/** Seconds as 0:04.1 below a minute, as 12:34 above. @param {number} seconds */
export function clockText(seconds) {
  if (seconds < 60) return `0:${seconds.toFixed(1).padStart(4, "0")}`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Bytes for people. @param {number} bytes */
export function sizeText(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
