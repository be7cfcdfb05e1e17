/** The keyboard is the timeline's, whatever was clicked last. */

/**
 * @param {HTMLElement} root  the editor
 * @param {() => void} leave  gives the keyboard back to it
 * @param {() => boolean} reading  whether a sheet lies over the editor, whose buttons keep the keyboard
 * @param {AbortSignal} signal
 */
export function keepKeyboard(root, leave, reading, signal) {
  const under = (/** @type {Event} */ event) => /** @type {HTMLElement} */ (event.composedPath()[0]);
  // What a click leaves focused must not swallow the keys that follow; fields and buttons keep theirs.
  const pressed = (/** @type {Event} */ event) => !under(event).closest("button, input, textarea, select, summary, .options") && leave();
  // After a click on a button the keyboard is the timeline's again: space plays, it does not press the button once more.
  const clicked = (/** @type {MouseEvent} */ event) => {
    if (event.detail > 0 && !reading() && under(event).closest("button:not(.person, .face)")) leave();
  };
  root.addEventListener("pointerdown", pressed, { signal });
  root.addEventListener("click", clicked, { signal });
}
