import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameTable } from "../../app/ui/timeline/clock.js";
import { carve, hitTest, layOut, numberedElsewhere, sharing, snap, tiersOf } from "../../app/ui/timeline/tiers.js";
import { View } from "../../app/ui/timeline/view.js";

const segment = (id, start_us, end_us, more = {}) => ({
  id,
  tier: "face:1",
  start_us,
  end_us,
  rater: { id: 1, name: "Maja" },
  emotions: [],
  ...more,
});
const TIERS = [
  { tier: "clip", title: "Stretches" },
  { tier: "face:1", title: "Face 1" },
];
// One pixel is one millisecond.
const view = new View(1_000_000, 1000);

test("a clip offers its faces and voices, and a tier for both together", () => {
  const doc = {
    clip: { has_video: true, has_audio: true },
    analysis: { faces: [{ subject: 2 }, { subject: 1 }], utterances: [{ speaker: "S1" }, { speaker: "S2" }, { speaker: "S1" }] },
  };
  assert.deepEqual(
    tiersOf(doc).map((tier) => tier.tier),
    ["clip", "face:1", "face:2", "voice:S1", "voice:S2", "both"],
  );
});

test("without sound there is no voice to label, without a face no face", () => {
  const doc = { clip: { has_video: true, has_audio: false }, analysis: { faces: [], utterances: [] } };
  assert.deepEqual(
    tiersOf(doc).map((tier) => tier.tier),
    ["clip"],
  );
});

test("others' segments lie on rows of their own, said whose", () => {
  const rows = layOut(TIERS, [segment("a", 0, 10), segment("b", 0, 10, { rater: { id: 2, name: "Ali" } })], 1);
  assert.deepEqual(
    rows.map((row) => [row.title, row.who, row.own, row.segments.length]),
    [
      ["Whole clip", "", true, 0],
      ["Stretches", "", true, 0],
      ["Face 1", "", true, 1],
      ["Face 1", "Ali", false, 1],
    ],
  );
});

test("the pointer takes an edge within reach, else the body, else the bare tier", () => {
  const rows = layOut(TIERS, [segment("a", 100_000, 300_000)], 1);
  const y = rows[2].y + 5;
  const at = (x) => [hitTest(rows, view, x, y)?.segment?.id, hitTest(rows, view, x, y)?.part];
  assert.deepEqual([97, 104, 200, 298, 400].map(at), [
    ["a", "start"],
    ["a", "start"],
    ["a", "body"],
    ["a", "end"],
    [undefined, null],
  ]);
  assert.equal(hitTest(rows, view, 10, 9999), null);
});

test("where two segments meet, each side holds its own edge", () => {
  const rows = layOut(TIERS, [segment("a", 100_000, 300_000), segment("b", 300_000, 500_000)], 1);
  const y = rows[2].y + 5;
  assert.deepEqual(
    [298, 302].map((x) => [hitTest(rows, view, x, y).segment.id, hitTest(rows, view, x, y).part]),
    [
      ["a", "end"],
      ["b", "start"],
    ],
  );
});

test("a segment of a few pixels can still be clicked", () => {
  const rows = layOut(TIERS, [segment("a", 100_000, 109_000)], 1);
  assert.equal(hitTest(rows, view, 104.5, rows[2].y + 5).part, "body");
});

test("others' edges cannot be taken", () => {
  const rows = layOut(TIERS, [segment("b", 100_000, 300_000, { rater: { id: 2, name: "Ali" } })], 1);
  assert.equal(hitTest(rows, view, 101, rows[3].y + 5).part, "body");
});

test("an edge snaps to a near edge or speech onset before it snaps to a frame", () => {
  const frames = new FrameTable([0, 40_000, 80_000, 120_000], 160_000);
  assert.equal(snap(83_000, [85_500], 5_000, frames), 85_500);
  assert.equal(snap(95_000, [85_500], 5_000, frames), 80_000);
});

test("painting over trims, takes away and cuts in two", () => {
  const old = [
    segment("left", 0, 300_000),
    segment("inside", 350_000, 400_000),
    segment("right", 450_000, 900_000),
    segment("far", 950_000, 990_000),
  ];
  assert.deepEqual(
    carve(old, 200_000, 500_000).map(({ segment: { id }, pieces }) => [id, pieces]),
    [
      ["left", [[0, 200_000]]],
      ["inside", []],
      ["right", [[500_000, 900_000]]],
    ],
  );
  assert.deepEqual(carve([segment("wide", 0, 900_000)], 200_000, 500_000)[0].pieces, [
    [0, 200_000],
    [500_000, 900_000],
  ]);
});

test("segments that only touch are left alone", () => {
  assert.deepEqual(carve([segment("a", 0, 200_000)], 200_000, 300_000), []);
});

test("the two that share an edge are found by it", () => {
  const { endsHere, startsHere } = sharing([segment("a", 0, 200_000), segment("b", 200_000, 300_000)], 200_000);
  assert.deepEqual([endsHere.id, startsHere.id], ["a", "b"]);
});

test("a label of face 2 says so when another analysis than the one shown numbered the faces", () => {
  const doc = (analysis) => ({ analysis: analysis && { id: analysis } });
  const said = (analysis, tier = "face:2") => segment("a", 0, 10, { tier, analysis });
  assert.equal(numberedElsewhere(said(3), doc(4)), true);
  assert.equal(numberedElsewhere(said(4), doc(4)), false);
  assert.equal(numberedElsewhere(said(3, "voice:1"), doc(4)), false);
  assert.equal(numberedElsewhere(said(null), doc(4)), false, "not known");
  assert.equal(numberedElsewhere(said(3), doc(null)), false);
  assert.equal(numberedElsewhere(null, doc(4)), false);
});
