/** The second analysis' lanes: its classes under the first one's, and a strip that shows where the two part. */
import { classesLane } from "./classes.js";

/** @typedef {import("../compare.js").Other} Other */
/** @typedef {import("../types.js").SideBySide} SideBySide */
/** @typedef {import("./lane.js").Lane} Lane */

const STRIP_PX = 20;

/**
 * @param {Other} other
 * @param {"face"|"voice"} kind
 * @param {import("../types.js").SchemeData} scheme
 * @param {() => "stacked"|"heat"} mode
 * @returns {Lane[]}
 */
export function secondLanes({ traces, comparison }, kind, scheme, mode) {
  const mine = traces.filter((trace) => trace.kind === kind && trace.classes.length);
  const classes = mine.map((trace) => ({
    ...classesLane(trace, scheme, mode, kind === "voice" ? 40 : 46),
    key: `second:${kind}:${trace.subject ?? ""}`,
    title: kind === "face" ? `Face ${trace.subject}` : "Classes",
  }));
  const source = comparison.sources.find((one) => one.source === kind);
  return source?.both_us ? [...classes, partingLane(source, scheme)] : classes;
}

/**
 * Above what the first says, below what the second does, where these differ; bare where they agree.
 * @param {SideBySide} side
 * @param {import("../types.js").SchemeData} scheme
 * @returns {Lane}
 */
export function partingLane(side, scheme) {
  const { source, partings } = side;
  const names = new Map(scheme.families.map(({ id, name }) => [id, name]));
  return {
    key: `second:${source}:parting`,
    title: "They part",
    height: STRIP_PX,
    empty: partings.length ? null : whyNone(side),
    draw: ({ ctx, view, theme, width, height }) => {
      for (const { start_us, end_us, first, second } of partings) {
        const from = Math.max(0, view.xOf(start_us));
        const to = Math.min(width, view.xOf(end_us));
        if (to <= from) continue;
        [first, second].forEach((family, nth) => {
          const tint = theme.families.get(family);
          const top = (nth * height) / 2;
          ctx.fillStyle = tint?.colour ?? theme.faint(0.4);
          ctx.fillRect(from, top, to - from, height / 2 - (nth ? 0 : 1));
          if (!tint || to - from < 12) return;
          ctx.fillStyle = tint.on;
          ctx.font = `700 9px ${theme.font}`;
          ctx.textBaseline = "middle";
          ctx.fillText(tint.letter, from + 3, top + height / 4);
        });
      }
    },
    read: (us) => {
      const here = partings.find(({ start_us, end_us }) => start_us <= us && us < end_us);
      return here ? `${names.get(here.first) ?? here.first} | ${names.get(here.second) ?? here.second}` : "";
    },
  };
}

/** Why no parting is listed: there is none, or none that lasts. @param {SideBySide} side */
export const whyNone = ({ agreed_us, both_us }) =>
  agreed_us === both_us ? "the two speak for the same family throughout" : "the two part for a few frames at a time only";
