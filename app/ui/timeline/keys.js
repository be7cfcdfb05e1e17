/** Every key of the editor: one table, which acts and which the `?` sheet shows. */

/**
 * @typedef {object} Binding
 * @property {string[]} chords  any of these; see `chordOf`
 * @property {string} shown  how the sheet writes them
 * @property {string} does
 * @property {string} group
 * @property {string} act  name of what the editor does
 * @property {any} [with]  its argument
 */

/** @type {Binding[]} */
export const BINDINGS = [
  { group: "Playing", chords: ["space"], shown: "space", does: "play, pause", act: "toggle" },
  { group: "Playing", chords: [","], shown: ",", does: "one frame back", act: "step", with: -1 },
  { group: "Playing", chords: ["."], shown: ".", does: "one frame on", act: "step", with: 1 },
  { group: "Playing", chords: ["shift+,"], shown: "shift ,", does: "ten frames back", act: "step", with: -10 },
  { group: "Playing", chords: ["shift+."], shown: "shift .", does: "ten frames on", act: "step", with: 10 },
  { group: "Playing", chords: ["j"], shown: "j", does: "slower, then backwards", act: "shuttle", with: -1 },
  { group: "Playing", chords: ["k"], shown: "k", does: "stop", act: "stop" },
  { group: "Playing", chords: ["l"], shown: "l", does: "play, then faster", act: "shuttle", with: 1 },
  { group: "Playing", chords: ["p"], shown: "p", does: "play the selection", act: "playSpan" },
  { group: "Playing", chords: ["shift+p"], shown: "shift p", does: "loop the selection", act: "loop" },
  { group: "Playing", chords: ["home"], shown: "home", does: "to the start", act: "home" },
  { group: "Playing", chords: ["end"], shown: "end", does: "to the end", act: "end" },
  { group: "Labelling", chords: ["enter"], shown: "enter", does: "choose an emotion: type, then enter", act: "label" },
  { group: "Labelling", chords: ["digit"], shown: "1 – 9 …", does: "open a family, then a number", act: "digit" },
  { group: "Labelling", chords: ["shift+digit"], shown: "shift 1 – 5", does: "an emotion used last", act: "recent" },
  { group: "Labelling", chords: ["a"], shown: "a", does: "choose within the suggested family", act: "accept" },
  { group: "Labelling", chords: ["e"], shown: "e, then 1 – 4", does: "intensity", act: "intensity" },
  { group: "Labelling", chords: ["c"], shown: "c, then 1 – 5", does: "confidence", act: "confidence" },
  { group: "Labelling", chords: ["t"], shown: "t", does: "write a note", act: "note" },
  { group: "Labelling", chords: ["escape"], shown: "esc", does: "let go, back to the whole clip", act: "escape" },
  { group: "Stretches", chords: ["i"], shown: "i", does: "in: the stretch begins with this frame", act: "markIn" },
  { group: "Stretches", chords: ["o"], shown: "o", does: "out: the stretch ends with this frame, which is its last", act: "markOut" },
  { group: "Stretches", chords: ["s"], shown: "s", does: "split at the playhead", act: "split" },
  { group: "Stretches", chords: ["m"], shown: "m", does: "merge with the next", act: "merge" },
  { group: "Stretches", chords: ["x", "delete"], shown: "x", does: "delete", act: "remove" },
  { group: "Stretches", chords: ["alt+arrowleft"], shown: "alt ←", does: "nearest edge one frame back", act: "nudge", with: -1 },
  { group: "Stretches", chords: ["alt+arrowright"], shown: "alt →", does: "nearest edge one frame on", act: "nudge", with: 1 },
  { group: "Stretches", chords: ["[", "pageup"], shown: "[  or page up", does: "previous stretch", act: "goTo", with: -1 },
  { group: "Stretches", chords: ["]", "pagedown"], shown: "]  or page down", does: "next stretch", act: "goTo", with: 1 },
  { group: "Stretches", chords: ["arrowdown"], shown: "↓", does: "tier below", act: "tier", with: 1 },
  { group: "Stretches", chords: ["arrowup"], shown: "↑", does: "tier above", act: "tier", with: -1 },
  { group: "Speakers and people", chords: [], shown: "↑", does: "from the first tier to the speakers: the keys of stretches then mean turns", act: "tier" },
  { group: "Speakers and people", chords: [], shown: "1 – 9, 0", does: "give the turn to that speaker, or to somebody new", act: "digit" },
  { group: "Speakers and people", chords: [], shown: "enter", does: "name the speaker", act: "label" },
  { group: "Speakers and people", chords: [], shown: "a", does: "take the person who is offered for this voice", act: "accept" },
  { group: "Speakers and people", chords: ["g"], shown: "g", does: "to the people in the clip, and back", act: "people" },
  { group: "View", chords: ["z"], shown: "z", does: "zoom to the selection", act: "zoomTo" },
  { group: "View", chords: ["f"], shown: "f", does: "the whole clip", act: "fit" },
  { group: "View", chords: ["w"], shown: "w", does: "closer", act: "closer" },
  { group: "View", chords: ["q"], shown: "q", does: "wider", act: "wider" },
  { group: "View", chords: ["arrowleft"], shown: "←", does: "move the view back", act: "pan", with: -1 },
  { group: "View", chords: ["arrowright"], shown: "→", does: "move the view on", act: "pan", with: 1 },
  { group: "View", chords: ["v"], shown: "v", does: "compare with another analysis", act: "compare" },
  { group: "Everything", chords: ["ctrl+z"], shown: "ctrl z", does: "undo, also after a reload", act: "undo" },
  { group: "Everything", chords: ["ctrl+y", "ctrl+shift+z"], shown: "ctrl y", does: "redo", act: "redo" },
  { group: "Everything", chords: ["n"], shown: "n", does: "next clip", act: "next" },
  { group: "Everything", chords: ["shift+n"], shown: "shift n", does: "previous clip", act: "previous" },
  { group: "Everything", chords: ["?"], shown: "?", does: "these keys", act: "help" },
];

/** What Streamlit itself listens for; a rater's `c` must not offer to clear its cache. */
const STREAMLIT = new Set(["r", "c"]);

const DIGIT_ROW = /^(Digit[0-9]|Minus|Equal)$/;

/**
 * `ctrl+shift+z`: modifiers in that order, then the key. Letters are by what they type, comma, full stop and the number row by their
 * place, so that shift and other layouts do not move them; what needs shift or AltGr to be typed at all (`?`, `[`) is named as typed.
 * @param {{key: string, code: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, shiftKey: boolean,
 *   getModifierState?: (name: string) => boolean}} event
 */
export function chordOf(event) {
  const typed = event.getModifierState?.("AltGraph") ?? false;
  const place = { Comma: ",", Period: ".", Space: "space" }[event.code];
  const letter = /^\p{L}$/u.test(event.key);
  const symbol = event.key.length === 1 && !letter && !place;
  const ctrl = (event.ctrlKey || event.metaKey) && !typed;
  const alt = event.altKey && !typed;
  const shift = event.shiftKey && !symbol;
  const name = place ?? event.key.toLowerCase();
  return `${ctrl ? "ctrl+" : ""}${alt ? "alt+" : ""}${shift ? "shift+" : ""}${name}`;
}

/**
 * The binding that a key press means. The number row goes by place: it is the twelve families'.
 * @param {Parameters<typeof chordOf>[0]} event
 * @returns {Binding|null}
 */
export function bindingOf(event) {
  const row = DIGIT_ROW.test(event.code) && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== "?";
  const chord = row ? (event.shiftKey ? "shift+digit" : "digit") : chordOf(event);
  return BINDINGS.find((binding) => binding.chords.includes(chord)) ?? null;
}

/** Elements that want their keys for themselves. @param {EventTarget|undefined} target */
function types(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["range", "button", "checkbox", "radio"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

/**
 * Listens wherever the keyboard is: on the editor, or on nothing in particular. Typing anywhere else is left alone.
 * @param {Element} root  the editor
 * @param {(binding: Binding, event: KeyboardEvent) => boolean} act  false: nothing was done, the browser may have the key
 * @param {AbortSignal} signal
 */
export function listen(root, act, signal) {
  const heard = (/** @type {KeyboardEvent} */ event) => {
    const [target] = event.composedPath();
    const inside = event.composedPath().includes(root);
    if (!inside && target !== document.body && target !== document.documentElement) return;
    if (types(target)) return;
    const button = target instanceof HTMLButtonElement && ["Enter", " "].includes(event.key);
    const slider = target instanceof HTMLInputElement && event.key.startsWith("Arrow") && !event.altKey;
    const radio = target instanceof HTMLElement && target.getAttribute("role") === "radio" && /^(Digit|Arrow)/.test(event.code);
    const binding = button || slider || radio ? null : bindingOf(event);
    if (binding && act(binding, event) !== false) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (STREAMLIT.has(chordOf(event))) event.stopPropagation();
  };
  window.addEventListener("keydown", heard, { signal, capture: true });
  // Seen from outside, what is typed into a field of the editor is typed nowhere in particular: Streamlit would take it for its own.
  root.addEventListener("keydown", (event) => event.stopPropagation(), { signal });
}
