/** Finding an emotion by a few letters of its name, its Swedish name, its code or a synonym. */

/** @typedef {import("./types.js").Emotion} Emotion */

/** Lower case, without marks: `Förvirring` is found by `forv`. @param {string} text */
export function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

const words = (/** @type {string} */ text) =>
  fold(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

/**
 * How well it fits, lower is better; null if it does not. A person who types a code means exactly that; a name counts before its
 * translation, and both before a synonym.
 * @param {Emotion} emotion
 * @param {string} query  folded, not empty
 */
function rank(emotion, query) {
  const code = fold(emotion.code ?? "");
  const name = fold(emotion.name);
  const swedish = fold(emotion.name_sv ?? "");
  const synonyms = (emotion.synonyms ?? []).map(fold);
  if (name === query) return 0;
  if (code === query) return 1;
  if (name.startsWith(query)) return 2;
  if (swedish.startsWith(query)) return 3;
  if (words(emotion.name).some((word) => word.startsWith(query))) return 4;
  if (words(emotion.name_sv ?? "").some((word) => word.startsWith(query))) return 5;
  if (synonyms.some((synonym) => synonym.startsWith(query))) return 6;
  if (code.replace("_", " ").startsWith(query)) return 7;
  if (synonyms.some((synonym) => words(synonym).some((word) => word.startsWith(query)))) return 8;
  if (query.length > 2 && [name, swedish, ...synonyms].some((text) => text.includes(query))) return 9;
  return null;
}

/**
 * The emotions that fit, best first; equal ones in the scheme's order.
 * @param {Emotion[]} emotions
 * @param {string} text
 * @returns {Emotion[]}
 */
export function search(emotions, text) {
  const query = fold(text);
  if (!query) return emotions;
  return emotions
    .map((emotion, place) => ({ emotion, place, rank: rank(emotion, query) }))
    .filter((hit) => hit.rank !== null)
    .sort((a, b) => /** @type {number} */ (a.rank) - /** @type {number} */ (b.rank) || a.place - b.place)
    .map((hit) => hit.emotion);
}

/**
 * The synonym or Swedish name by which an emotion was found, if its own name does not show why it is in the list.
 * @param {Emotion} emotion
 * @param {string} text
 */
export function foundBy(emotion, text) {
  const query = fold(text);
  if (!query || words(emotion.name).some((word) => word.startsWith(query)) || fold(emotion.name).startsWith(query)) return null;
  return [emotion.name_sv ?? "", ...(emotion.synonyms ?? [])].find((name) => words(name).some((word) => word.startsWith(query))) ?? null;
}
