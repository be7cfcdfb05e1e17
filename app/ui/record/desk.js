/** Takes and their sender: one of each for as long as the browser tab has its page, whatever part of it is looked at. */

import { Sender, put } from "./sender.js";
import { openShelf } from "./shelf.js";
import { Takes } from "./takes.js";

/** @typedef {{takes: Takes, sender: Sender}} Desk */

/** @type {Map<string, Promise<Desk>>} */
const desks = new Map();

/** @param {string} owner  installation and rater @returns {Promise<Desk>} */
export function deskOf(owner) {
  const there = desks.get(owner) ?? begin(owner);
  desks.set(owner, there);
  return there;
}

/** @param {string} owner @returns {Promise<Desk>} */
async function begin(owner) {
  const takes = new Takes(await openShelf(), owner, /** @type {any} */ (navigator.locks));
  const sender = new Sender(takes, put);
  takes.addEventListener("keep", () => sender.kick());
  window.addEventListener("online", () => sender.kick());
  await takes.takeUp();
  return { takes, sender };
}
