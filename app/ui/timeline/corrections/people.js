/** The cast: a chip a person, with their face, and what can be said of them: a name, who is the same, whose a face is, whose voice it may be. */
import { el, icon, set } from "../dom.js";
import { isFolded, turn as fold } from "../stack.js";
import { openOffers, personName, worthShowing } from "./cast.js";
import { speakerName } from "./turns.js";

/** @typedef {import("./cast.js").Person} Person */
/** @typedef {import("./cast.js").Offer} Offer */

const GROUP = { key: "people", title: "People", detail: "", lanes: [] };

export class People {
  element = el("section.people", { "aria-label": "People", "data-testid": "cast", hidden: true });
  head = el("button.head", { type: "button" });
  chips = el("div.persons", { role: "radiogroup", "aria-label": "People: arrows choose, a number says who it is, enter names" });
  details = el("div.about");
  /** Number of the person whose faces are shown. @type {number|null} */
  chosen = null;
  #naming = false;
  #drawn = "";

  /**
   * @param {import("./store.js").Corrections} corrections
   * @param {import("./speakers.js").Speakers} speakers
   * @param {import("./portraits.js").Portraits} portraits
   * @param {import("../prefs.js").Prefs} prefs
   * @param {() => void} leave  gives the keyboard back to the timeline
   */
  constructor(corrections, speakers, portraits, prefs, leave) {
    this.corrections = corrections;
    this.speakers = speakers;
    this.portraits = portraits;
    this.prefs = prefs;
    this.leave = leave;
    this.element.append(el("div.headrow.group", {}, this.head), this.chips, this.details);
    this.head.addEventListener("click", () => {
      fold(prefs, GROUP);
      this.update(true);
    });
    this.chips.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#key(event));
    this.details.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#key(event));
    corrections.addEventListener("change", () => this.update());
    portraits.addEventListener("change", () => this.update(true));
  }

  get cast() {
    return this.corrections.cast;
  }

  /** Another clip. */
  reset() {
    this.chosen = null;
    this.#naming = false;
    this.update(true);
  }

  /** Draws what changed. @param {boolean} [regardless] */
  update(regardless = false) {
    const { cast } = this;
    const offers = cast ? openOffers(this.corrections.speaking, cast, this.corrections.turns) : [];
    const shown = worthShowing(cast) || offers.length > 0;
    const drawn = JSON.stringify([cast?.people, cast?.revision, offers, this.chosen, this.#naming, shown]);
    if (drawn === this.#drawn && !regardless) return;
    this.#drawn = drawn;
    set(this.element, { hidden: !shown, "data-revision": cast?.revision ?? null });
    if (!cast || !shown) return;
    if (!cast.people.some(({ id }) => id === this.chosen)) this.chosen = null;
    const folded = isFolded(this.prefs, GROUP);
    const mark = icon("fold");
    if (folded) set(mark, { class: "icon turned" });
    set(this.head, { "aria-expanded": String(!folded), "--h": "20px" });
    this.head.replaceChildren(mark, el("b", {}, GROUP.title), el("span.detail", {}, cast.revision ? "corrected" : this.#origin()));
    for (const part of [this.chips, this.details]) set(part, { hidden: folded });
    this.#keepingFocus(() => {
      this.chips.replaceChildren(...cast.people.map((person, nth) => this.#chip(person, nth, offers)));
      const person = cast.people.find(({ id }) => id === this.chosen);
      this.details.replaceChildren(...(person ? this.#about(person) : []));
    });
  }

  /** The keyboard is the people's; pressed there again, the timeline's. */
  enter() {
    if (this.element.hidden) return this.corrections.say("There is only one person here, and one face.");
    if (this.element.contains(this.element.getRootNode().activeElement)) return this.leave();
    if (isFolded(this.prefs, GROUP)) fold(this.prefs, GROUP);
    this.chosen ??= this.cast?.people[0].id ?? null;
    this.update(true);
    this.#chipOf(this.chosen)?.focus();
  }

  /** Takes up the offer that a speaker is somebody. @param {string|null} speaker */
  take(speaker) {
    const { cast } = this;
    const offers = cast ? openOffers(this.corrections.speaking, cast, this.corrections.turns) : [];
    const offer = offers.find((one) => one.speaker === speaker);
    if (offer) this.speakers.take(offer);
    else this.corrections.say("Nobody is offered for this voice.");
  }

  /** @param {Person} person @param {number} nth @param {Offer[]} offers */
  #chip(person, nth, offers) {
    const chosen = person.id === this.chosen;
    const picture = this.#picture(person.tracks);
    const faces = person.tracks.length ? `face ${person.tracks.join(", ")}` : "no face";
    const chip = el(
      "button.person",
      {
        type: "button",
        role: "radio",
        "aria-checked": String(chosen),
        tabindex: chosen || (this.chosen === null && nth === 0) ? "0" : "-1",
        "data-testid": "person",
        "data-person": person.id,
        "data-name": person.name ?? "",
        "data-tracks": person.tracks.join("|"),
        "data-key": `person ${person.id}`,
        onclick: () => this.#choose(person.id),
        ondblclick: () => this.#name(person.id),
      },
      el("kbd", { "aria-hidden": "true" }, String(nth + 1)),
      picture,
      el("span.words", {}, el("b", {}, personName(person)), el("span.muted.small", {}, faces)),
    );
    const offer = offers.find((one) => one.person === person.id);
    return offer ? el("div.offered", {}, chip, this.#offer(offer)) : chip;
  }

  /** @param {Offer} offer */
  #offer(offer) {
    const who = speakerName(this.corrections.turns, offer.speaker);
    return el(
      "button.plain.small.offer",
      {
        type: "button",
        "data-testid": "offer",
        "data-speaker": offer.speaker,
        title: `The mouth moves with this voice: correlation ${offer.score.toFixed(2)} over ${(offer.seen_us / 1e6).toFixed(1)} s; elsewhere along the clip this voice fits somebody as well in ${(offer.p * 100).toFixed(1)} % of places. An offer, not a finding.`,
        onclick: () => this.speakers.take(offer),
      },
      `is ${who}? ${offer.score.toFixed(2)}`,
    );
  }

  /** What can be said of a person. @param {Person} person */
  #about(person) {
    if (this.#naming) return [this.#field(person)];
    const others = (this.cast?.people ?? []).filter(({ id }) => id !== person.id);
    const name = el("button.plain.small", { type: "button", title: "Name (enter)", onclick: () => this.#name(person.id) }, "Name");
    const same = others.length && choice("is the same as", others.map((one) => [String(one.id), personName(one)]), "same", (id) => this.#same(person, Number(id)));
    const faces = person.tracks.map((track) => this.#face(person, track, others));
    return [name, same || null, ...(others.length || person.tracks.length > 1 ? faces : [])].filter(Boolean);
  }

  /** One face of theirs, and whose it may be instead. @param {Person} person @param {number} track @param {Person[]} others */
  #face(person, track, others) {
    const options = [...others.map((one) => [String(one.id), personName(one)]), ...(person.tracks.length > 1 ? [["new", "somebody new"]] : [])];
    const radio = el(
      "button.face",
      { type: "button", role: "radio", "aria-checked": "false", "aria-label": `Face ${track}`, "data-key": `face ${track}`, "data-testid": "face", "data-track": track },
      this.#picture([track]),
    );
    const move = choice(`face ${track} is`, /** @type {[string, string][]} */ (options), "whose-face", (id) => this.#move(track, id === "new" ? null : Number(id)));
    return el("span.ofperson", {}, radio, move);
  }

  /** @param {Person} person */
  #field(person) {
    const field = el("input.naming", { type: "text", maxlength: "200", placeholder: "Name", "aria-label": "Person's name", "data-testid": "person-name" });
    field.value = person.name ?? "";
    const done = (/** @type {boolean} */ keep) => {
      if (!this.#naming) return;
      this.#naming = false;
      if (keep) this.#rename(person, field.value.trim() || null);
      this.update(true);
    };
    field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.stopPropagation();
      done(event.key === "Enter");
      this.#chipOf(person.id)?.focus();
    });
    field.addEventListener("blur", () => done(true));
    return field;
  }

  /** A speaker that was taken for them keeps going by their name. @param {Person} person @param {string|null} name */
  #rename(person, name) {
    if (name === person.name) return;
    const then = personName({ ...person, name });
    const theirs = (this.corrections.turns?.speakers ?? []).filter((speaker) => speaker.name === personName(person));
    this.corrections.correct(`${personName(person)} ${name ? `named ${name}` : "no longer named"}`, [
      { kind: "cast", change: { action: "name", person: person.id, name } },
      ...theirs.map(({ id }) => ({ kind: /** @type {const} */ ("turn"), change: { action: "rename", speaker: id, name: then } })),
    ]);
  }

  /** @param {Person} person @param {number} other */
  #same(person, other) {
    const into = this.cast?.people.find(({ id }) => id === other);
    if (!into || other === person.id) return;
    const said = `${personName(person)} and ${personName(into)} are one`;
    if (this.corrections.correct(said, [{ kind: "cast", change: { action: "join", people: [other, person.id] } }])) this.#choose(other);
  }

  /** @param {number} track @param {number|null} person  null: somebody new */
  #move(track, person) {
    const who = this.cast?.people.find(({ id }) => id === person);
    const said = `face ${track} given to ${who ? personName(who) : "somebody new"}`;
    const to = person ?? this.cast?.next_id ?? null;
    if (this.corrections.correct(said, [{ kind: "cast", change: { action: "move", track, person } }])) this.#choose(to);
  }

  /** @param {number|null} id */
  #choose(id) {
    this.chosen = id;
    this.#naming = false;
    this.update();
    this.#chipOf(id)?.focus();
  }

  /** @param {number} id */
  #name(id) {
    this.chosen = id;
    this.#naming = true;
    this.update(true);
    const field = this.details.querySelector("input");
    field?.focus();
    field?.select();
  }

  /** On a person: arrows, enter to name, a number to say who it is. On a face: a number to say whose it is. @param {KeyboardEvent} event */
  #key(event) {
    const [kind, id] = (/** @type {HTMLElement} */ (event.target).dataset?.key ?? "").split(" ");
    if (!kind || event.ctrlKey || event.altKey || event.metaKey) return;
    const digit = /^Digit([0-9])$/.exec(event.code);
    const arrow = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const people = this.cast?.people ?? [];
    if (digit) this.#digit(kind, Number(id), Number(digit[1]));
    else if (kind === "person" && event.key === "Enter") this.#name(Number(id));
    else if (kind === "person" && arrow) {
      const place = people.findIndex((one) => one.id === Number(id)) + arrow;
      this.#choose(people[(place + people.length) % people.length].id);
    } else if (kind === "person" && event.key === "ArrowDown") this.details.querySelector(".face")?.focus();
    else if (kind === "face" && event.key === "ArrowUp") this.#chipOf(this.chosen)?.focus();
    else if (kind === "face" && arrow) {
      const faces = [...this.details.querySelectorAll(".face")];
      faces[(faces.indexOf(event.target) + arrow + faces.length) % faces.length].focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {string} kind @param {number} id @param {number} n */
  #digit(kind, id, n) {
    const people = this.cast?.people ?? [];
    const who = people[n - 1];
    const person = people.find((one) => one.id === (kind === "person" ? id : this.chosen));
    if (!person || (n > 0 && !who)) return this.corrections.say(`There is no person ${n}.`);
    if (kind === "person" && n > 0) return this.#same(person, who.id);
    if (kind === "person") return this.corrections.say("Choose one of the faces with ↓ first; 0 then makes it somebody new's.");
    if (who?.id !== person.id && (n > 0 || person.tracks.length > 1)) this.#move(id, n > 0 ? who.id : null);
  }

  /** The picture of the first of these tracks that there is one of. @param {number[]} tracks */
  #picture(tracks) {
    const known = tracks.map((track) => this.portraits.pictures.get(track)).find(Boolean);
    const frame = el("span.portrait", { "aria-hidden": "true" });
    if (!known) return frame;
    const copy = el("canvas", { width: known.width, height: known.height });
    copy.getContext("2d").drawImage(known, 0, 0);
    frame.append(copy);
    return frame;
  }

  #origin() {
    const { models } = this.speakers.desk.doc.analysis ?? { models: {} };
    return models.identity?.name ?? "each face for itself: no identity model looked at this clip";
  }

  /** @param {number|null} id @returns {HTMLElement|null} */
  #chipOf(id) {
    return this.chips.querySelector(`[data-person="${id}"]`);
  }

  /** What had the keyboard has it again. @param {() => void} work */
  #keepingFocus(work) {
    const active = /** @type {HTMLElement|null} */ (this.element.getRootNode().activeElement);
    const key = active && this.element.contains(active) ? active.dataset.key : null;
    work();
    if (key) this.element.querySelector(`[data-key="${key}"]`)?.focus();
  }
}

/** A choice that is made at once. @param {string} caption @param {[string, string][]} options @param {string} testid @param {(value: string) => void} choose */
function choice(caption, options, testid, choose) {
  if (!options.length) return null;
  const select = el(
    "select",
    { "aria-label": caption, "data-testid": testid },
    el("option", { value: "", selected: true }, `${caption} …`),
    ...options.map(([value, text]) => el("option", { value }, text)),
  );
  select.addEventListener("change", () => select.value && choose(select.value));
  return select;
}
