import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameTable } from "../../app/ui/timeline/clock.js";
import { bodyGroup, speedOf } from "../../app/ui/timeline/lanes/body.js";
import { looksGroup } from "../../app/ui/timeline/lanes/looks.js";
import { unitsGroup } from "../../app/ui/timeline/lanes/units.js";
import { Prefs } from "../../app/ui/timeline/prefs.js";
import { isFolded, turn } from "../../app/ui/timeline/stack.js";
import { Plane, Trace } from "../../app/ui/timeline/traces.js";

const times = [0, 200_000, 400_000, 1_400_000, 1_600_000];

/** Shoulders 100 pixels apart at rest; the left wrist moves by `wrist` pixels a look, the right one is never seen. */
function body(wrist, visibility = [1, 1, 1, 1, 1]) {
  const point = (name, x, seen) => [Plane.of(`${name}_x`, x), Plane.of(`${name}_y`, x.map(() => 50)), Plane.of(`${name}_visibility`, seen)];
  const still = (x) => times.map(() => x);
  return new Trace({ kind: "body", subject: "1", model: "m", label_set: null }, Float64Array.from(times), [
    ...point("left_shoulder", still(200), still(1)),
    ...point("right_shoulder", still(100), still(1)),
    ...point(
      "left_wrist",
      times.map((_, i) => i * wrist),
      visibility,
    ),
    ...point(
      "right_wrist",
      times.map((_, i) => i * 500),
      still(0.1),
    ),
  ]);
}

/** Planes hold 254 steps: one decimal is what they are good for. */
const rounded = (values) => values.map((value) => Math.round(value * 10) / 10);

test("speed is in widths of the shoulders a second, since the look before", () => {
  assert.deepEqual(rounded(speedOf(body(20), "shoulder")), [NaN, 0, 0, NaN, 0]);
  assert.deepEqual(rounded(speedOf(body(20), "wrist")), [NaN, 1, 1, NaN, 1]);
});

test("a joint that was not seen both times did not rest: nothing is said", () => {
  assert.deepEqual(rounded(speedOf(body(20, [1, 0.2, 1, 1, 1]), "wrist")), [NaN, NaN, NaN, NaN, 1]);
});

test("a lane whose joint is never in the picture says so", () => {
  const { lanes, aside } = bodyGroup(body(20, [0, 0, 0, 0, 0]));
  assert.deepEqual(
    lanes.map((lane) => lane.empty),
    [null, "wrists are not in the picture"],
  );
  assert.equal(lanes[0].read(250_000), "0.0 widths/s");
  assert.equal(aside, true);
});

test("a look at a body speaks until the next look, not for its frame alone", () => {
  const trace = body(20);
  trace.align(new FrameTable(Float64Array.from([0, 40_000, 80_000, 120_000, 160_000, 200_000]), 240_000));
  assert.equal(trace.indexAt(150_000), 0);
});

test("eyes and mouth have a group of their own, and only where they were measured", () => {
  const face = (...names) =>
    new Trace({ kind: "face", subject: 2, model: "m", label_set: null }, Float64Array.from([0]), names.map((name) => Plane.of(name, [0.1])));
  assert.deepEqual(looksGroup(face("yaw", "pitch")), []);
  const [group] = looksGroup(face("gaze_pitch", "gaze_yaw", "mouth_opening"));
  assert.deepEqual(
    group.lanes.map((lane) => lane.title),
    ["Gaze up, right", "Mouth open"],
  );
});

test("action units have a folded group of their own with a line each, and are no classes", () => {
  const face = (...names) =>
    new Trace({ kind: "face", subject: 2, model: "m", label_set: null }, Float64Array.from([0]), names.map((name) => Plane.of(name, [0.5])));
  assert.deepEqual(unitsGroup(face("valence", "p:happy")), []);
  const trace = face("au:inner_brow_raiser", "au:jaw_drop", "p:happy");
  const [{ aside, lanes }] = unitsGroup(trace);
  assert.deepEqual([aside, lanes.map(({ title }) => title)], [true, ["inner brow raiser", "jaw drop"]]);
  assert.equal(lanes[1].read(0), "0.50");
  assert.deepEqual(trace.classes.map(({ name }) => name), ["p:happy"]);
});

test("a group aside is folded until it is opened, and others are open until they are folded", () => {
  const kept = new Map();
  const prefs = new Prefs({ getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) }, "me");
  const [aside, other] = [
    { key: "looks:1", aside: true },
    { key: "face:1" },
  ];
  assert.deepEqual([isFolded(prefs, aside), isFolded(prefs, other)], [true, false]);
  turn(prefs, aside);
  turn(prefs, other);
  assert.deepEqual([isFolded(prefs, aside), isFolded(prefs, other)], [false, true]);
  turn(prefs, aside);
  assert.equal(isFolded(prefs, aside), true);
});

test("values of our own come back as given, missing ones missing", () => {
  const plane = Plane.of("v", [1, NaN, 3]);
  assert.deepEqual([plane.at(0), plane.at(1), plane.at(2)], [1, NaN, 3]);
  assert.equal(Plane.of("v", [NaN]).some, false);
  assert.equal(Plane.of("v", [2, 2]).at(1), 2);
});
