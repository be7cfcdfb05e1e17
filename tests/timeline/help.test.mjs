import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { BINDINGS } from "../../app/ui/timeline/keys.js";

test("every key that does something is in the manual", () => {
  const manual = readFileSync(new URL("../../docs/editor.md", import.meta.url), "utf8");
  const missing = BINDINGS.filter(({ does }) => !manual.includes(does)).map(({ shown, does }) => `${shown}: ${does}`);
  assert.deepEqual(missing, []);
});
