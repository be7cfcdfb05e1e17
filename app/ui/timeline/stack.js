/** The evidence lanes, one under the other: names and values at the left, one canvas for all of them. */
import { el, fitCanvas, icon, say, set } from "./dom.js";
import { explain } from "./lanes/lane.js";

/** @typedef {import("./lanes/lane.js").Lane} Lane */
/** @typedef {import("./lanes/lane.js").Group} Group */

const HEAD_PX = 20;
const GAP_PX = 3;

/** Lanes from this height on give and take room, within these bounds. */
const GROWING_PX = 36;
const [LEAST_GROWTH, MOST_GROWTH] = [0.8, 2.4];

/** Below this a lane has its name and its value on one line. */
const TWO_LINES_PX = 28;

export class Stack {
  canvas = el("canvas.plane", { "aria-hidden": "true" });
  rows = el("div.rows");
  element = el("div.stack", { "data-testid": "lanes" }, this.rows, this.canvas);
  /** @type {{lane: Lane, y: number, value: HTMLElement}[]} */
  #placed = [];
  /** @type {Group[]} */
  #groups = [];
  height = 0;
  #growth = 1;
  #room = 0;

  /** @param {import("./prefs.js").Prefs} prefs @param {() => void} redraw */
  constructor(prefs, redraw) {
    this.prefs = prefs;
    this.redraw = redraw;
  }

  /** @param {Group[]} groups */
  show(groups) {
    this.#groups = groups;
    this.#placed = [];
    this.#growth = this.#fitting(groups);
    let y = 0;
    this.rows.replaceChildren(
      ...groups.map((group) => {
        const folded = isFolded(this.prefs, group);
        y += HEAD_PX;
        const lanes = folded
          ? []
          : group.lanes.map((lane) => {
              const row = this.#row(lane, y);
              y += this.#heightOf(lane) + GAP_PX;
              return row;
            });
        return el("section.group", { "aria-label": group.title }, this.#head(group, folded), ...lanes);
      }),
    );
    this.height = y;
    this.element.style.height = `${y}px`;
    this.redraw();
  }

  /** The lanes fill what room there is, up to a point; what does not fit is scrolled to. @param {number} room */
  fill(room) {
    if (room === this.#room) return;
    this.#room = room;
    this.show(this.#groups);
  }

  /** @param {import("./view.js").View} view @param {import("./theme.js").Theme} theme */
  draw(view, theme) {
    const { ctx, ratio } = fitCanvas(this.canvas, view.width, Math.max(1, this.height));
    for (const { lane, y } of this.#placed) {
      const pen = { ctx, ratio, view, theme, width: view.width, height: this.#heightOf(lane) };
      ctx.save();
      ctx.translate(0, y);
      ctx.fillStyle = theme.faint(0.035);
      ctx.fillRect(0, 0, pen.width, pen.height);
      ctx.beginPath();
      ctx.rect(0, 0, pen.width, pen.height);
      ctx.clip();
      if (lane.empty) explain(pen, lane.empty);
      else lane.draw(pen);
      ctx.restore();
    }
  }

  /** Where the first group whose key begins so stands, from the top; null if there is none. @param {string} prefix */
  topOf(prefix) {
    const nth = this.#groups.findIndex(({ key }) => key.startsWith(prefix));
    return nth < 0 ? null : /** @type {HTMLElement} */ (this.rows.children[nth]).offsetTop;
  }

  /** Says each lane's value at that time. @param {number} us */
  read(us) {
    for (const { lane, value } of this.#placed) say(value, lane.empty ? "" : lane.read(us));
  }

  /** What the lane at that height has no room to draw. @param {number} us @param {number} y */
  hint(us, y) {
    const placed = this.#placed.find(({ lane, y: top }) => y >= top && y < top + this.#heightOf(lane));
    return (!placed?.lane.empty && placed?.lane.hint?.(us)) || "";
  }

  /** @param {Group[]} groups */
  #fitting(groups) {
    const open = groups.filter((group) => !isFolded(this.prefs, group)).flatMap((group) => group.lanes);
    const growing = open.filter(grows).reduce((sum, lane) => sum + lane.height, 0);
    const fixed = open.reduce((sum, lane) => sum + GAP_PX + (grows(lane) ? 0 : leastHeight(lane)), groups.length * HEAD_PX);
    return growing ? Math.min(Math.max((this.#room - fixed) / growing, LEAST_GROWTH), MOST_GROWTH) : 1;
  }

  /** @param {Lane} lane */
  #heightOf(lane) {
    return grows(lane) ? Math.floor(lane.height * this.#growth) : leastHeight(lane);
  }

  /** @param {Lane} lane @param {number} y */
  #row(lane, y) {
    const value = el("span.value");
    this.#placed.push({ lane, y, value });
    const height = this.#heightOf(lane);
    const tight = height < TWO_LINES_PX;
    return el(
      tight ? "div.lane.tight" : "div.lane",
      { "--h": `${height}px`, "--gap": `${GAP_PX}px` },
      el("div.name", {}, el("span", {}, lane.title), value),
    );
  }

  /** @param {Group} group @param {boolean} folded */
  #head(group, folded) {
    const head = el("button.head", { type: "button", "aria-expanded": String(!folded), "--h": `${HEAD_PX}px` });
    const mark = icon("fold");
    if (folded) set(mark, { class: "icon turned" });
    head.append(mark, el("b", {}, group.title), el("span.detail", {}, group.detail));
    head.addEventListener("click", () => {
      turn(this.prefs, group);
      this.show(this.#groups);
    });
    return head;
  }
}

/** What stands aside is folded until it is opened; everything else is open until it is folded. @param {import("./prefs.js").Prefs} prefs @param {Group} group */
export const isFolded = (prefs, { key, aside }) => (aside ? !prefs.get("opened").includes(key) : prefs.get("folded").includes(key));

/** Folds what is open, opens what is folded. @param {import("./prefs.js").Prefs} prefs @param {Group} group */
export function turn(prefs, { key, aside }) {
  const list = aside ? "opened" : "folded";
  const others = prefs.get(list).filter((/** @type {string} */ other) => other !== key);
  prefs.put(list, prefs.get(list).includes(key) ? others : [...others, key]);
}

/** An empty lane needs only the room of its reason. @param {Lane} lane */
const leastHeight = (lane) => (lane.empty ? 20 : lane.height);

/** @param {Lane} lane */
const grows = (lane) => !lane.empty && lane.height >= GROWING_PX;
