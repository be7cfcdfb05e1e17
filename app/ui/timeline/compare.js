/** Two analyses of a clip: the second one's lanes under the first one's, and a table that says where they agree and where they part. */
import { el, say } from "./dom.js";
import { whyNone } from "./lanes/second.js";
import { formatTime } from "./time.js";
import { parseTraces } from "./traces.js";

/** @typedef {import("./types.js").AnalysisInShort} AnalysisInShort */
/** @typedef {import("./types.js").Comparison} Comparison */
/** @typedef {import("./types.js").Parting} Parting */
/** @typedef {{analysis: AnalysisInShort, traces: import("./traces.js").Trace[], comparison: Comparison}} Other */

/** What each source of evidence is called. */
const SOURCES = /** @type {Record<string, string>} */ ({ face: "Face", voice: "Voice", fused: "Together" });

/** Partings that the table lists; the lane shows all. */
const LISTED = 50;

/** The parts in which only one of two analyses was calibrated. @param {AnalysisInShort} first @param {AnalysisInShort} second */
export function unevenly(first, second) {
  return ["face", "voice"].filter((part) => {
    const [one, other] = [first.models[part], second.models[part]];
    return one && other && one.calibrated !== other.calibrated;
  });
}

/** The models of an analysis that answer with classes, and what found the faces: `fer on mtcnn · portrayal_voice`. @param {AnalysisInShort} analysis */
export function namesOf({ models: { face, detector, voice } }) {
  const names = [face && (detector ? `${face.name} on ${detector.name}` : face.name), voice?.name].filter(Boolean);
  return names.length ? names.join(" · ") : "no face or voice model";
}

/** A share for people: never 100 % of what is not all, nor 0 % of what is not nothing. @param {number} part @param {number} whole */
export function percent(part, whole) {
  if (!whole) return "–";
  const rounded = Math.round((100 * part) / whole);
  const bounded = part < whole ? Math.min(99, rounded) : rounded;
  return `${part > 0 ? Math.max(1, bounded) : bounded} %`;
}

const sentence = (/** @type {string} */ words) => words[0].toUpperCase() + words.slice(1);

/** Emits `change` when the second analysis is another, or is not there any more. */
export class Compare extends EventTarget {
  element = el("dialog.help.compare", { "aria-label": "Compare two analyses", "data-testid": "compare" });
  /** @type {Other|null} */
  other = null;
  #ticket = 0;
  #body = el("div", { "aria-live": "polite" });
  #choice = el("select", { "aria-label": "Compare with", "data-testid": "compare-with" });

  /**
   * @param {import("./api.js").Api} api
   * @param {() => import("./types.js").ClipDocument} doc
   * @param {(us: number) => void} seek
   */
  constructor(api, doc, seek) {
    super();
    this.api = api;
    this.doc = doc;
    this.seek = seek;
    const close = el("button.plain", { type: "button", onclick: () => this.element.close() }, "Close");
    this.element.append(
      el("header", {}, el("h2", {}, "Compare two analyses"), close),
      el("label.with", {}, "Compare with", this.#choice),
      this.#body,
    );
    this.#choice.addEventListener("change", () => this.#choose(Number(this.#choice.value)));
    this.element.addEventListener("click", (/** @type {MouseEvent} */ event) => event.target === this.element && this.element.close());
  }

  /** Another clip, or a new analysis of this one: what was compared is over. */
  reset() {
    this.#ticket++;
    this.element.close();
    this.other = null;
  }

  async toggle() {
    if (this.element.open) return this.element.close();
    this.element.showModal();
    const first = this.doc().analysis;
    if (!first) return this.#say("This clip has no analysis yet that another could be compared with.");
    const ticket = ++this.#ticket;
    if (!this.other) this.#say("Loading …");
    try {
      const { analyses } = await this.api.analyses(this.doc().clip.id);
      if (ticket === this.#ticket) this.#offer(analyses, first.id);
    } catch (error) {
      if (ticket === this.#ticket) this.#say(`The analyses could not be listed: ${/** @type {Error} */ (error).message}`);
    }
  }

  /** @param {AnalysisInShort[]} analyses newest first @param {number} first */
  #offer(analyses, first) {
    const others = analyses.filter(({ id }) => id !== first);
    if (!others.length) {
      this.#choice.replaceChildren(el("option", { value: 0 }, "–"));
      return this.#say("This clip has one analysis. In the library, Analyse runs other models over it; their lanes can then be laid under these.");
    }
    const called = (/** @type {AnalysisInShort} */ one) => `${namesOf(one)}, analysis ${one.id}`;
    this.#choice.replaceChildren(
      el("option", { value: 0 }, "nothing"),
      ...others.map((one) => el("option", { value: one.id, selected: one.id === this.other?.analysis.id }, called(one))),
    );
    if (this.other) this.#table(this.other.comparison);
    else this.#say("Choose what to lay under the lanes that are shown.");
  }

  /** @param {number} id  0: none */
  async #choose(id) {
    const ticket = ++this.#ticket;
    const { clip, analysis } = this.doc();
    if (!id || !analysis) {
      this.other = null;
      this.#say("");
      return void this.dispatchEvent(new Event("change"));
    }
    this.#say("Loading …");
    try {
      const [buffer, comparison] = await Promise.all([this.api.traces(clip.id, id), this.api.comparison(clip.id, analysis.id, id)]);
      if (ticket !== this.#ticket) return;
      this.other = { analysis: comparison.second, traces: parseTraces(buffer), comparison };
      this.#table(comparison);
      this.dispatchEvent(new Event("change"));
    } catch (error) {
      if (ticket === this.#ticket) this.#say(`The analysis could not be loaded: ${/** @type {Error} */ (error).message}`);
    }
  }

  /** @param {Comparison} comparison */
  #table({ first, second, sources }) {
    const heads = ["", "both say something", "same family", "evidence in common", "first alone", "second alone"];
    const rows = sources.map((one) =>
      el(
        "tr",
        { "data-source": one.source },
        el("th", { scope: "row" }, SOURCES[one.source] ?? one.source),
        ...[
          formatTime(one.both_us),
          percent(one.agreed_us, one.both_us),
          one.overlap === null ? "–" : one.overlap.toFixed(2),
          formatTime(one.only_first_us),
          formatTime(one.only_second_us),
        ].map((text) => el("td", {}, text)),
      ),
    );
    const uneven = unevenly(first, second);
    const scale = `${sentence(uneven.join(" and "))}: only one of the two was calibrated, so their shares of evidence are not on one scale.`;
    this.#body.replaceChildren(
      el("dl.facts", {}, el("dt", {}, "First"), el("dd", {}, namesOf(first)), el("dt", {}, "Second"), el("dd", {}, namesOf(second))),
      ...(uneven.length ? [el("p.muted", {}, scale)] : []),
      el("table", {}, el("thead", {}, el("tr", {}, ...heads.map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, ...rows)),
      ...sources.filter(({ both_us }) => both_us).map((one) => this.#partings(one)),
    );
  }

  /** @param {import("./types.js").SideBySide} side */
  #partings(side) {
    const { source, partings } = side;
    const families = new Map(this.doc().scheme.families.map((family) => [family.id, family.name]));
    const go = (/** @type {Parting} */ one) => {
      this.element.close();
      this.seek(one.start_us);
    };
    const said = (/** @type {string} */ family, /** @type {number} */ score) => `${families.get(family) ?? family} ${score.toFixed(2)}`;
    const item = (/** @type {Parting} */ one) =>
      el(
        "li",
        {},
        el("button.plain", { type: "button", onclick: () => go(one) }, `${formatTime(one.start_us)} – ${formatTime(one.end_us)}`),
        ` ${said(one.first, one.first_score)} against ${said(one.second, one.second_score)}`,
      );
    const rest = partings.length - LISTED;
    const more = rest > 0 && el("p.muted", {}, `and ${rest} shorter ones, which the lane shows`);
    const list = partings.length ? el("div", {}, el("ol", {}, ...partings.slice(0, LISTED).map(item)), more) : el("p.muted", {}, `${sentence(whyNone(side))}.`);
    return el("section", {}, el("h3", {}, `${SOURCES[source] ?? source}: where they part${partings.length > 1 ? ", the longest first" : ""}`), list);
  }

  /** @param {string} text */
  #say(text) {
    const line = el("p.muted");
    say(line, text);
    this.#body.replaceChildren(line);
  }
}
