import assert from "node:assert/strict";
import { test } from "node:test";
import { namesOf, percent, unevenly } from "../../app/ui/timeline/compare.js";
import { groupsOf } from "../../app/ui/timeline/lanes/groups.js";
import { partingLane } from "../../app/ui/timeline/lanes/second.js";
import { Plane, Trace } from "../../app/ui/timeline/traces.js";
import { SCHEME } from "./scheme.mjs";

const trace = (kind, subject, model) =>
  new Trace({ kind, subject, model, label_set: "fer2013" }, Float64Array.of(0, 40_000), [new Plane("p:happy", Uint8Array.of(254, 0), 0, 1)]);
const analysis = (id, face, voice) => ({ id, created_at: "", models: { face: { name: face }, voice: { name: voice } } });
const side = (source, both_us, partings = []) => ({ source, both_us, agreed_us: 0, only_first_us: 0, only_second_us: 0, overlap: 0.5, partings });
const how = { mode: () => "stacked", tile: () => new Promise(() => {}), redraw: () => {} };
const doc = {
  clip: { has_video: true, has_audio: true, duration_us: 80_000 },
  project: { blind: false },
  scheme: SCHEME,
  analysis: { models: {}, faces: [], utterances: [], speech: [] },
};

test("shares are never rounded to all or to nothing when they are not", () => {
  assert.deepEqual([percent(0, 10), percent(1, 1000), percent(999, 1000), percent(10, 10), percent(0, 0)], ["0 %", "1 %", "99 %", "100 %", "–"]);
});

test("an analysis is called by the models that answer with classes, and by what found the faces", () => {
  const found = { face: { name: "fer" }, detector: { name: "haar" } };
  assert.equal(namesOf({ id: 1, created_at: "", models: found }), "fer on haar");
  assert.equal(namesOf(analysis(1, "fer", "sensevoice")), "fer · sensevoice");
  assert.equal(namesOf({ id: 1, created_at: "", models: { speech: { name: "silero" } } }), "no face or voice model");
});

test("what only one of the two was calibrated for is named part by part", () => {
  const one = (/** @type {boolean} */ face, /** @type {boolean} */ voice) => ({
    id: 1,
    created_at: "",
    models: { face: { name: "fer", calibrated: face }, voice: { name: "sensevoice", calibrated: voice } },
  });
  assert.deepEqual(unevenly(one(true, false), one(false, true)), ["face", "voice"]);
  assert.deepEqual(unevenly(one(true, true), one(true, true)), []);
});

test("the second system's lanes lie right under what they are compared with", () => {
  const first = [trace("face", "1", "fer"), trace("voice", "", "portrayal_voice")];
  const other = {
    analysis: analysis(1, "emonet_8", "sensevoice"),
    traces: [trace("face", "1", "emonet_8"), trace("voice", "", "sensevoice")],
    comparison: { first: analysis(2, "fer", "portrayal_voice"), second: analysis(1, "emonet_8", "sensevoice"), sources: [side("face", 80_000)] },
  };
  const groups = groupsOf(doc, { traces: first, peaks: null, loading: false, other }, how);
  assert.deepEqual(
    groups.map(({ key, detail }) => `${key} ${detail}`),
    ["face:1 fer", "second:face emonet_8", "voice portrayal_voice", "second:voice sensevoice"],
  );
  assert.deepEqual(
    groups[1].lanes.map(({ title }) => title),
    ["Face 1", "They part"],
  );
});

test("without a second analysis there is no second group", () => {
  const groups = groupsOf(doc, { traces: [trace("face", "1", "fer")], peaks: null, loading: false, other: null }, how);
  assert.deepEqual(
    groups.map(({ key }) => key),
    ["face:1", "voice"],
  );
});

test("where the two part, the strip says for what each of them speaks", () => {
  const [one, other] = SCHEME.families;
  const parting = { start_us: 0, end_us: 40_000, first: one.id, second: other.id, first_score: 1, second_score: 1 };
  const lane = partingLane(side("face", 80_000, [parting]), SCHEME);
  assert.equal(lane.read(10_000), `${one.name} | ${other.name}`);
  assert.equal(lane.read(40_000), "");
  assert.equal(lane.empty, null);
});

test("that nothing is listed is only called agreement where it is", () => {
  assert.match(partingLane({ ...side("face", 80_000), agreed_us: 80_000 }, SCHEME).empty, /same family throughout/);
  assert.match(partingLane({ ...side("face", 80_000), agreed_us: 70_000 }, SCHEME).empty, /a few frames at a time/);
});
