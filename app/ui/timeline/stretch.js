/** What the models said within one stretch: the mean of every class, of each face and each voice. */
import { lastAtOrBefore } from "./clock.js";

/** Classes named for each trace. */
const NAMED = 3;

/**
 * Means over the points that speak for some of [startUs, endUs); points without a score are left out, not counted as zero.
 * @param {import("./traces.js").Trace[]} traces
 * @param {number} startUs
 * @param {number} endUs
 * @returns {{title: string, classes: {name: string, mean: number}[], points: number}[]}
 */
export function meansWithin(traces, startUs, endUs) {
  return traces
    .filter((trace) => trace.classes.length)
    .map((trace) => {
      const first = trace.indexAt(startUs);
      const low = first >= 0 ? first : lastAtOrBefore(trace.fromUs, startUs) + 1;
      const high = lastAtOrBefore(trace.fromUs, endUs - 1) + 1;
      const classes = trace.classes
        .map((plane) => ({ name: plane.name.slice(2), mean: plane.mean(low, high) }))
        .filter(({ mean }) => !Number.isNaN(mean))
        .sort((a, b) => b.mean - a.mean)
        .slice(0, NAMED);
      const title = trace.kind === "face" ? `Face ${trace.subject}` : trace.subject ? `Voice ${trace.subject}` : "Voice";
      return { title, classes, points: Math.max(0, high - low) };
    });
}
