/** Below the stage: takes that nobody has decided on, those on their way, and the clips that came of some. */

import { element, lengthText, whenText } from "./dom.js";

/** @typedef {import("./takes.js").Take} Take */
/** @typedef {import("./sender.js").Sender} Sender */

/**
 * @typedef {{judge(take: Take): void, keep(take: Take): void, discard(take: Take): void, back(take: Take): void, download(take: Take): void,
 *   tryNow(): void, open(clip: number): void}} Told
 */

/** @param {string} text @param {() => void} onclick */
const link = (text, onclick) => element("button.link", { type: "button", onclick }, text);

/**
 * One mark for all takes that have been kept, in the editor's words.
 * @param {number} waiting  takes that the server does not have yet @param {string} trouble @param {boolean} durable
 * @returns {["saved"|"waiting"|"offline"|"memory", string]}
 */
export function standing(waiting, trouble, durable) {
  if (!durable) return ["memory", "Not stored: this browser gives no room. Keep the page open until it says Saved, or save the take to a file"];
  if (waiting && trouble) return ["offline", `${waiting} waiting`];
  return waiting ? ["waiting", `${waiting} waiting`] : ["saved", "Saved"];
}

/**
 * @param {Take[]} takes @param {{judged: Take | null, project: string, now: number}} at  `judged`: the one on the stage
 * @param {Sender} sender @param {Told} told
 */
export function takeRows(takes, { judged, project, now }, sender, told) {
  return takes.filter((take) => take !== judged && take.state !== "recording").map((take) => row(take, project, now, sender, told));
}

/** @param {Take} take @param {string} project @param {number} now @param {Sender} sender @param {Told} told */
function row(take, project, now, sender, told) {
  const where = take.project === project ? "" : ` for ${take.project}`;
  const what = `of ${lengthText(take.length_ms)} from ${whenText(take.started, now)}${where}`;
  const save = link("save to a file", () => told.download(take));
  const parts = {
    recording: [],
    recorded: [
      `A take ${what} was not kept: `,
      link("play", () => told.judge(take)),
      link("keep", () => told.keep(take)),
      link("discard", () => told.discard(take)),
      save,
    ],
    discarded: [`Discarded: a take ${what}. `, link("bring it back", () => told.back(take)), element("small", {}, "It is erased when the page is left.")],
    keeping: [element("span.name", { title: take.name }, take.name), ...progress(take, sender, told), save],
    refused: [
      element("span.name", { title: take.name }, take.name),
      element("span.bad", {}, `Not taken: ${take.reason} `),
      link("look at it again", () => told.judge(take)),
      save,
      link("discard", () => told.discard(take)),
    ],
  }[take.state];
  return element("div.row", { role: "listitem", "data-state": take.state }, ...parts);
}

/** @param {Take} take @param {Sender} sender @param {Told} told */
function progress(take, { going, trouble }, told) {
  if (going?.id === take.id && going.checking) return [element("span.quiet", {}, "being read")];
  if (going?.id === take.id) {
    const said = `${Math.floor(100 * going.share)} %`;
    return [element("progress", { max: 1, value: going.share, "aria-label": "Sent" }), element("span.quiet", {}, said)];
  }
  if (trouble) return [element("span.bad", {}, trouble), link("try now", told.tryNow)];
  return [element("span.quiet", {}, "waits")];
}

/** The latest first. @param {Sender["kept"]} kept @param {string} project @param {Told} told */
export function keptRows(kept, project, told) {
  const here = kept.filter((one) => one.project === project).reverse();
  return here.map(({ clip, name, length_ms }) => {
    const onclick = (/** @type {MouseEvent} */ event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault(); // within the page: to load another one would end what is on its way
      told.open(clip);
    };
    return element(
      "div.row",
      { role: "listitem", "data-clip": String(clip) },
      element("span.name", { title: name }, name),
      element("span.quiet", {}, lengthText(length_ms)),
      element("a", { href: `/review?clip=${clip}`, onclick, "aria-label": `Review ${name}` }, "review"),
    );
  });
}
