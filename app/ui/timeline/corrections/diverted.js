/** One language of keys: while the speakers' lane has the focus, the keys that edit stretches edit turns. */
import { nudged, reveal } from "../acts.js";
import { tiersOf } from "../tiers.js";

/** @typedef {Record<string, (argument?: any, event?: any) => any>} Acts */

/**
 * @param {import("../editor.js").Editor} editor
 * @param {Acts} acts  what the keys do otherwise
 * @param {() => void} leave  gives the keyboard back to the timeline
 * @returns {Acts}
 */
export function withCorrections(editor, acts, leave) {
  const { desk, player, board, view } = editor;
  const { speakers, pointer, lane, people } = editor.correcting;
  const shown = () => Math.round(player.table.start(player.frame));

  /** @type {Acts} */
  const ofTurns = {
    split: () => speakers.split(shown()),
    merge: () => speakers.merge(),
    remove: () => speakers.remove(),
    goTo: (direction) => {
      const turn = speakers.goTo(direction, player.timeUs);
      if (turn) reveal({ view, player }, turn.start_us);
    },
    tier: (direction) => speakers.row(direction),
    label: () => lane.name(speakers.speaker),
    digit: (_, event) => /^Digit/.test(event.code) && speakers.giveTo(Number(event.code.slice(-1))),
    accept: () => people.take(speakers.speaker),
    escape: () => {
      if (pointer.dragging) pointer.cancel();
      else speakers.letGo();
      leave();
    },
    markIn: () => {
      const { turn } = speakers;
      if (turn) return speakers.move(shown(), turn.end_us);
      speakers.inUs = shown();
      speakers.focus(speakers.speaker);
    },
    markOut: () => {
      const { turn, inUs } = speakers;
      const us = Math.round(player.table.end(player.frame));
      if (turn) return speakers.move(turn.start_us, us);
      if (inUs === null || inUs >= us) return speakers.corrections.say("Press i where the turn begins, then o where it ends.");
      speakers.add(inUs, us);
    },
    nudge: (frames) => {
      const { span } = speakers;
      const next = span && nudged(player, span, frames);
      if (!span) return speakers.corrections.say("Choose a turn first: [ and ] go from one to the next.");
      if (!next) return;
      speakers.move(next.startUs, next.endUs);
      player.seek(next.seekUs);
    },
  };

  const either = Object.fromEntries(
    Object.entries(ofTurns).map(([name, work]) => [
      name,
      (/** @type {any} */ argument, /** @type {any} */ event) => (speakers.focused ? work(argument, event) : acts[name](argument, event)),
    ]),
  );
  return {
    ...acts,
    ...either,
    // Above the first tier are the speakers.
    tier: (direction) => {
      const first = desk.tier === tiersOf(desk.doc)[0].tier;
      if (!speakers.focused && direction < 0 && first && speakers.there) return speakers.focus();
      either.tier(direction);
      board.update();
    },
    people: () => people.enter(),
  };
}
