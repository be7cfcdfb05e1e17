/** Where somebody speaks, and under it what a model wrote down: its words, so they lean and stand on dots. */

const BAR_PX = 18;
const WORDS_PX = 16;
/** Words need at least this much room to be worth drawing. */
const LEAST_PX = 24;

/**
 * @param {import("../types.js").Analysis} analysis
 * @returns {import("./lane.js").Lane}
 */
export function speechLane(analysis) {
  // An utterance may stand for all of the sound where no speech was found; it then has nothing to show.
  const spoken = analysis.utterances.filter(
    ({ start_us, end_us, text }) => text || analysis.speech.some(([from, to]) => from < end_us && to > start_us),
  );
  const speakers = [...new Set(spoken.map((utterance) => utterance.speaker))];
  const written = spoken.some(({ text }) => text);
  const writer = analysis.models.voice?.name ?? "a model";
  const spokenAt = (/** @type {number} */ us) => spoken.find(({ start_us, end_us }) => us >= start_us && us < end_us);

  return {
    key: "sound:speech",
    title: "Speech",
    height: BAR_PX + (written ? WORDS_PX : 2),
    empty: analysis.speech.length || spoken.length ? null : "no speech was found",
    draw: ({ ctx, view, theme }) => {
      ctx.fillStyle = theme.faint(0.13);
      for (const [from, to] of analysis.speech) bar(ctx, view, from, to);
      ctx.textBaseline = "middle";
      for (const { start_us, end_us, speaker, text } of spoken) {
        const [x0, x1] = [view.xOf(start_us), view.xOf(end_us)];
        if (x1 < 0 || x0 > view.width) continue;
        ctx.fillStyle = theme.faint(0.5);
        ctx.fillRect(x0, 2, 2, BAR_PX - 4);
        if (x1 - x0 < LEAST_PX) continue;
        if (speakers.length > 1 && speaker) within(ctx, x0, x1, 0, BAR_PX, speaker, `12px ${theme.font}`, theme.faint(0.9));
        if (!text) continue;
        within(ctx, x0, x1, BAR_PX, WORDS_PX, text, `italic 12px ${theme.font}`, theme.faint(0.75));
        ctx.strokeStyle = theme.faint(0.35);
        ctx.setLineDash([1, 3]);
        ctx.beginPath();
        ctx.moveTo(x0, BAR_PX + WORDS_PX - 0.5);
        ctx.lineTo(x1 - 2, BAR_PX + WORDS_PX - 0.5);
        ctx.stroke();
        ctx.setLineDash([]);
      }
    },
    read: (us) => {
      if (!analysis.speech.some(([from, to]) => us >= from && us < to)) return "silence";
      return ["speech", spokenAt(us)?.language].filter(Boolean).join(", ");
    },
    hint: (us) => {
      const { text, language, events = [] } = spokenAt(us) ?? {};
      const beside = [language, ...events].filter(Boolean).join(", ");
      return text || beside ? `${text || "no words"}\n${[`written down by ${writer}`, beside].filter(Boolean).join(": ")}` : "";
    },
  };
}

/** One line of text that keeps to its stretch, and begins where that comes into view. @param {CanvasRenderingContext2D} ctx */
function within(
  ctx,
  /** @type {number} */ x0,
  /** @type {number} */ x1,
  /** @type {number} */ y,
  /** @type {number} */ height,
  /** @type {string} */ text,
  /** @type {string} */ font,
  /** @type {string} */ colour,
) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x0, y, x1 - x0 - 2, height);
  ctx.clip();
  ctx.font = font;
  ctx.fillStyle = colour;
  ctx.fillText(text, Math.max(x0, 0) + 7, y + height / 2 + 0.5);
  ctx.restore();
}

/** @param {CanvasRenderingContext2D} ctx @param {import("../view.js").View} view */
function bar(ctx, view, /** @type {number} */ from, /** @type {number} */ to) {
  const [x0, x1] = [view.xOf(from), view.xOf(to)];
  if (x1 < 0 || x0 > view.width) return;
  ctx.beginPath();
  ctx.roundRect(x0, 2, Math.max(1, x1 - x0), BAR_PX - 4, 3);
  ctx.fill();
}
