/** Label tiers without a canvas: which there are, what lies under the pointer, where edges snap, what painting over others does. */
import { inOrder } from "./corrections/turns.js";
import { isSpan } from "./judgement.js";

/** @typedef {import("./types.js").Judgement} Judgement */
/** @typedef {import("./types.js").Content} Content */
/** @typedef {import("./types.js").ClipDocument} ClipDocument */

/**
 * @typedef {object} Row
 * @property {string} key
 * @property {string} tier
 * @property {string} title
 * @property {string} who  empty for the rater's own
 * @property {boolean} own
 * @property {boolean} whole  the row of the clip-level judgement
 * @property {number} y
 * @property {number} height
 * @property {Judgement[]} segments  by start
 */

export const ROW_PX = 24;
const WHOLE_PX = 22;
const OTHERS_PX = 18;

/** A segment shorter than this is a slip of the hand. */
export const SHORTEST_US = 20_000;

/** How close to an edge the pointer takes hold of it. */
export const GRIP_PX = 6;

/**
 * The tiers a clip offers: the clip, each face, each voice, both together.
 * @param {ClipDocument} doc
 * @returns {{tier: string, title: string}[]}
 */
export function tiersOf(doc) {
  const faces = doc.analysis?.faces.map((face) => face.subject) ?? (doc.clip.has_video ? [1] : []);
  // As people corrected them, where they did; a name is only a name, the tier keeps the speaker's id.
  const names = new Map(inOrder(doc.turns?.speakers ?? []).map(({ id, name }) => [id, name]));
  const speakers = doc.turns ? [...names.keys()] : [...new Set(doc.analysis?.utterances.map(({ speaker }) => speaker).filter(Boolean))];
  const voices = /** @type {string[]} */ (doc.clip.has_audio ? (speakers.length ? speakers : ["1"]) : []);
  const known = [
    { tier: "clip", title: "Stretches" },
    ...[...new Set(faces)].sort((a, b) => a - b).map((subject) => ({ tier: `face:${subject}`, title: `Face ${subject}` })),
    ...voices.map((speaker) => ({ tier: `voice:${speaker}`, title: names.get(speaker) ?? (voices.length > 1 ? `Voice ${speaker}` : "Voice") })),
  ];
  if (faces.length && voices.length) known.push({ tier: "both", title: "Face + voice" });
  return known;
}

/** A tier's name: as its row has it, or made from what the tier is called. @param {string} tier @param {ClipDocument} [doc] */
export function tierTitle(tier, doc) {
  const row = doc && tiersOf(doc).find((known) => known.tier === tier);
  if (row) return row.title;
  const [kind, subject] = [tier.split(":")[0], tier.slice(tier.indexOf(":") + 1)];
  if (kind === "face") return `Face ${subject}`;
  if (kind === "voice") return `Voice ${subject}`;
  return tier === "both" ? "Face + voice" : "Clip";
}

/**
 * Whether a label is about a face that another analysis than the one shown has numbered: its face 2 need not be this one's.
 * @param {Judgement|null} judgement
 * @param {ClipDocument} doc
 */
export function numberedElsewhere(judgement, { analysis }) {
  if (!judgement?.tier.startsWith("face:") || !judgement.analysis || !analysis) return false;
  return judgement.analysis !== analysis.id;
}

/**
 * One row for the whole clip, one for each tier of one's own, then those of others that have something in them.
 * @param {{tier: string, title: string}[]} tiers
 * @param {Judgement[]} judgements
 * @param {number} raterId
 * @returns {Row[]}
 */
export function layOut(tiers, judgements, raterId) {
  const spans = judgements.filter(isSpan).sort((a, b) => Number(a.start_us) - Number(b.start_us));
  const own = spans.filter((j) => j.rater.id === raterId);
  const titles = new Map(tiers.map((tier) => [tier.tier, tier.title]));
  for (const judgement of own) if (!titles.has(judgement.tier)) titles.set(judgement.tier, tierTitle(judgement.tier));
  /** @type {Omit<Row, "y">[]} */
  const rows = [{ key: "whole", tier: "clip", title: "Whole clip", who: "", own: true, whole: true, height: WHOLE_PX, segments: [] }];
  for (const [tier, title] of titles) {
    const segments = own.filter((j) => j.tier === tier);
    rows.push({ key: tier, tier, title, who: "", own: true, whole: false, height: ROW_PX, segments });
  }
  const groups = new Map();
  for (const judgement of spans) {
    if (judgement.rater.id === raterId) continue;
    const key = `${judgement.tier}\n${judgement.rater.id}`;
    groups.set(key, [...(groups.get(key) ?? []), judgement]);
  }
  for (const [key, segments] of groups) {
    const { tier, rater } = segments[0];
    const title = titles.get(tier) ?? tierTitle(tier);
    rows.push({ key, tier, title, who: rater.name, own: false, whole: false, height: OTHERS_PX, segments });
  }
  let y = 0;
  return rows.map((row) => {
    const placed = { ...row, y };
    y += row.height;
    return placed;
  });
}

/**
 * What lies at a point: the row, and within it an edge (within reach of `GRIP_PX`) or a body. Where two segments meet, the edge nearest
 * to the pointer's side is taken.
 * @param {Row[]} rows
 * @param {{xOf(us: number): number}} view
 * @param {number} x
 * @param {number} y
 * @returns {{row: Row, segment: Judgement|null, part: "start"|"end"|"body"|null} | null}
 */
export function hitTest(rows, view, x, y) {
  const row = rows.find((candidate) => y >= candidate.y && y < candidate.y + candidate.height);
  if (!row) return null;
  let best = null;
  for (const segment of row.segments) {
    const left = view.xOf(Number(segment.start_us));
    const right = view.xOf(Number(segment.end_us));
    if (x < left - GRIP_PX || x > right + GRIP_PX) continue;
    const inside = x >= left && x <= right;
    // A narrow segment keeps a third of its width as body, so that it can still be clicked.
    const grip = inside ? Math.min(GRIP_PX, (right - left) / 3) : GRIP_PX;
    const edges = [
      { part: /** @type {const} */ ("start"), distance: Math.abs(x - left) },
      { part: /** @type {const} */ ("end"), distance: Math.abs(x - right) },
    ].sort((a, b) => a.distance - b.distance);
    const [edge] = edges;
    const found =
      row.own && edge.distance <= grip
        ? { segment, part: edge.part, cost: edge.distance + (inside ? 0 : 0.5) }
        : inside
          ? { segment, part: /** @type {const} */ ("body"), cost: GRIP_PX + 1 }
          : null;
    if (found && (!best || found.cost < best.cost)) best = found;
  }
  return { row, segment: best?.segment ?? null, part: best?.part ?? null };
}

/**
 * The nearest target within reach, else the nearest frame.
 * @param {number} us
 * @param {number[]} targets  edges of segments, speech on- and offsets, the playhead
 * @param {number} reachUs
 * @param {{snap(us: number): number}} frames
 */
export function snap(us, targets, reachUs, frames) {
  let best = null;
  for (const target of targets) {
    const distance = Math.abs(target - us);
    if (distance <= reachUs && (best === null || distance < Math.abs(best - us))) best = target;
  }
  return best ?? frames.snap(us);
}

/**
 * What becomes of the older segments of an exclusive tier when [startUs, endUs) is painted over them: trimmed, taken away, or cut in
 * two, the left part keeping its identity.
 * @template {Content & {id: string}} T
 * @param {T[]} segments
 * @param {number} startUs
 * @param {number} endUs
 * @returns {{segment: T, pieces: [number, number][]}[]}  only those that change; no pieces: taken away
 */
export function carve(segments, startUs, endUs) {
  const changed = [];
  for (const segment of segments) {
    const [from, to] = [Number(segment.start_us), Number(segment.end_us)];
    if (to <= startUs || from >= endUs) continue;
    const pieces = /** @type {[number, number][]} */ ([
      [from, startUs],
      [endUs, to],
    ]).filter(([a, b]) => b - a >= SHORTEST_US);
    changed.push({ segment, pieces });
  }
  return changed;
}

/** The segments that touch one edge: for dragging it together with its neighbour's. @param {Judgement[]} segments @param {number} us */
export function sharing(segments, us, slackUs = 1) {
  return {
    endsHere: segments.find((segment) => Math.abs(Number(segment.end_us) - us) <= slackUs) ?? null,
    startsHere: segments.find((segment) => Math.abs(Number(segment.start_us) - us) <= slackUs) ?? null,
  };
}
