/** What a correction makes of a clip's cast: as `app/review/cast.py` has it, so that it is seen before the server has answered. Pure. */
import { CannotCorrect } from "./turns.js";

/** @typedef {{id: number, name: string|null, tracks: number[]}} Person */
/** @typedef {{kind: "cast", revision: number, same_as: number, analysis: number|null, next_id: number, people: Person[]}} Cast */
/** @typedef {{speaker: string, person: number, score: number, seen_us: number, p: number}} Offer  `person` may be `speaker` */

/** @type {Record<string, (cast: Cast, change: any) => Cast>} */
const MAKES = {
  name: (cast, { person, name }) => {
    personOf(cast, person);
    return made(
      cast,
      cast.people.map((one) => (one.id === person ? { ...one, name } : one)),
    );
  },

  join: (cast, { people }) => {
    const [first, ...others] = people.map((/** @type {number} */ id) => personOf(cast, id));
    if (!others.length) throw new CannotCorrect("a person cannot be joined with themselves");
    const name = first.name ?? others.find((/** @type {Person} */ one) => one.name)?.name ?? null;
    const gone = new Set(others.map((/** @type {Person} */ one) => one.id));
    const given = others.flatMap((/** @type {Person} */ one) => one.tracks);
    const rest = cast.people.filter((one) => !gone.has(one.id));
    return made(
      cast,
      rest.map((one) => (one.id === first.id ? { ...one, name, tracks: [...one.tracks, ...given] } : one)),
    );
  },

  move: (cast, { track, person }) => {
    if (!cast.people.some((one) => one.tracks.includes(track))) throw new CannotCorrect(`there is no face ${track}`);
    const to = person ?? cast.next_id;
    if (person !== null) personOf(cast, person);
    const without = cast.people.map((one) => ({ ...one, tracks: one.tracks.filter((other) => other !== track) }));
    const all = person === null ? [...without, { id: to, name: null, tracks: [] }] : without;
    return made(
      { ...cast, next_id: Math.max(cast.next_id, to + 1) },
      all.map((one) => (one.id === to ? { ...one, tracks: [...one.tracks, track] } : one)),
    );
  },
};

/** @param {Cast} cast @param {import("./turns.js").Change} change @returns {Cast} of the same revision; throws `CannotCorrect` */
export function recast(cast, change) {
  return MAKES[change.action](cast, change);
}

/** What a person is called. @param {Person} person */
export const personName = ({ id, name }) => name ?? `Person ${id}`;

/** Whether there is anything to say about who is who: one person of one face, and nobody said a thing, is nothing. @param {Cast|null} cast */
export function worthShowing(cast) {
  if (!cast?.people.length) return false;
  return cast.people.length > 1 || cast.people[0].tracks.length > 1 || cast.revision > 0;
}

/** What is still an offer: a speaker who has no name yet, or another's. @param {Offer[]} offers @param {Cast} cast @param {import("./turns.js").TurnLane|null} turns */
export function openOffers(offers, cast, turns) {
  return offers.filter(({ speaker, person }) => {
    const who = cast.people.find((one) => one.id === person);
    const known = turns?.speakers.find((one) => one.id === speaker);
    return who && known && known.name !== personName(who);
  });
}

/** @param {Cast} cast @param {number} id @returns {Person} */
function personOf(cast, id) {
  const person = cast.people.find((one) => one.id === id);
  if (!person) throw new CannotCorrect(`there is no person ${id}`);
  return person;
}

/** People by number, each with a track or a name. @param {Cast} cast @param {Person[]} people @returns {Cast} */
function made(cast, people) {
  const there = people.filter((one) => one.tracks.length || one.name !== null);
  const sorted = there.map((one) => ({ ...one, tracks: [...one.tracks].sort((a, b) => a - b) }));
  return { ...cast, people: sorted.sort((a, b) => a.id - b.id) };
}
