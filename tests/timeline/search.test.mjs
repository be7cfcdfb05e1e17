import assert from "node:assert/strict";
import { test } from "node:test";
import { foundBy, search } from "../../app/ui/timeline/search.js";
import { familyOfClass } from "../../app/ui/timeline/theme.js";
import { SCHEME } from "./scheme.mjs";

const ids = (text) => search(SCHEME.emotions, text).map((emotion) => emotion.id);

test("two letters of a name find it first", () => {
  assert.equal(ids("am")[0], "amusement");
  assert.equal(ids("co")[0], "confusion");
});

test("a code means exactly that emotion", () => {
  assert.equal(ids("pos_sur")[0], "positive_surprise");
  assert.equal(ids("ang")[0], "anger");
});

test("Swedish names are found, with and without their marks", () => {
  assert.equal(ids("ilska")[0], "anger");
  assert.equal(ids("äckel")[0], "disgust");
  assert.equal(ids("ackel")[0], "disgust");
  assert.equal(ids("frid")[0], "peacefulness_serenity");
});

test("synonyms are found after names, and say why they are there", () => {
  assert.deepEqual(ids("rage"), ["anger"]);
  assert.equal(
    foundBy(
      SCHEME.emotions.find((e) => e.id === "anger"),
      "rage",
    ),
    "rage",
  );
  assert.equal(
    foundBy(
      SCHEME.emotions.find((e) => e.id === "anger"),
      "an",
    ),
    null,
  );
});

test("a second word of a name counts", () => {
  assert.deepEqual(ids("surp"), ["positive_surprise", "negative_surprise"]);
});

test("nothing typed is everything, in the scheme's order; nonsense is nothing", () => {
  assert.equal(ids("").length, SCHEME.emotions.length);
  assert.deepEqual(ids("xqz"), []);
});

test("a model's class is coloured by its name, and an unknown one stays grey", () => {
  const family = (name) => familyOfClass(`p:${name}`, SCHEME);
  assert.deepEqual(["happy", "angry", "disgust", "surprised", "calm", "neutral"].map(family), [
    "joy",
    "hostility",
    "hostility",
    "surprise",
    "calm",
    "neutral",
  ]);
  assert.equal(family("unknown"), null);
});
