/**
 * What brings edits to the server: one outbox and one sender for as long as the browser tab has its page. They outlive the editor, so that
 * edits reach the database though the rater has gone on to another of the program's pages.
 */
import { Outbox } from "./outbox.js";
import { Sender } from "./sender.js";

/** @typedef {{outbox: Outbox, sender: Sender}} Saving */

/** @type {Map<string, Saving>} */
const savings = new Map();

/** @param {string} owner  as `ownerOf` has it @param {import("./api.js").Api} api @returns {Saving} */
export function savingOf(owner, api) {
  const known = savings.get(owner);
  // While nobody listened, other tabs may have written.
  known?.outbox.reread();
  return known ?? begin(owner, api);
}

/** @param {string} owner @param {import("./api.js").Api} api @returns {Saving} */
function begin(owner, api) {
  const outbox = new Outbox(window.localStorage, owner);
  const sender = new Sender(outbox, api, /** @type {any} */ (navigator.locks));
  window.addEventListener("online", () => sender.kick());
  window.addEventListener("beforeunload", (event) => {
    if (outbox.pending) event.preventDefault();
  });
  savings.set(owner, { outbox, sender });
  return { outbox, sender };
}
