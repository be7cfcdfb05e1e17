/** What the picker's list is made of: emotions as options, families as rows of them. */
import { el } from "./dom.js";

/** @typedef {import("./types.js").Emotion} Emotion */
/** @typedef {import("./theme.js").Tint} Tint */

/** A family with this share of the evidence, or more, is shaded over its whole row. */
const FULL_EVIDENCE = 0.6;

/**
 * @param {Emotion} emotion
 * @param {Tint|undefined} tint
 * @param {{cap?: string, by?: string|null}} [how]  the key that takes it; the synonym it was found by
 */
export function option(emotion, tint, { cap = "", by = null } = {}) {
  return el(
    "div.option",
    { ...attributes(emotion, tint), "data-testid": "option" },
    cap && el("kbd", {}, cap),
    el("span.letter", {}, tint?.letter ?? ""),
    el("span", {}, emotion.name),
    by && el("span.by", {}, by),
  );
}

/**
 * The emotions used last, each with its number.
 * @param {Emotion[]} emotions
 * @param {(id: string) => Tint|undefined} tintOf
 */
export function recentRow(emotions, tintOf) {
  const options = emotions.map((emotion, nth) =>
    el(
      "div.option",
      {
        ...attributes(emotion, tintOf(emotion.id)),
        "data-testid": "recent",
        "data-recent": nth + 1,
        title: `${emotion.name} (shift + ${nth + 1})`,
      },
      el("span.letter", {}, String(nth + 1)),
      el("span", {}, emotion.name),
    ),
  );
  const lead = options.length
    ? el("kbd", { title: "Used last: shift + number" }, "⇧")
    : el("p", {}, "The five used last come here: shift + number");
  return el("div.family.recent", { role: "group", "aria-label": "Used last" }, lead, ...options);
}

/**
 * @param {import("./types.js").Family} family
 * @param {Tint|undefined} tint
 * @param {{cap: string, open: boolean, evidence: number}} how
 * @param {HTMLElement[]} options
 */
export function familyRow(family, tint, { cap, open, evidence }, options) {
  const head = el(
    "div.familyname",
    // The group has the family's name already; the key that opens it works from anywhere.
    { "aria-hidden": "true", "data-open": family.id, "data-testid": "family" },
    el("kbd", {}, cap),
    el("span.letter", {}, family.letter),
    family.name,
  );
  const shade = `${Math.round(Math.min(1, evidence / FULL_EVIDENCE) * 100)}%`;
  return el(
    open ? "div.family.open" : "div.family",
    { role: "group", "aria-label": family.name, "--tint": tint?.colour ?? "", "--on": tint?.on ?? "", "--evidence": shade },
    head,
    el("div.chips", {}, ...options),
  );
}

/** @param {Emotion} emotion @param {Tint|undefined} tint */
function attributes(emotion, tint) {
  return {
    role: "option",
    "aria-label": emotion.name,
    "data-emotion": emotion.id,
    "data-family": emotion.family,
    "--tint": tint?.colour ?? "",
    "--on": tint?.on ?? "",
  };
}
