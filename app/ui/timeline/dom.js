/** Building elements. Text only ever goes in as text: what people wrote is never read as markup. */

/**
 * @param {string} tag  `div`, or `div.name.name`
 * @param {Record<string, any>} [attributes]  `onclick` and the like are listeners; false and null leave an attribute out
 * @param {...(Node|string|null|false|undefined)} children
 * @returns {any}
 */
export function el(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  set(element, attributes);
  element.append(
    ...children.filter((child) => child !== null && child !== false && child !== undefined).map((child) => /** @type {Node} */ (child)),
  );
  return element;
}

/** @param {Element} element @param {Record<string, any>} attributes */
export function set(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key.startsWith("--")) /** @type {HTMLElement} */ (element).style.setProperty(key, value);
    else if (value === false || value === null || value === undefined) element.removeAttribute(key);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
}

/** Puts text there, if it is not there already: a screen reader is told only of what changed. @param {Node} node @param {string} text */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** 16 × 16 outlines. */
const ICONS = {
  play: "M5 3l8 5-8 5z",
  pause: "M5 3v10M11 3v10",
  back: "M10 3L5 8l5 5",
  forward: "M6 3l5 5-5 5",
  loop: "M4 6h7a2 2 0 0 1 0 6H5M6 4L4 6l2 2",
  boxes: "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
  closer: "M7 3v8M3 7h8M11 11l3 3",
  wider: "M3 7h8M11 11l3 3",
  fit: "M2 4v8M14 4v8M5 8h6M7 6L5 8l2 2M9 6l2 2-2 2",
  undo: "M6 4L3 7l3 3M3 7h6a4 4 0 0 1 0 8",
  redo: "M10 4l3 3-3 3M13 7H7a4 4 0 0 0 0 8",
  bars: "M3 13V8M8 13V3M13 13V6",
  compare: "M3 3h10v4H3zM3 9h10v4H3z",
  remove: "M4 4l8 8M12 4l-8 8",
  fold: "M5 6l3 4 3-4",
  next: "M4 3l6 5-6 5zM12 3v10",
};

/** @param {keyof typeof ICONS} name */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  set(svg, { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true", class: "icon" });
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * A canvas as large as its box, sharp on any screen. Calls back with a context in CSS pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @returns {{ctx: CanvasRenderingContext2D, ratio: number}}
 */
export function fitCanvas(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, height);
  return { ctx, ratio };
}

/** Where an event happened, within an element. @param {MouseEvent} event @param {Element} element */
export function at(event, element) {
  const box = element.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}
