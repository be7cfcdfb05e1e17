import assert from "node:assert/strict";
import { test } from "node:test";
import { BINDINGS, bindingOf } from "../../app/ui/timeline/keys.js";

const press = (key, code, ...held) => {
  const has = (name) => held.includes(name);
  return {
    key,
    code,
    ctrlKey: has("ctrl"),
    metaKey: has("meta"),
    altKey: has("alt"),
    shiftKey: has("shift"),
    getModifierState: (name) => held.includes(name),
  };
};
const act = (...pressed) => bindingOf(press(...pressed))?.act ?? null;

test("frames are stepped by comma and full stop, whatever shift makes of them on a layout", () => {
  assert.equal(bindingOf(press(",", "Comma")).with, -1);
  assert.equal(bindingOf(press("<", "Comma", "shift")).with, -10);
  assert.equal(bindingOf(press(":", "Period", "shift")).with, 10);
});

test("the number row is the families', by place: also on a Swedish keyboard", () => {
  assert.equal(act("1", "Digit1"), "digit");
  assert.equal(act("+", "Minus"), "digit");
  assert.equal(act("Dead", "Equal"), "digit");
  assert.equal(act("!", "Digit1", "shift"), "recent");
});

test("brackets are found where AltGr makes them", () => {
  assert.equal(act("[", "BracketLeft"), "goTo");
  assert.equal(act("[", "Digit8", "AltGraph", "ctrl", "alt"), "goTo");
});

test("the question mark asks for the keys on any layout", () => {
  assert.equal(act("?", "Slash", "shift"), "help");
  assert.equal(act("?", "Minus", "shift"), "help");
});

test("undo and redo by control or command, and letters without them do something else", () => {
  assert.equal(act("z", "KeyZ", "ctrl"), "undo");
  assert.equal(act("z", "KeyZ", "meta"), "undo");
  assert.equal(act("Z", "KeyZ", "ctrl", "shift"), "redo");
  assert.equal(act("z", "KeyZ"), "zoomTo");
  assert.equal(act("c", "KeyC", "ctrl"), null);
});

test("no two bindings share a key", () => {
  const chords = BINDINGS.flatMap((binding) => binding.chords);
  assert.equal(new Set(chords).size, chords.length);
});
