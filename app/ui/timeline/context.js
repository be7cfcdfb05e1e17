/** What a rater had before them when they judged: it goes along with every edit, since what one says depends on it. */

/**
 * @param {import("./types.js").ClipDocument} doc
 * @param {import("./judgements.js").Judgements} judgements
 * @param {import("./player.js").Player} player
 * @param {number} openedMs  when the clip was opened, on the page's own clock
 */
export function contextOf(doc, judgements, player, openedMs) {
  const { families, emotions } = doc.scheme;
  return {
    task: "review",
    // In the order in which the picker shows them.
    options_shown: families.flatMap(({ id }) => emotions.filter(({ family }) => family === id).map((emotion) => emotion.id)),
    analysis: doc.analysis?.id ?? null,
    suggestion_visible: doc.suggestion !== null && !doc.project.blind,
    intended_visible: doc.clip.intended.length > 0 && !doc.project.blind,
    others_visible: judgements.all.some((judgement) => judgement.rater.id !== doc.rater.id),
    latency_ms: Math.round(performance.now() - openedMs),
    replays: player.replays,
    heard_to_end: player.heardToEnd,
    client_time: new Date().toISOString(),
  };
}
