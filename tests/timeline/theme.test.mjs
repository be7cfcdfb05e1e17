import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { luminance, tintOf, toRgb } from "../../app/ui/timeline/theme.js";

const PALETTE = readFileSync(new URL("../../app/scheme/palette.py", import.meta.url), "utf8");
const FAMILIES = [...PALETTE.matchAll(/Family\("(\w+)", "([^"]+)", "[^"]+", Colour\("(#\w+)", "(#\w+)"\), "(\w)"/g)].map(
  ([, id, name, light, dark, letter]) => ({ id, name, letter, colour: { light, dark } }),
);

/** WCAG's ratio of relative luminances. @param {string} one @param {string} other */
function contrast(one, other) {
  const [darker, brighter] = [one, other].map((colour) => luminance(toRgb(colour))).sort((a, b) => a - b);
  return (brighter + 0.05) / (darker + 0.05);
}

test("small text is legible on every family's colour, in light and in dark", () => {
  assert.equal(FAMILIES.length, 12);
  for (const dark of [false, true])
    for (const family of FAMILIES) {
      const { colour, on } = tintOf(family, dark);
      assert.ok(contrast(colour, on) >= 4.5, `${family.name}, ${dark ? "dark" : "light"}: ${contrast(colour, on).toFixed(2)}`);
    }
});
