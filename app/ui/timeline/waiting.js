/** For pages without the editor: how many edits this browser still holds, and so no export has. They are sent meanwhile. */
import { Api } from "./api.js";
import { el, say, set } from "./dom.js";
import { savingOf } from "./saving.js";

/** @type {WeakMap<object, {owner: string, stop: () => void}>} */
const places = new WeakMap();

/** @param {{parentElement: any, data: {owner: string}}} component  as Streamlit hands it over; the owner as `ownerOf` has it */
export function show({ parentElement, data }) {
  if (places.get(parentElement)?.owner === data.owner) return;
  leave(parentElement);
  const { outbox, sender } = savingOf(data.owner, new Api());
  const closing = new AbortController();
  const { signal } = closing;
  const line = el("p.waiting", { role: "status", "data-testid": "waiting" });
  parentElement.querySelector(".root").replaceChildren(line);
  const update = () => {
    const { pending } = outbox;
    const conflicts = outbox.entries.length - pending;
    set(line, { "data-pending": pending, hidden: pending + conflicts === 0 });
    const how = sender.state === "sending" ? "on the way to it now" : "the server cannot be reached";
    const sentences = [
      pending && `${counted(pending)} in this browser and not in the database yet: ${how}.`,
      conflicts && `${counted(conflicts)} for your choice between two versions: open the clip.`,
    ];
    say(line, sentences.filter(Boolean).join(" "));
  };
  outbox.addEventListener("change", update, { signal });
  sender.addEventListener("state", update, { signal });
  window.addEventListener("storage", (event) => outbox.heard(event), { signal });
  update();
  sender.kick();
  places.set(parentElement, { owner: data.owner, stop: () => closing.abort() });
}

/** @param {object} parentElement */
export function leave(parentElement) {
  places.get(parentElement)?.stop();
  places.delete(parentElement);
}

/** @param {number} count */
const counted = (count) => (count === 1 ? "1 edit waits" : `${count} edits wait`);
