import assert from "node:assert/strict";
import { test } from "node:test";
import { alone, toggle, weigh, without } from "../../app/ui/timeline/blend.js";

const sum = (emotions) => Math.round(emotions.reduce((total, e) => total + e.weight, 0) * 100) / 100;

test("a second emotion takes half, a third a third", () => {
  const two = toggle(alone("anger"), "disgust");
  assert.deepEqual(two, [
    { id: "anger", weight: 0.5 },
    { id: "disgust", weight: 0.5 },
  ]);
  assert.equal(sum(toggle(two, "fear")), 1);
});

test("giving one 70 % leaves 30 % for the other", () => {
  assert.deepEqual(
    weigh(toggle(alone("anger"), "disgust"), "anger", 0.7).map((e) => e.weight),
    [0.7, 0.3],
  );
});

test("no share can be dragged to nothing: that would be a lie about what was said", () => {
  assert.deepEqual(
    weigh(toggle(alone("anger"), "disgust"), "anger", 1).map((e) => e.weight),
    [0.95, 0.05],
  );
});

test("taking one away gives the other everything; adding it again takes it away too", () => {
  const two = toggle(alone("anger"), "disgust");
  assert.deepEqual(without(two, "anger"), [{ id: "disgust", weight: 1 }]);
  assert.deepEqual(toggle(two, "anger"), [{ id: "disgust", weight: 1 }]);
});
