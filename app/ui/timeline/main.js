/**
 * Where Streamlit, or a page of one's own, puts the review editor.
 *
 * What tests may rely on, all inside the component's shadow root:
 *
 * - `[data-testid=timeline]`, the root: `data-clip-id`, `data-frame` (number of the frame on screen), `data-time-us`, `data-pending`
 *   (edits not yet durable), `data-status` (`saved`, `waiting`, `offline`, `signed-out`, `conflict`, `rejected`, `outdated`, `memory`,
 *   `draft`: a note or an intensity waits in the browser for its emotion), `data-ready` (`loading`, `ready`, `failed`)
 * - `video`; `playhead` with `data-time-us`; `time`; `frame`; `minimap`, `ruler`, `lanes`, `tiers`
 * - `status`, the mark, with `data-status`; `note-line`, what was just done; `conflict` with `keep-mine` and `keep-theirs`; `refused`;
 *   `several`, more than one label of the rater's for the whole clip; `restarted`, the program behind the page is another run of it
 * - `picker-input`; `option` with `data-emotion`; `definition`
 * - `label-clip` or `label-segment`, whichever is being worked on: `data-emotions` (ids joined by `|`), `data-outcome`, `data-source`; in
 *   it `chosen` with `data-emotion`, and `weight`
 * - `intensity`, `confidence` with `[data-value]` buttons (`aria-checked`); `none_of_these`, `cannot_judge`; `note`
 * - `suggestion` with `data-family`, and `accept` in it
 * - `segment`, one for each on the tiers (a list for screen readers): `data-id`, `data-tier`, `data-start-us`, `data-end-us`,
 *   `data-emotions`, `data-rater`, `data-source`, `data-pending`
 * - `history` with a `version` each, `data-revision`; `help`; `compare` with `compare-with`, and in its table a row `[data-source]` each
 */
import { Api, ServerError } from "./api.js";
import { el, set } from "./dom.js";
import { Editor } from "./editor.js";
import { ownerOf } from "./outbox.js";
import { savingOf } from "./saving.js";

/**
 * @typedef {{clip_id: number, base?: string, assets: string}} Data  `assets`: folder of this file's version, ending in `/`
 * @typedef {{parentElement: ParentNode & Node, data: Data, setStateValue?: (name: string, value: any) => void}} Component
 * @typedef {{root: HTMLElement, assets: string, asked: number, own: Set<number>, editor: Editor|null, timer: number, report: (clip: number) => void, stop: () => void}} Instance
 */

/** Streamlit calls again and again with the same parent: what is there is kept. @type {WeakMap<Node, Instance>} */
const instances = new WeakMap();

/** So long the page may take to repeat where the rater went. */
const ECHO_MS = 5000;

/** Room left under the editor. */
const FOOT_PX = 14;
const RETRY_MS = 1500;

/** Called at first, at every change of `data` and at every change of theme. @param {Component} component */
export function mount({ parentElement, data, setStateValue }) {
  const known = instances.get(parentElement);
  const instance = known ?? create(parentElement, data);
  instance.report = (clip) => setStateValue?.("clip", clip);
  if (!known) return void start(instance, data);
  // A program of another version serves its own modules; those of this page are the old ones.
  if (data.assets !== instance.assets) instance.editor?.status.restarted("other");
  instance.editor?.restyle();
  if (data.clip_id === instance.asked) return;
  instance.asked = data.clip_id;
  // The page only repeats where the rater went: an older place of theirs that arrives late moves nothing.
  if (instance.own.has(data.clip_id)) return void instance.own.delete(data.clip_id);
  if (data.clip_id !== instance.editor?.doc.clip.id) instance.editor?.goToClip(data.clip_id);
}

/** @param {Node} parentElement */
export function unmount(parentElement) {
  const instance = instances.get(parentElement);
  instances.delete(parentElement);
  instance?.stop();
}

/** @param {ParentNode & Node} parent @param {Data} data @returns {Instance} */
function create(parent, data) {
  const root = el("div.timeline", {
    "data-testid": "timeline",
    "data-ready": "loading",
    tabindex: "-1",
    role: "application",
    "aria-label": "Review editor",
  });
  const sheet = el("link", { rel: "stylesheet", href: `${data.assets}timeline.css` });
  // Unstyled, the editor would jump; it shows when its styles are there.
  root.style.visibility = "hidden";
  sheet.addEventListener("load", () => (root.style.visibility = ""), { once: true });
  const holder = el("div.editor", {}, sheet, root);
  parent.append(holder);
  const fill = () => fillWindow(root);
  fill();
  const settled = new ResizeObserver(fill);
  settled.observe(document.body);
  window.addEventListener("resize", fill);
  /** @type {Instance} */
  const instance = {
    root,
    assets: data.assets,
    asked: data.clip_id,
    own: new Set(),
    editor: null,
    timer: 0,
    report: () => {},
    stop: () => {
      clearTimeout(instance.timer);
      settled.disconnect();
      window.removeEventListener("resize", fill);
      instance.editor?.close();
      holder.remove();
    },
  };
  instances.set(parent, instance);
  return instance;
}

/** Opens the clip, as soon as the server gives it. @param {Instance} instance @param {Data} data */
async function start(instance, data) {
  const { root } = instance;
  const api = new Api(data.base ?? "");
  try {
    const asked = await api.document(instance.asked);
    if (!asked.rater) throw new ServerError(503, "Give yourself a name first; the clip opens then.");
    const saving = savingOf(ownerOf(asked), api);
    const { outbox } = saving;
    const { id } = asked.clip;
    // On coming back to the editor: edits of this clip may have been acknowledged since it was asked for.
    const doc = outbox.answersOn(id) ? await outbox.settled(id, () => api.document(id)) : asked;
    const moved = (/** @type {number} */ clip) => {
      instance.own.add(clip);
      window.setTimeout(() => instance.own.delete(clip), ECHO_MS);
      instance.report(clip);
    };
    instance.editor = new Editor(root, api, doc, saving, moved);
    instance.editor.open(doc);
    fillWindow(root);
    root.focus({ preventScroll: true });
  } catch (error) {
    const status = /** @type {{status?: number}} */ (error).status;
    if (status === undefined) throw error;
    set(root, { "data-ready": "failed" });
    const away = status === 0 || status >= 500;
    const why =
      status === 0 || status === 500
        ? "The server cannot be reached; trying again."
        : status === 401 || status === 403
          ? "You are signed out: reload the page."
          : /** @type {Error} */ (error).message;
    root.replaceChildren(el("p.failed", { role: "alert" }, why));
    if (away) instance.timer = window.setTimeout(() => start(instance, data), RETRY_MS);
  }
}

/** The editor takes what the window has left below its own top. @param {HTMLElement} root */
function fillWindow(root) {
  const top = root.getBoundingClientRect().top + (document.scrollingElement?.scrollTop ?? 0);
  root.style.setProperty("--height", `${Math.max(560, Math.round(window.innerHeight - Math.max(0, top) - FOOT_PX))}px`);
}
