/** What the mouse can do to turns beyond dragging: buttons in the lane's head, the chosen turn's or the whole lane's. */
import { el, set } from "../dom.js";
import { inOrder } from "./turns.js";

/** As many speakers as a model is asked to find. */
const MOST_SPEAKERS = 8;

export class SpeakerTools {
  element = el("div.lanetools");

  /** @param {import("./speakers.js").Speakers} speakers @param {() => void} name  writes the active speaker's name */
  constructor(speakers, name) {
    this.speakers = speakers;
    this.name = name;
    this.player = /** @type {import("../player.js").Player|null} */ (null);
  }

  /** @param {boolean} folded */
  update(folded) {
    const { speakers } = this;
    set(this.element, { hidden: folded });
    if (folded) return;
    this.element.replaceChildren(...(speakers.turn ? this.#ofTurn() : []), ...(speakers.turn ? [] : this.#ofLane()));
  }

  #ofTurn() {
    const { speakers } = this;
    const { turn, lane } = speakers;
    const mine = inOrder(lane?.speakers ?? []);
    const own = turn?.speaker ?? null;
    const options = [
      own === null && el("option", { value: "", selected: true }, speakers.nameOf(null)),
      ...mine.map(({ id }) => el("option", { value: `give ${id}`, selected: id === own }, speakers.nameOf(id))),
      el("option", { value: "new" }, "somebody new"),
      ...(own === null ? [] : mine.filter(({ id }) => id !== own)).map(({ id }) =>
        el("option", { value: `join ${id}` }, `all of ${speakers.nameOf(own)} to ${speakers.nameOf(id)}`),
      ),
    ];
    const whose = el("select", { "aria-label": "Whose turn", title: "Whose turn (1 – 9, 0 for somebody new)", "data-testid": "whose" }, ...options);
    whose.addEventListener("change", () => {
      const [what, id] = [whose.value.split(" ")[0], whose.value.slice(5)];
      if (what === "new") speakers.giveTo(0);
      else if (what === "join") speakers.join(/** @type {string} */ (own), id);
      else if (what === "give") speakers.give(id);
    });
    const at = () => Math.round(this.player?.table.start(this.player.frame) ?? 0);
    return [
      whose,
      tool("Split", "Split at the playhead (s)", () => speakers.split(at())),
      tool("Merge", "Merge with the same speaker's next (m)", () => speakers.merge()),
      tool("Delete", "Delete (x)", () => speakers.remove()),
      own !== null && tool("Name", "Name the speaker (enter)", this.name),
    ].filter(Boolean);
  }

  /** As found, or for so many: only where a model told speakers apart, or there is a correction to be taken back. */
  #ofLane() {
    const { lane, desk } = this.speakers;
    const model = desk.doc.analysis?.models.speaker;
    if (!model && !lane?.revision) return [];
    const counts = model ? Array.from({ length: MOST_SPEAKERS }, (_, n) => n + 1) : [];
    const anew = el(
      "select",
      { "aria-label": "Find the turns anew", "data-testid": "anew" },
      el("option", { value: "", selected: true }, "Find anew …"),
      el("option", { value: "0" }, "as the model found them"),
      ...counts.map((n) => el("option", { value: n }, n === 1 ? "for 1 speaker" : `for ${n} speakers`)),
    );
    anew.addEventListener("change", () => this.speakers.anew(Number(anew.value) || null));
    return [anew];
  }
}

/** @param {string} text @param {string} title @param {() => void} work */
const tool = (text, title, work) => el("button.plain.small", { type: "button", title, onclick: work }, text);
