/** What one judgement says, as a value: made blank, taken out of what the server sent, compared, described. */

/** @typedef {import("./types.js").Content} Content */

/** @returns {Content} */
export function blank(/** @type {string} */ tier, /** @type {number|null} */ startUs = null, /** @type {number|null} */ endUs = null) {
  return {
    tier,
    start_us: startUs,
    end_us: endUs,
    emotions: [],
    intensity: null,
    confidence: null,
    genuineness: null,
    valence: null,
    arousal: null,
    outcome: "label",
    source: "human",
    note: "",
    model: null,
    model_score: null,
  };
}

const FIELDS = /** @type {(keyof Content)[]} */ (Object.keys(blank("clip")));

/** The part of a judgement that an operation carries. @param {Content} judgement @returns {Content} */
export function contentOf(judgement) {
  const fresh = blank(judgement.tier);
  return /** @type {Content} */ (Object.fromEntries(FIELDS.map((field) => [field, judgement[field] ?? fresh[field]])));
}

/** @param {Content|null} a @param {Content|null} b */
export function same(a, b) {
  if (!a || !b) return a === b;
  return JSON.stringify(contentOf(a)) === JSON.stringify(contentOf(b));
}

/** Whether it says enough to be kept: an outcome without an emotion, or at least one emotion. @param {Content} content */
export const complete = (content) => content.outcome !== "label" || content.emotions.length > 0;

/** @param {Content} content */
export const isSpan = (content) => content.start_us !== null;

const OUTCOMES = { none_of_these: "None of these", cannot_judge: "Cannot judge" };

/**
 * `Anger 70 % + Disgust 30 %`, `Cannot judge`, or an empty text while nothing is said yet.
 * @param {Content} content
 * @param {(id: string) => string} nameOf
 */
export function describe(content, nameOf) {
  if (content.outcome !== "label") return OUTCOMES[content.outcome];
  const [first] = content.emotions;
  if (content.emotions.length < 2) return first ? nameOf(first.id) : "";
  return content.emotions.map((e) => `${nameOf(e.id)} ${Math.round(e.weight * 100)} %`).join(" + ");
}

/** A version 4 UUID, also where `crypto.randomUUID` is missing: pages served without TLS to another machine. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
