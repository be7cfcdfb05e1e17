import assert from "node:assert/strict";
import { test } from "node:test";
import { versions } from "../../app/ui/timeline/evidence.js";

test("a model that nobody has measured is named without a figure", () => {
  const models = {
    detector: { name: "mtcnn", version: "1" },
    voice: { name: "sensevoice", version: "2", mean_recall: null },
    face: { name: "fer", version: "3", mean_recall: 0.49 },
  };
  assert.equal(versions({ models }), "detector: mtcnn, 1\nvoice: sensevoice, 2\nface: fer, 3, mean recall 0.49");
});
