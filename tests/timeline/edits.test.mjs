import assert from "node:assert/strict";
import { test } from "node:test";
import * as edits from "../../app/ui/timeline/edits.js";
import { alone } from "../../app/ui/timeline/blend.js";
import { blank, complete, contentOf, describe, same, uuid } from "../../app/ui/timeline/judgement.js";
import { SUGGESTION } from "./scheme.mjs";

const rater = { id: 1, name: "Maja" };
const segment = (id, start, end, more = {}) => ({
  ...blank("face:1", start, end),
  emotions: alone("anger"),
  id,
  revision: 1,
  removed: false,
  rater,
  changed_at: "",
  ...more,
});
const bounds = (changes) => changes.map(({ id, after }) => [id.length > 5 ? "new" : id, after && [after.start_us, after.end_us]]);

test("a judgement travels without what the server adds, and with nothing missing", () => {
  const content = contentOf(segment("a", 0, 1));
  assert.deepEqual(Object.keys(content).sort(), [
    "arousal",
    "confidence",
    "emotions",
    "end_us",
    "genuineness",
    "intensity",
    "model",
    "model_score",
    "note",
    "outcome",
    "source",
    "start_us",
    "tier",
    "valence",
  ]);
});

test("a new segment carves the older ones, all in one step", () => {
  const changes = edits.paint([segment("a", 0, 500_000)], "n", { ...blank("face:1", 200_000, 300_000), emotions: alone("fear") });
  assert.deepEqual(
    bounds(changes).map(([, span]) => span),
    [
      [0, 200_000],
      [300_000, 500_000],
      [200_000, 300_000],
    ],
  );
  assert.equal(changes[0].id, "a");
  assert.equal(changes[1].before, null);
});

test("dragging a shared edge moves both neighbours and carves neither", () => {
  const [a, b] = [segment("a", 0, 200_000), segment("b", 200_000, 400_000)];
  const changes = edits.move(
    [a, b],
    [
      { segment: a, startUs: 0, endUs: 250_000 },
      { segment: b, startUs: 250_000, endUs: 400_000 },
    ],
  );
  assert.deepEqual(bounds(changes), [
    ["a", [0, 250_000]],
    ["b", [250_000, 400_000]],
  ]);
});

test("splitting keeps the left part's identity and copies the label", () => {
  const { changes } = edits.split(segment("a", 0, 400_000), 150_000);
  assert.deepEqual(bounds(changes), [
    ["a", [0, 150_000]],
    ["new", [150_000, 400_000]],
  ]);
  assert.deepEqual(changes[1].after.emotions, alone("anger"));
  assert.equal(edits.split(segment("a", 0, 400_000), 5_000), null);
});

test("merging keeps the first label over both stretches", () => {
  const changes = edits.merge(segment("a", 0, 200_000), segment("b", 250_000, 400_000, { emotions: alone("fear") }));
  assert.deepEqual(bounds(changes), [
    ["b", null],
    ["a", [0, 400_000]],
  ]);
});

test("touching a model's segment makes it the person's, and keeps where it came from", () => {
  const theirs = segment("m", 0, 400_000, { source: "model", model: "fer 1", model_score: 0.7 });
  const [change] = edits.move([theirs], [{ segment: theirs, startUs: 0, endUs: 300_000 }]);
  assert.deepEqual([change.after.source, change.after.model, change.after.model_score], ["corrected", "fer 1", 0.7]);
  assert.equal(edits.adopt(theirs).source, "accepted");
});

test("what was accepted, what was corrected and what is the person's own are told apart", () => {
  const source = (id, suggestion, before = blank("clip")) => edits.provenance(before, id, suggestion).source;
  assert.equal(source("anger", SUGGESTION), "accepted");
  assert.equal(source("disgust", SUGGESTION), "corrected");
  assert.equal(source("anger", null), "human");
  assert.equal(source("fear", null, { ...blank("clip"), source: "accepted", model: "face 1" }), "corrected");
  assert.deepEqual(edits.provenance(blank("clip"), "anger", SUGGESTION), {
    source: "accepted",
    model: "face 1 + voice 1",
    model_score: 0.3,
  });
});

test("where the models cannot tell two apart, either of them is what was suggested", () => {
  const tied = { ...SUGGESTION, emotions: [], sets: [["positive_surprise", "negative_surprise"]] };
  assert.equal(edits.provenance(blank("clip"), "negative_surprise", tied).source, "accepted");
  assert.equal(edits.provenance(blank("clip"), "awe", tied).source, "corrected");
});

test("a label needs an emotion; declining needs none", () => {
  assert.equal(complete(blank("clip")), false);
  assert.equal(complete({ ...blank("clip"), outcome: "cannot_judge" }), true);
});

test("a blend is described with its shares", () => {
  const content = {
    ...blank("clip"),
    emotions: [
      { id: "anger", weight: 0.7 },
      { id: "disgust", weight: 0.3 },
    ],
  };
  assert.equal(
    describe(content, (id) => id.toUpperCase()),
    "ANGER 70 % + DISGUST 30 %",
  );
  assert.equal(same(content, { ...content }), true);
  assert.equal(same(content, null), false);
});

test("ids are UUIDs as the server wants them", () => {
  assert.match(uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
