/** What the models make of the clip, beside the video: the suggested family, how sure it is, and what the file name says was intended. */
import { el } from "./dom.js";
import { meansWithin } from "./stretch.js";
import { GREY } from "./theme.js";

/** Less than this would read as 0 %. */
const LEAST_SHOWN = 0.005;

/** Uncertainty in words, for those who do not live by numbers. */
const WORDS = /** @type {[number, string][]} */ ([
  [0.25, "fairly certain"],
  [0.5, "rather uncertain"],
  [0.75, "uncertain"],
  [1.01, "close to guessing"],
]);

export class EvidenceCard {
  element = el("section.card", { "aria-label": "Suggestion", "data-testid": "suggestion" });

  /**
   * @param {import("./desk.js").Desk} desk
   * @param {() => void} accept
   */
  constructor(desk, accept) {
    this.desk = desk;
    this.accept = accept;
    /** @type {import("./traces.js").Trace[]} */
    this.traces = [];
    this.stretch = el("dl.facts.within", { "data-testid": "stretch-means" });
  }

  /** The selected stretch has means of its own. */
  update() {
    const { span, doc } = this.desk;
    const found = span && !doc.project.blind ? meansWithin(this.traces, span.startUs, span.endUs) : [];
    const said = (/** @type {{name: string, mean: number}[]} */ classes) =>
      classes.length ? classes.map(({ name, mean }) => `${name} ${mean.toFixed(2)}`).join(" · ") : "nothing scored here";
    const rows = found.flatMap(({ title, classes }) => [el("dt", {}, title), el("dd", {}, said(classes))]);
    // The means of a stretch take the place of the clip's families, so that nothing else moves.
    this.element.classList.toggle("stretch", rows.length > 0);
    this.stretch.replaceChildren(...(rows.length ? [el("dt.whole", {}, "Means in this stretch"), ...rows] : []));
  }

  /** @param {import("./theme.js").Theme} theme */
  show(theme) {
    const { doc } = this.desk;
    const { suggestion } = doc;
    this.element.toggleAttribute("data-blind", doc.project.blind);
    this.element.dataset.family = (!doc.project.blind && suggestion?.family) || "";
    const [lead, families] = this.#lead(doc, theme);
    this.element.replaceChildren(lead, this.stretch, families, this.#facts(doc));
    this.update();
  }

  /** What is suggested, and the evidence by family; or why there is neither. @param {import("./types.js").ClipDocument} doc @param {import("./theme.js").Theme} theme */
  #lead({ project, suggestion, analysis }, theme) {
    if (suggestion && !project.blind) return [this.#suggested(suggestion, theme), this.#families(suggestion, theme)];
    const why = project.blind
      ? "Blind: suggestion, intended label and file name stay hidden until you have judged."
      : analysis
        ? "The models make no suggestion for this clip."
        : "No suggestion: this clip has not been analysed yet.";
    return [el("p.muted", {}, why), ""];
  }

  /** @param {import("./types.js").Suggestion} suggestion @param {import("./theme.js").Theme} theme */
  #suggested(suggestion, theme) {
    const tint = theme.families.get(suggestion.family) ?? GREY;
    const widest = suggestion.sets.filter(
      (set) => !suggestion.sets.some((other) => other.length > set.length && set.every((id) => other.includes(id))),
    );
    const tied = widest.map((set) => set.map((id) => this.desk.nameOf(id)).join(" or "));
    const first = suggestion.emotions
      .filter((e) => e.score >= LEAST_SHOWN)
      .slice(0, 3)
      .map((e) => `${this.desk.nameOf(e.id)} ${percent(e.score)}`);
    return el(
      "div.suggested",
      { "--tint": tint.colour, "--on": tint.on },
      el(
        "div.headline",
        {},
        el("span.caption", {}, "Suggestion"),
        el("span.source", { title: suggestion.model }, suggestion.source),
      ),
      el(
        "div.headline",
        {},
        el("span.chip.dashed", {}, el("span.letter", {}, tint.letter), tint.name, el("span.score", {}, percent(suggestion.score))),
        el("button.plain", { type: "button", "data-testid": "accept", onclick: this.accept }, "Choose within it ", el("kbd", {}, "a")),
      ),
      el("p.small", {}, tied.length ? `${tied.join("; ")}: the models cannot tell them apart.` : first.join(" · ")),
      el("p.small.certainty", { "data-testid": "certainty", title: certaintyInFull(suggestion) }, certainty(suggestion)),
      el("div.meter", {
        role: "img",
        "aria-label": `uncertainty ${suggestion.uncertainty.toFixed(2)} of 1`,
        title: `uncertainty ${suggestion.uncertainty.toFixed(2)} of 1`,
        "--at": length(suggestion.uncertainty),
      }),
    );
  }

  /** @param {import("./types.js").Suggestion} suggestion @param {import("./theme.js").Theme} theme */
  #families(suggestion, theme) {
    return el(
      "ul.families",
      { "aria-label": "Evidence by family" },
      ...[...theme.families.values()].map((tint) => {
        const share = suggestion.families[tint.id] ?? 0;
        return el(
          "li",
          { "--tint": tint.colour, "--at": length(share) },
          el("span.name", {}, tint.name),
          el("span.bar"),
          el("span.figure", {}, percent(share)),
        );
      }),
    );
  }

  /** @param {import("./types.js").ClipDocument} doc */
  #facts({ clip, analysis, project }) {
    const intended = clip.intended.map(
      ({ emotion, weight }) => `${this.desk.nameOf(emotion)}${weight === null || weight === 1 ? "" : ` ${percent(weight)}`}`,
    );
    const open = clip.intended.length > 1 && clip.intended.every(({ weight }) => weight === null);
    const rows = project.blind
      ? []
      : [
          ["File", clip.file_name],
          [
            "Intended",
            intended.length
              ? intended.join(open ? " or " : " + ") + (clip.intended_intensity ? `, intensity ${clip.intended_intensity}` : "")
              : null,
          ],
          ["Actor", [clip.actor, clip.corpus].filter(Boolean).join(" · ")],
        ];
    const models = analysis
      ? [
          [
            "Models",
            Object.values(analysis.models)
              .map((model) => model.name)
              .join(" · "),
            versions(analysis),
          ],
        ]
      : [];
    const notes = [...clip.notes, ...(analysis?.notes ?? [])].map((note) => ["Note", note]);
    const shown = [...rows, ...models, ...notes].filter(([, value]) => value);
    return el("dl.facts", {}, ...shown.flatMap(([name, value, more]) => [el("dt", {}, name), el("dd", { title: more ?? value }, value)]));
  }
}

/**
 * Each model's version, and how well it does on people it has not seen, where somebody measured that.
 * @param {Pick<import("./types.js").Analysis, "models">} analysis
 */
export function versions({ models }) {
  const recall = (/** @type {number|null} */ value) => (value === null ? "" : `, mean recall ${value.toFixed(2)}`);
  return Object.entries(models)
    .map(([role, { name, version, mean_recall }]) => `${role}: ${name}, ${version}${recall(mean_recall ?? null)}`)
    .join("\n");
}

/**
 * How sure the suggestion is, in one line: in words, how far it is ahead, and how much of what the models say is about other things.
 * @param {Pick<import("./types.js").Suggestion, "uncertainty"|"margin"|"abstained">} suggestion
 */
export function certainty({ uncertainty, margin, abstained }) {
  const word = WORDS.find(([limit]) => uncertainty < limit)?.[1] ?? "";
  const silent = abstained >= LEAST_SHOWN ? [`${percent(abstained)} says nothing`] : [];
  return [word, `ahead by ${percent(margin)}`, ...silent].join(" · ");
}

/** What each of them means. @param {Pick<import("./types.js").Suggestion, "uncertainty"|"margin"|"abstained">} suggestion */
export function certaintyInFull({ uncertainty, margin, abstained }) {
  return [
    `Uncertainty ${uncertainty.toFixed(2)} of 1: the entropy of the families' evidence, 0 if one has all, 1 if all have the same.`,
    `Ahead by ${percent(margin)}: the evidence for this family less that for the next.`,
    `${percent(abstained)} says nothing: the share of the models' own probability in classes that stand for no emotion of the scheme, ` +
      "or whose meaning is disputed. It is left out, and the rest scaled up.",
  ].join("\n");
}

/** @param {number} share */
const percent = (share) => `${Math.round(share * 100)} %`;

/** The same for a style sheet. @param {number} share */
const length = (share) => `${Math.round(share * 100)}%`;
