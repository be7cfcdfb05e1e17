import assert from "node:assert/strict";
import { test } from "node:test";
import { speechLane } from "../../app/ui/timeline/lanes/speech.js";
import { View } from "../../app/ui/timeline/view.js";

const said = (start_us, end_us, text, more = {}) => ({ start_us, end_us, speaker: null, text, language: null, events: [], tokens: [], ...more });

const analysis = (utterances, speech) => ({
  id: 1,
  models: { voice: { name: "sensevoice", version: "1" } },
  notes: [],
  faces: [],
  utterances,
  speech,
});

/** Remembers each text with the font and the clip it was drawn in. */
function drawn(lane) {
  const texts = [];
  const kept = [];
  const ctx = new Proxy(
    { font: "", fillStyle: "", area: null },
    {
      get: (state, name) => {
        if (name === "rect") return (...area) => (state.pending = area);
        if (name === "clip") return () => (state.area = state.pending);
        if (name === "save") return () => kept.push({ ...state });
        if (name === "restore") return () => Object.assign(state, kept.pop());
        if (name === "fillText") return (text, x) => texts.push({ text, x, font: state.font, area: state.area });
        return name in state ? state[name] : () => {};
      },
    },
  );
  const theme = { faint: (alpha) => `ink ${alpha}`, font: "sans" };
  lane.draw({ ctx, theme, view: new View(10_000_000, 1000), width: 1000, height: lane.height, ratio: 1 });
  return texts;
}

test("what a model wrote stands under its stretch, leaning, and keeps to it", () => {
  const lane = speechLane(analysis([said(1_000_000, 3_000_000, "kids are talking")], [[1_000_000, 3_000_000]]));
  const [{ text, font, area, x }, ...more] = drawn(lane);
  assert.equal(text, "kids are talking");
  assert.match(font, /^italic /);
  assert.deepEqual([area[0], area[2]], [100, 198]);
  assert.ok(area[1] >= 18 && area[1] + area[3] <= lane.height, "under the bar, within the lane");
  assert.ok(x > 100);
  assert.equal(more.length, 0);
});

test("markup in what was said is text like any other", () => {
  const text = "<img src=x onerror=alert(1)>";
  const lane = speechLane(analysis([said(0, 5_000_000, text)], [[0, 5_000_000]]));
  assert.equal(drawn(lane)[0].text, text);
  assert.ok(lane.hint(1).startsWith(text));
});

test("the pointer is told all of it, by whom it was written, and in which language", () => {
  const lane = speechLane(
    analysis([said(1_000_000, 1_050_000, "a word too long for its room", { language: "en", events: ["Laughter"] })], [[1_000_000, 1_050_000]]),
  );
  assert.deepEqual(drawn(lane), []);
  assert.equal(lane.hint(1_020_000), "a word too long for its room\nwritten down by sensevoice: en, Laughter");
  assert.equal(lane.hint(2_000_000), "");
  assert.deepEqual([lane.read(1_020_000), lane.read(2_000_000)], ["speech, en", "silence"]);
});

test("speech that nobody wrote down takes one row and no words", () => {
  const heard = analysis([said(0, 2_000_000, null)], [[0, 2_000_000]]);
  const lane = speechLane(heard);
  assert.deepEqual(drawn(lane), []);
  assert.equal(lane.height, 20);
  assert.equal(lane.hint(1), "");
  assert.equal(speechLane(analysis([said(0, 2_000_000, null)], [])).empty, "no speech was found");
});

test("the speaker is named upon the bar where there are several", () => {
  const two = [said(0, 2_000_000, "yes", { speaker: "A" }), said(2_000_000, 4_000_000, "no", { speaker: "B" })];
  const texts = drawn(speechLane(analysis(two, [[0, 4_000_000]]))).map(({ text }) => text);
  assert.deepEqual(texts, ["A", "yes", "B", "no"]);
});
