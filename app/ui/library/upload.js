/** The place to drop clips, and the list of what is on its way. */

import { filesIn } from "./files.js";
import { ENDED, Queue } from "./queue.js";
import { element, sizeText } from "./dom.js";

/** Between two reports to Python while files arrive: each makes the library draw itself anew. */
const REPORT_MS = 3000;

/** Rows of what has gone well that are kept in sight; what has not stays until it is cleared. */
const RECENT = 4;

const queue = new Queue();

window.addEventListener("beforeunload", (event) => queue.busy && event.preventDefault());

/** @type {WeakMap<object, Place>} */
const places = new WeakMap();

/** @param {any} component  as Streamlit hands it over */
export function show(component) {
  const { parentElement } = component;
  const place = places.get(parentElement) ?? new Place(parentElement.querySelector(".root"));
  places.set(parentElement, place);
  place.update(component);
}

/** @param {object} parentElement */
export function leave(parentElement) {
  places.get(parentElement)?.close();
  places.delete(parentElement);
}

const WORDS = {
  waiting: "waits",
  sending: "",
  checking: "being read",
  added: "added",
  duplicate: "there already",
  refused: "not taken",
  failed: "failed",
  cancelled: "cancelled",
};

class Place {
  #frame = 0;
  #timer = 0;
  #reported = "";

  /** @param {HTMLElement} root */
  constructor(root) {
    this.input = element("input", { type: "file", multiple: true, hidden: true, accept: "video/*,audio/*,.mkv,.mxf,.mts,.m2ts" });
    this.input.onchange = () => this.#add([...(this.input.files ?? [])]);
    this.zone = element(
      "div.zone",
      {},
      element("span.plus", { "aria-hidden": "true" }, "+"),
      element("span", {}, "Drop clips or folders here, or "),
      element("button.link", { type: "button", onclick: () => this.input.click() }, "choose files"),
      this.input,
    );
    this.problems = element("div.list.problems", { role: "list", "aria-label": "Not taken", tabIndex: 0 });
    this.list = element("div.list", { role: "list", "aria-label": "Files on their way" });
    this.foot = element("div.foot", { "aria-live": "polite" });
    root.replaceChildren(this.zone, this.problems, this.list, this.foot);
    this.#listenForDrops(root);
    this.watch = () => this.#soon();
    queue.watchers.add(this.watch);
  }

  update({ data, setStateValue, setTriggerValue }) {
    this.project = data.project;
    this.open = (/** @type {number} */ clip) => setTriggerValue("open", clip);
    this.report = (/** @type {number[]} */ ids) => setStateValue("added", ids);
    this.#soon();
  }

  close() {
    queue.watchers.delete(this.watch);
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    this.#forgetDrops();
  }

  #add(files) {
    this.input.value = "";
    if (files.length) queue.add(files, this.project);
  }

  /** The whole window takes drops: a file let go beside the zone would otherwise replace the page, and uploads with it. */
  #listenForDrops(root) {
    const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
    const over = (/** @type {DragEvent} */ event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      root.classList.add("over");
    };
    const out = (/** @type {DragEvent} */ event) => event.relatedTarget === null && root.classList.remove("over");
    const drop = async (/** @type {DragEvent} */ event) => {
      root.classList.remove("over");
      if (!hasFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      this.#add(await filesIn(event.dataTransfer));
    };
    const listeners = { dragover: over, dragleave: out, drop };
    for (const [name, listener] of Object.entries(listeners)) window.addEventListener(name, listener);
    this.#forgetDrops = () => Object.entries(listeners).forEach(([name, listener]) => window.removeEventListener(name, listener));
  }

  #forgetDrops = () => {};

  #soon() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#draw());
    this.#tellPython();
  }

  /** All clips added to this project so far, not only the latest: reports that overtake each other lose nothing. */
  #tellPython() {
    const ids = queue.items.filter(({ state, project }) => state === "added" && project === this.project).map(({ clip }) => clip);
    const added = [...new Set([...(remembered.get(this.project) ?? []), ...ids])];
    remembered.set(this.project, added);
    const text = JSON.stringify(added);
    if (text === this.#reported || added.length === 0) return;
    const tell = () => {
      this.#reported = JSON.stringify(remembered.get(this.project));
      this.#timer = 0;
      this.report(remembered.get(this.project));
    };
    if (!queue.busy) {
      clearTimeout(this.#timer);
      tell();
    } else if (!this.#timer) this.#timer = setTimeout(tell, REPORT_MS);
  }

  #draw() {
    const { items } = queue;
    const done = items.filter(({ state }) => state === "added" || state === "duplicate" || state === "cancelled");
    const waiting = items.filter(({ state }) => state === "waiting");
    const problems = items.filter(isProblem);
    const shown = (/** @type {import("./queue.js").Item} */ item) =>
      !isProblem(item) &&
      (!done.includes(item) || done.indexOf(item) >= done.length - RECENT) &&
      (item.state !== "waiting" || waiting.indexOf(item) < RECENT);
    // What has to be read comes first, and all of it.
    this.problems.replaceChildren(...problems.map((item) => this.#row(item)));
    this.problems.hidden = !problems.length;
    this.list.replaceChildren(...items.filter(shown).map((item) => this.#row(item)));
    this.foot.replaceChildren(...(items.length ? this.#summary(items) : []));
  }

  /** @param {import("./queue.js").Item} item */
  #row(item) {
    const { file, state, sent, clip, reason } = item;
    const row = element("div.row", { role: "listitem", "data-state": state }, element("span.name", { title: file.name }, file.name));
    row.append(element("span.size", {}, sizeText(file.size)));
    if (state === "sending") {
      const share = file.size ? sent / file.size : 1;
      row.append(element("progress", { max: 1, value: share, "aria-label": "Sent" }), element("span.size", {}, `${Math.floor(share * 100)} %`));
    } else row.append(element("span.word", {}, WORDS[state]));
    if (clip !== null) row.append(this.#link(clip, state === "added" ? "open" : "open the one there is"));
    if (state === "failed") row.append(element("button.link", { type: "button", onclick: () => queue.retry(item) }, "try again"));
    if (Queue.cancellable(item)) row.append(element("button.link", { type: "button", onclick: () => queue.cancel(item) }, "cancel"));
    if (reason) row.append(element("span.reason", {}, reason));
    return row;
  }

  /** Within the page: to load another one would end the uploads. @param {number} clip @param {string} text */
  #link(clip, text) {
    const onclick = (/** @type {MouseEvent} */ event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.open(clip);
    };
    return element("a", { href: `/review?clip=${clip}`, onclick }, text);
  }

  /** @param {import("./queue.js").Item[]} items */
  #summary(items) {
    const count = (/** @type {string} */ state) => items.filter((item) => item.state === state).length;
    const open = items.filter(({ state }) => !ENDED.has(state));
    const parts = [
      open.length ? `${open.length} to go` : "",
      ...["added", "duplicate", "refused", "failed"].map((state) => (count(state) ? `${count(state)} ${WORDS[state]}` : "")),
    ].filter(Boolean);
    const nodes = [element("span", {}, parts.join(" · "))];
    if (open.filter(Queue.cancellable).length > 1) nodes.push(element("button.link", { type: "button", onclick: () => queue.cancelAll() }, "cancel all"));
    if (!open.length) nodes.push(element("button.link", { type: "button", onclick: () => queue.clear(true) }, "clear the list"));
    return nodes;
  }
}

/** Whether its reason has to be read. @param {import("./queue.js").Item} item */
const isProblem = ({ state }) => state === "refused" || state === "failed";

/** Clips added since the page was loaded, by project: outlives a cleared list. @type {Map<string, (number | null)[]>} */
const remembered = new Map();
