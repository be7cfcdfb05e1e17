/** One clip: poster, name, what was asked of the actor, how far models and rater are. */

import { clockText, element } from "./dom.js";
import { waveform } from "./waveform.js";

/**
 * @typedef {{name: string, family: string | null, weight: number | null}} Intended
 * @typedef {{id: number, name: string, corpus: string | null, actor: string | null, intended: Intended[], intensity: number | null,
 *   name_error: string | null, seconds: number, has_video: boolean, has_audio: boolean, notes: string[], judgements: number,
 *   analysed: boolean, faces: number | null, face_share: number | null, speech_seconds: number | null,
 *   job: string | null, progress: number, error: string | null}} Card
 * @typedef {Record<string, {name: string, light: string, dark: string}>} Families
 */

/** Rows of the table are cards, too: the same parts, laid out by the style sheet. @param {Card} card @param {Families} families @param {boolean} dark */
export function drawCard(card, families, dark) {
  const link = element(
    "a.open",
    { href: `/review?clip=${card.id}`, title: [card.name, ...card.notes].join("\n"), "aria-label": `Review ${card.name}` },
    element("span.poster", {}, ...picture(card), element("span.length", {}, clockText(card.seconds))),
  );
  return element(
    "article.card",
    { "data-id": String(card.id) },
    element("label.pick", { title: "Choose (shift: all between)" }, element("input", { type: "checkbox", "aria-label": `Choose ${card.name}` })),
    link,
    element("div.name", { title: card.name }, card.name),
    element("div.said", { title: card.intended.map(({ name }) => name).join(", ") }, ...intended(card, families, dark)),
    element("div.seconds", {}, clockText(card.seconds)),
    element("div.actor", {}, card.actor ?? ""),
    element("div.corpus", {}, card.corpus ?? ""),
    element("div.found", {}, ...found(card)),
    element("div.state", {}, ...state(card)),
  );
}

/** @param {Card} card */
function picture(card) {
  if (!card.has_video) return [waveform(card.id)];
  const image = element("img", { src: `/clips/${card.id}/poster.jpg`, loading: "lazy", decoding: "async", alt: "" });
  image.onerror = () => image.replaceWith(element("span.blank", {}, "no picture"));
  return [image];
}

/** @param {Card} card @param {Families} families @param {boolean} dark */
function intended(card, families, dark) {
  // A name in no known form is nothing to remark on; one that begins like a corpus's and goes wrong is.
  if (card.name_error && card.corpus) return [element("span.quiet", { title: card.name_error }, "name not understood")];
  const between = card.intended.some((one) => one.weight === null) ? " or " : " + ";
  const parts = card.intended.flatMap((one, position) => {
    const family = families[one.family ?? ""];
    const mark = element("span.family", { title: family?.name ?? "" });
    if (family) mark.style.background = dark ? family.dark : family.light;
    const share = one.weight !== null && one.weight !== 1 ? ` ${Math.round(one.weight * 100)} %` : "";
    return [position ? between : "", mark, element("span", {}, `${one.name}${share}`)];
  });
  if (card.intensity !== null && parts.length) parts.push(element("span.quiet", { title: "Intended intensity, 1–4" }, ` · ${card.intensity}`));
  return parts;
}

/** What the models found; nothing where nobody has looked. @param {Card} card */
function found(card) {
  const said = [];
  if (card.face_share !== null) {
    const share = card.face_share === 0 ? "no face" : card.faces !== null && card.faces > 1 ? `${card.faces} faces` : "face";
    said.push(element("span", { title: `a face in ${Math.round(card.face_share * 100)} % of the frames` }, share));
  }
  if (card.speech_seconds !== null) {
    const speech = card.speech_seconds === 0 ? "no speech" : `speech ${card.speech_seconds.toFixed(1)} s`;
    said.push(element("span", {}, speech));
  }
  if (!card.has_audio) said.push(element("span", {}, "no sound"));
  return said.flatMap((part, position) => (position ? [" · ", part] : [part]));
}

/** @param {Card} card */
function state(card) {
  const marks = [];
  if (card.judgements) marks.push(element("span.mark.mine", { title: "Labels by you on this clip" }, `✓ ${card.judgements}`));
  if (card.job === "running") {
    const bar = element("progress", { max: 1, value: card.progress, title: "Being analysed", "aria-label": "Analysis" });
    marks.push(bar);
  } else if (card.job === "waiting") marks.push(element("span.mark", { title: "Waits for its analysis" }, "waiting"));
  else if (card.job === "failed") marks.push(element("span.mark.bad", { title: card.error ?? "The analysis failed" }, "failed"));
  else if (!card.analysed) marks.push(element("span.mark.faint", {}, "not analysed"));
  return marks;
}
