import assert from "node:assert/strict";
import { test } from "node:test";
import { View } from "../../app/ui/timeline/view.js";

const close = (a, b) => assert.ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`);

test("zooming keeps the time under the pointer where it is", () => {
  const view = new View(10_000_000, 1000);
  const x = view.xOf(3_000_000);
  view.zoom(0.2, 3_000_000);
  close(view.xOf(3_000_000), x);
  close(view.spanUs, 2_000_000);
});

test("zooming out stops at the whole clip, zooming in at about a frame", () => {
  const view = new View(10_000_000, 1000);
  view.zoom(1e-9, 5_000_000);
  assert.ok(view.spanUs >= 50_000 && view.spanUs < 100_000);
  view.zoom(1e9, 5_000_000);
  assert.deepEqual([view.startUs, view.endUs, view.fitted], [0, 10_000_000, true]);
});

test("panning stops at both ends and keeps the span", () => {
  const view = new View(10_000_000, 1000);
  view.show(4_000_000, 6_000_000);
  view.pan(-9e9);
  assert.deepEqual([view.startUs, view.endUs], [0, 2_000_000]);
  view.pan(9e9);
  assert.deepEqual([view.startUs, view.endUs], [8_000_000, 10_000_000]);
});

test("the page is turned only when the playhead leaves it", () => {
  const view = new View(10_000_000, 1000);
  view.show(2_000_000, 4_000_000);
  view.follow(3_000_000);
  assert.equal(view.startUs, 2_000_000);
  view.follow(4_100_000);
  assert.ok(view.startUs < 4_100_000 && view.endUs > 4_100_000);
});

test("a change is told once, and nothing is told when nothing changed", () => {
  const view = new View(10_000_000, 1000);
  let told = 0;
  view.addEventListener("change", () => told++);
  view.fit();
  view.show(1_000_000, 2_000_000);
  view.show(1_000_000, 2_000_000);
  assert.equal(told, 1);
});

test("a clip shorter than the closest view is shown whole", () => {
  const view = new View();
  view.open(40_000);
  assert.deepEqual([view.startUs, view.endUs], [0, 40_000]);
});
