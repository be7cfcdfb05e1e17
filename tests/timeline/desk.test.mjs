import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Commands } from "../../app/ui/timeline/commands.js";
import { Desk } from "../../app/ui/timeline/desk.js";
import { blank } from "../../app/ui/timeline/judgement.js";
import { Judgements } from "../../app/ui/timeline/judgements.js";
import { Outbox } from "../../app/ui/timeline/outbox.js";
import { SCHEME, SUGGESTION } from "./scheme.mjs";
import { Store } from "./storage.mjs";

const DOC = {
  installation: "home",
  clip: { id: 1, has_video: true, has_audio: true },
  rater: { id: 1, name: "Maja" },
  scheme: SCHEME,
  analysis: null,
  suggestion: SUGGESTION,
  judgements: [],
};
let store, desk, notes;

function open(doc = DOC) {
  const outbox = new Outbox(store, "home.1");
  const judgements = new Judgements(outbox, doc.rater);
  desk = new Desk(judgements, new Commands(judgements, outbox, store, () => ({})), store, doc);
  notes = [];
  desk.addEventListener("note", (event) => notes.push(event.detail));
  desk.open(doc);
}

beforeEach(() => {
  store = new Store();
  open();
});

test("picking an emotion labels the clip as a whole, with no segment at all", () => {
  desk.pick("anger");
  assert.deepEqual(desk.judgements.ofClip.emotions, [{ id: "anger", weight: 1 }]);
  assert.deepEqual([desk.judgements.ofClip.start_us, desk.judgements.ofClip.source], [null, "human"]);
});

test("an intensity before any emotion is remembered, also over a reload, and kept with the emotion", () => {
  desk.say({ intensity: 3 });
  assert.equal(desk.judgements.ofClip, null);
  open();
  assert.equal(desk.content.intensity, 3);
  desk.pick("anger");
  assert.equal(desk.judgements.ofClip.intensity, 3);
});

test("a marked stretch becomes a segment with its label, and outlives a reload before that", () => {
  desk.mark("face:1", 500_000, 200_000);
  open();
  assert.deepEqual([desk.stretch.start_us, desk.stretch.end_us], [200_000, 500_000]);
  desk.mark("face:1", 200_000, 500_000);
  desk.pick("amusement");
  assert.deepEqual(
    desk.segments("face:1").map((s) => [s.start_us, s.end_us, s.emotions[0].id]),
    [[200_000, 500_000, "amusement"]],
  );
  assert.equal(desk.stretch, null);
  assert.equal(desk.target.kind, "segment");
});

test("undoing a paint brings back exactly what was there", () => {
  desk.mark("clip", 0, 900_000);
  desk.pick("anger");
  desk.mark("clip", 300_000, 500_000);
  desk.pick("disgust");
  assert.equal(desk.segments("clip").length, 3);
  desk.undo();
  assert.deepEqual(
    desk.segments("clip").map((s) => [s.start_us, s.end_us, s.emotions[0].id]),
    [[0, 900_000, "anger"]],
  );
});

test("two emotions blend; taking both away leaves no label, and undo has it back", () => {
  desk.pick("anger");
  desk.pick("disgust", { add: true });
  assert.deepEqual(
    desk.content.emotions.map((e) => e.weight),
    [0.5, 0.5],
  );
  desk.say({ emotions: [] });
  assert.equal(desk.judgements.ofClip, null);
  desk.undo();
  assert.equal(desk.judgements.ofClip.emotions.length, 2);
});

test("a segment that loses its label stays marked as a stretch", () => {
  desk.mark("clip", 0, 900_000);
  desk.pick("anger");
  desk.say({ emotions: [] });
  assert.equal(desk.target.kind, "draft");
  assert.deepEqual(desk.span, { startUs: 0, endUs: 900_000 });
});

test("declining takes the emotions away; labelling takes the declining away", () => {
  desk.pick("anger");
  desk.say({ outcome: "cannot_judge", emotions: [] });
  assert.deepEqual([desk.content.outcome, desk.content.emotions], ["cannot_judge", []]);
  desk.pick("anger");
  assert.equal(desk.content.outcome, "label");
});

test("another's judgement is looked at, not changed; a copy is one's own", () => {
  const theirs = {
    ...DOC.judgements,
    id: "t",
    revision: 1,
    removed: false,
    rater: { id: 2, name: "Ali" },
    changed_at: "",
    tier: "clip",
    start_us: 0,
    end_us: 9,
    emotions: [{ id: "anger", weight: 1 }],
    outcome: "label",
    source: "human",
    note: "",
  };
  open({ ...DOC, judgements: [theirs] });
  desk.select("t");
  desk.pick("disgust");
  assert.equal(desk.judgements.get("t").emotions[0].id, "anger");
  assert.equal(notes.length, 1);
  desk.adopt();
  assert.deepEqual(
    desk.segments("clip").map((s) => [s.rater.name, s.emotions[0].id]),
    [["Maja", "anger"]],
  );
});

test("split, merge, delete: each one step back", () => {
  desk.mark("clip", 0, 900_000);
  desk.pick("anger");
  desk.split(400_000);
  assert.equal(desk.segments("clip").length, 2);
  desk.goTo(-1, 0);
  desk.merge();
  assert.deepEqual(
    desk.segments("clip").map((s) => [s.start_us, s.end_us]),
    [[0, 900_000]],
  );
  desk.remove();
  assert.equal(desk.segments("clip").length, 0);
  desk.undo();
  desk.undo();
  assert.equal(desk.segments("clip").length, 2);
});

test("what is being typed is told of before another judgement is taken up", () => {
  desk.mark("clip", 0, 900_000);
  desk.pick("anger");
  const said = [];
  desk.addEventListener("leaving", () => said.push(desk.content.tier + desk.span?.endUs));
  desk.selectClip();
  assert.deepEqual(said, ["clip900000"]);
});

/** A judgement of the whole clip by the rater, as the server has it. */
const whole = (id, emotion, minute) => ({
  ...blank("clip"),
  emotions: [{ id: emotion, weight: 1 }],
  id,
  revision: 1,
  removed: false,
  rater: DOC.rater,
  changed_at: `2026-01-01T10:0${minute}:00Z`,
});

test("of several labels for the whole clip, what is said next is the only one, and undo has them all again", () => {
  open({ ...DOC, judgements: [whole("a", "anger", 1), whole("b", "disgust", 2)] });
  const emotions = () => desk.judgements.wholes.map((judgement) => judgement.emotions[0].id).sort();
  assert.equal(desk.content.emotions[0].id, "disgust", "the latest is shown");
  desk.say({ intensity: 3 });
  assert.deepEqual(emotions(), ["disgust"]);
  desk.undo();
  assert.deepEqual(emotions(), ["anger", "disgust"]);
  desk.keepOne();
  assert.deepEqual(emotions(), ["disgust"]);
});

test("copying another's label of the clip replaces every own one", () => {
  const theirs = { ...whole("t", "confusion", 0), rater: { id: 2, name: "Ali" } };
  open({ ...DOC, judgements: [whole("a", "anger", 1), whole("b", "disgust", 2), theirs] });
  desk.select("t");
  desk.adopt();
  assert.deepEqual(
    desk.judgements.wholes.map((judgement) => judgement.emotions[0].id),
    ["confusion"],
  );
});

test("a stretch elsewhere inherits nothing from the one whose label was taken away", () => {
  desk.mark("clip", 0, 900_000);
  desk.pick("anger", { suggestion: SUGGESTION });
  desk.say({ note: "this laugh", intensity: 4 });
  desk.say({ emotions: [] });
  desk.mark("clip", 100_000, 950_000);
  assert.deepEqual([desk.content.note, desk.content.intensity], ["this laugh", 4], "the same stretch, drawn anew");
  assert.deepEqual([desk.content.source, desk.content.model], ["human", null]);
  desk.mark("clip", 950_000, 990_000);
  desk.pick("disgust");
  const { note, intensity, source, model, model_score } = desk.judgement;
  assert.deepEqual([note, intensity, source, model, model_score], ["", null, "human", null, null]);
});

test("what was left of a label is gone once the label is back, and does not come up in the next one", () => {
  desk.pick("anger");
  desk.say({ intensity: 3, note: "x" });
  desk.say({ emotions: [] });
  assert.equal(desk.content.note, "x");
  desk.undo();
  desk.remove();
  desk.pick("disgust");
  assert.deepEqual([desk.judgement.intensity, desk.judgement.note], [null, ""]);
});

test("undoing the loss of a stretch's label takes the stretch up again, and leaves none marked", () => {
  desk.mark("face:1", 0, 900_000);
  desk.pick("anger");
  desk.say({ emotions: [] });
  desk.undo();
  assert.deepEqual([desk.stretch, desk.target.kind, desk.content.emotions[0].id], [null, "segment", "anger"]);
});

test("what was begun in one home folder does not come up in another behind the same address", () => {
  desk.say({ intensity: 4, note: "begun here" });
  open({ ...DOC, installation: "elsewhere" });
  assert.equal(desk.content.note, "");
  open();
  assert.equal(desk.content.note, "begun here");
});

test("what is said without an emotion is known not to be kept, until there is one or nothing is said any more", () => {
  assert.equal(desk.unkept, false);
  desk.say({ note: "laughs" });
  assert.equal(desk.unkept, true);
  desk.say({ note: "" });
  assert.equal(desk.unkept, false);
  desk.mark("clip", 0, 900_000);
  assert.equal(desk.unkept, false, "a stretch alone says nothing");
  desk.say({ intensity: 2 });
  assert.equal(desk.unkept, true);
  desk.pick("anger");
  assert.equal(desk.unkept, false);
});

test("a browser without room says that it does not hold what was begun", () => {
  store.full = true;
  desk.say({ note: "laughs" });
  assert.deepEqual([desk.unkept, desk.drafts.durable, desk.content.note], [true, false, "laughs"]);
  store.full = false;
  desk.say({ note: "laughs again" });
  assert.equal(desk.drafts.durable, true);
});
