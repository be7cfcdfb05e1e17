import assert from "node:assert/strict";
import { test } from "node:test";
import { certainty, certaintyInFull, versions } from "../../app/ui/timeline/evidence.js";

test("a model that nobody has measured is named without a figure", () => {
  const models = {
    detector: { name: "mtcnn", version: "1" },
    voice: { name: "sensevoice", version: "2", mean_recall: null },
    face: { name: "fer", version: "3", mean_recall: 0.49 },
  };
  assert.equal(versions({ models }), "detector: mtcnn, 1\nvoice: sensevoice, 2\nface: fer, 3, mean recall 0.49");
});

test("how sure a suggestion is stands in one line: in words, how far ahead, and how much says nothing", () => {
  assert.equal(certainty({ uncertainty: 0.6, margin: 0.06, abstained: 0.12 }), "uncertain · ahead by 6 % · 12 % says nothing");
  assert.equal(certainty({ uncertainty: 0.1, margin: 0.9, abstained: 0 }), "fairly certain · ahead by 90 %");
});

test("each of the three is explained", () => {
  const lines = certaintyInFull({ uncertainty: 0.6, margin: 0.06, abstained: 0.12 }).split("\n");
  assert.match(lines[0], /^Uncertainty 0\.60 of 1: .*entropy/);
  assert.match(lines[1], /^Ahead by 6 %: .*next/);
  assert.match(lines[2], /^12 % says nothing: .*disputed/);
});
