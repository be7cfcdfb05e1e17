/** What each of the rater's acts changes, as a list of changes that is committed, and undone, as one. Pure. */
import { contentOf, isSpan, uuid } from "./judgement.js";
import { SHORTEST_US, carve } from "./tiers.js";

/** @typedef {import("./types.js").Judgement} Judgement */
/** @typedef {import("./types.js").Content} Content */
/** @typedef {import("./types.js").Change} Change */
/** @typedef {import("./types.js").Suggestion} Suggestion */

/**
 * A judgement as it is after a person changed it: a model's segment becomes the person's, and keeps where it came from.
 * @param {Content} content
 * @returns {Content}
 */
const touched = (content) => (content.source === "model" ? { ...content, source: "corrected" } : content);

/**
 * Other content for one judgement, or for a new one.
 * @param {string} id
 * @param {Judgement|null} before
 * @param {Content|null} after
 * @returns {Change[]}
 */
export const replace = (id, before, after) => [{ id, before: before && contentOf(before), after: after && contentOf(after) }];

/**
 * What is said about the clip as a whole is said once: the rater's other judgements of it go, in the same step.
 * @param {Judgement[]} wholes  the rater's own
 * @param {string} id
 * @param {Content} after
 * @returns {Change[]}
 */
export function sayOnce(wholes, id, after) {
  const others = wholes.filter((judgement) => judgement.id !== id);
  const before = wholes.find((judgement) => judgement.id === id) ?? null;
  return [...others.flatMap((other) => replace(other.id, other, null)), ...replace(id, before, after)];
}

/**
 * Makes room on an exclusive tier.
 * @param {Judgement[]} segments  of that tier
 * @param {number} startUs
 * @param {number} endUs
 * @returns {Change[]}
 */
export function makeRoom(segments, startUs, endUs) {
  return carve(segments, startUs, endUs).flatMap(({ segment, pieces }) => {
    const before = contentOf(segment);
    const [first, second] = pieces.map(([from, to]) => ({ ...touched(before), start_us: from, end_us: to }));
    return [{ id: segment.id, before, after: first ?? null }, ...(second ? [{ id: uuid(), before: null, after: second }] : [])];
  });
}

/**
 * A new segment, painted over what was there.
 * @param {Judgement[]} segments  of that tier
 * @param {string} id
 * @param {Content} content
 * @returns {Change[]}
 */
export function paint(segments, id, content) {
  return [...makeRoom(segments, Number(content.start_us), Number(content.end_us)), { id, before: null, after: contentOf(content) }];
}

/**
 * Other bounds for a segment; what it now covers makes room, except a neighbour that moves along.
 * @param {Judgement[]} segments  of that tier
 * @param {{segment: Judgement, startUs: number, endUs: number}[]} moves
 * @returns {Change[]}
 */
export function move(segments, moves) {
  const moving = new Set(moves.map(({ segment }) => segment.id));
  const others = segments.filter((segment) => !moving.has(segment.id));
  return moves.flatMap(({ segment, startUs, endUs }) => [
    ...makeRoom(others, startUs, endUs),
    { id: segment.id, before: contentOf(segment), after: { ...touched(contentOf(segment)), start_us: startUs, end_us: endUs } },
  ]);
}

/** Cut in two; the left part keeps its identity. Null where there is nothing to cut. @param {Judgement} segment @param {number} us */
export function split(segment, us) {
  const [start, end] = [Number(segment.start_us), Number(segment.end_us)];
  if (us - start < SHORTEST_US || end - us < SHORTEST_US) return null;
  const before = contentOf(segment);
  const right = uuid();
  return {
    right,
    changes: /** @type {Change[]} */ ([
      { id: segment.id, before, after: { ...touched(before), end_us: us } },
      { id: right, before: null, after: { ...touched(before), start_us: us } },
    ]),
  };
}

/** One segment over both, with the first one's label. @param {Judgement} segment @param {Judgement} next @returns {Change[]} */
export function merge(segment, next) {
  const before = contentOf(segment);
  return [
    { id: next.id, before: contentOf(next), after: null },
    { id: segment.id, before, after: { ...touched(before), end_us: Math.max(Number(segment.end_us), Number(next.end_us)) } },
  ];
}

/**
 * Where a label comes from once an emotion has been picked.
 * - chosen after `a` (accept): `accepted` if it is what the models put first, or one of those they put first without telling them
 *   apart; else `corrected`
 * - chosen otherwise: `human`, unless the judgement began as a model's, which is not forgotten: `corrected`
 * @param {Content} content  before
 * @param {string} id  the emotion picked
 * @param {Suggestion|null} suggestion  given when the rater accepted it
 * @returns {Pick<Content, "source"|"model"|"model_score">}
 */
export function provenance(content, id, suggestion) {
  if (suggestion) {
    const listed = suggestion.emotions.find((emotion) => emotion.id === id);
    return {
      source: foremost(suggestion).includes(id) ? "accepted" : "corrected",
      model: suggestion.model,
      model_score: listed?.score ?? null,
    };
  }
  if (content.model) return { source: "corrected", model: content.model, model_score: content.model_score };
  return { source: "human", model: null, model_score: null };
}

/** What the models put first: one emotion, or a set of which they cannot say more. @param {Suggestion} suggestion @returns {string[]} */
export function foremost({ emotions, sets }) {
  const [first] = emotions;
  return first ? [first.id] : (sets[0] ?? []);
}

/** Another's or a model's judgement, as one's own to start from. @param {Judgement} theirs @returns {Content} */
export function adopt(theirs) {
  const content = contentOf(theirs);
  return theirs.source === "model" ? { ...content, source: "accepted" } : { ...content, source: "human", model: null, model_score: null };
}

/** The neighbour before or after, of the same tier. @param {Judgement[]} mine @param {Judgement|null} from @param {1|-1} direction @param {number} timeUs */
export function neighbour(mine, from, direction, timeUs) {
  const spans = mine.filter((j) => isSpan(j) && (!from || j.tier === from.tier)).sort((a, b) => Number(a.start_us) - Number(b.start_us));
  if (from) return spans[spans.findIndex((j) => j.id === from.id) + direction] ?? null;
  if (direction > 0) return spans.find((j) => Number(j.start_us) > timeUs) ?? spans[0] ?? null;
  return spans.filter((j) => Number(j.start_us) < timeUs).pop() ?? null;
}
