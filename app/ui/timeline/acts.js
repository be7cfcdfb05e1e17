/** What each key and button of the editor does, by name: `keys.js` and the bar under the picture call these. */
import { isSpan } from "./judgement.js";
import { tiersOf } from "./tiers.js";

/** One press of the zoom keys, and of the pan keys as a share of what is on screen. */
const ZOOM = 0.6;
const PAN = 0.25;

/** Room left on either side of a stretch that one zooms to, as a share of it. */
const AROUND = 0.1;

/**
 * @param {import("./editor.js").Editor} editor
 * @param {() => void} leave  gives the keyboard back to the timeline
 * @returns {Record<string, (argument?: any, event?: any) => any>}
 */
export function actsOf(editor, leave) {
  const { desk, player, view, picker, panel, prefs, board, stage } = editor;
  /** What is selected, or else marked, or else everything. */
  const span = () => editor.correcting.speakers.span ?? desk.span ?? desk.marked ?? { startUs: 0, endUs: view.durationUs };
  const prefer = (/** @type {"boxes"|"mode"} */ name, /** @type {any} */ value) => {
    prefs.put(name, value);
    editor.refreshBar();
  };

  return {
    leave,
    toggle: () => player.toggle(),
    stop: () => player.stop(),
    step: (frames) => player.step(frames),
    shuttle: (direction) => player.shuttle(direction),
    playSpan: () => player.playSpan(span().startUs, span().endUs),
    loop: () => {
      if (player.looping && player.playing) player.stop();
      else player.playSpan(span().startUs, span().endUs, true);
    },
    home: () => player.seek(0),
    end: () => player.seek(player.table.seekTime(player.table.count - 1)),

    label: () => picker.focus(),
    digit: (_, event) => picker.digit(event.code),
    recent: (_, event) => picker.recent(Number(event.code.slice(-1)) - 1),
    accept: () => accept(editor),
    intensity: () => panel.intensity.focus(),
    confidence: () => panel.confidence.focus(),
    note: () => panel.note.focus(),
    escape: () => {
      if (board.pointer.dragging) board.pointer.cancel();
      else if (desk.target.kind === "draft") desk.unmark();
      else desk.selectClip();
      leave();
    },

    markIn: () => mark(editor, "in"),
    markOut: () => mark(editor, "out"),
    split: () => desk.split(Math.round(player.table.start(player.frame))),
    merge: () => desk.merge(),
    remove: () => desk.remove(),
    nudge: (frames) => nudge(editor, frames),
    goTo: (direction) => {
      const segment = desk.goTo(direction, player.timeUs);
      if (segment && isSpan(segment)) reveal(editor, Number(segment.start_us));
    },
    tier: (direction) => changeTier(editor, direction),

    zoomTo: () => {
      const { startUs, endUs } = span();
      const room = AROUND * (endUs - startUs);
      view.show(startUs - room, endUs + room);
    },
    fit: () => view.fit(),
    closer: () => view.zoom(ZOOM, player.timeUs),
    wider: () => view.zoom(1 / ZOOM, player.timeUs),
    pan: (direction) => view.pan(direction * PAN * view.spanUs),
    boxes: () => {
      prefer("boxes", !prefs.get("boxes"));
      stage.draw(editor.theme);
    },
    compare: () => editor.compare.toggle(),
    mode: () => {
      prefer("mode", prefs.get("mode") === "heat" ? "stacked" : "heat");
      board.redraw("lanes");
    },

    undo: () => desk.undo(),
    redo: () => desk.redo(),
    next: () => editor.goToClip(editor.doc.next),
    previous: () => editor.goToClip(editor.doc.previous),
    help: () => editor.help.toggle(),
  };
}

/** @typedef {import("./editor.js").Editor} Editor */

/** A model's judgement that is selected becomes one's own; otherwise the suggestion for the clip is taken up. @param {Editor} editor */
function accept({ desk, doc, picker }) {
  if (!desk.editable) return desk.adopt();
  if (!doc.suggestion || doc.project.blind) return desk.note("There is no suggestion here.");
  if (desk.span) return desk.note("The suggestion is about the whole clip: press esc first.");
  picker.accept(doc.suggestion);
}

/** The stretch begins or ends with the frame on screen; the other end stays, or is the neighbour's or the clip's. @param {Editor} editor */
function mark({ desk, player, view }, /** @type {"in"|"out"} */ edge) {
  const { tier, marked } = desk;
  const segments = desk.segments(tier);
  if (edge === "in") {
    const us = Math.round(player.table.start(player.frame));
    const starts = segments.map((segment) => Number(segment.start_us)).filter((start) => start > us);
    desk.mark(tier, us, marked && marked.endUs > us ? marked.endUs : Math.min(view.durationUs, ...starts));
  } else {
    const us = Math.round(player.table.end(player.frame));
    const ends = segments.map((segment) => Number(segment.end_us)).filter((end) => end < us);
    desk.mark(tier, marked && marked.startUs < us ? marked.startUs : Math.max(0, ...ends), us);
  }
}

/** Moves the edge that is nearer to the playhead, and shows the frame it now touches. @param {Editor} editor @param {number} frames */
function nudge({ desk, player }, frames) {
  const { span, judgement } = desk;
  if (!span) return desk.note("Choose a segment first: [ and ] go from one to the next.");
  const next = nudged(player, span, frames);
  if (!next) return;
  const { startUs, endUs, seekUs } = next;
  if (judgement && isSpan(judgement)) desk.move([{ segment: judgement, startUs, endUs }]);
  else desk.mark(desk.content.tier, startUs, endUs);
  player.seek(seekUs);
}

/**
 * A stretch with the edge that is nearer to the playhead moved by some frames, and where to look; null where nothing would be left of it.
 * @param {import("./player.js").Player} player
 * @param {{startUs: number, endUs: number}} span
 * @param {number} frames
 */
export function nudged({ table, timeUs }, span, frames) {
  const first = Math.abs(span.startUs - timeUs) < Math.abs(span.endUs - timeUs);
  const k = table.clamp((first ? table.indexAt(span.startUs) : table.indexBefore(span.endUs)) + frames);
  const next = first
    ? { startUs: Math.round(table.start(k)), endUs: span.endUs }
    : { startUs: span.startUs, endUs: Math.round(table.end(k)) };
  return next.endUs <= next.startUs ? null : { ...next, seekUs: table.seekTime(k) };
}

/** A marked stretch goes along to the other tier. @param {Editor} editor @param {1|-1} direction */
function changeTier({ desk, doc, board }, direction) {
  const tiers = tiersOf(doc).map(({ tier }) => tier);
  const place = tiers.indexOf(desk.tier) + direction;
  desk.tier = tiers[Math.min(Math.max(place, 0), tiers.length - 1)];
  if (desk.target.kind === "draft" && desk.marked) desk.mark(desk.tier, desk.marked.startUs, desk.marked.endUs);
  board.update();
}

/** Brings where a segment begins into sight, and its first frame on screen. @param {Pick<Editor, "view"|"player">} editor @param {number} us */
export function reveal({ view, player }, us) {
  if (us < view.startUs || us > view.endUs) view.pan(us - view.startUs - AROUND * view.spanUs);
  if (!player.playing) player.seek(player.table.seekTime(player.table.indexAt(us)));
}
