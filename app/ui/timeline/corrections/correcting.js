/** Correcting who speaks when and who is who, put together: what is corrected, the speakers' lane, the people beside the picture. */
import { People } from "./people.js";
import { Portraits } from "./portraits.js";
import { SpeakerPointer } from "./speaker_pointer.js";
import { SpeakerView } from "./speaker_view.js";
import { Speakers } from "./speakers.js";
import { Corrections } from "./store.js";

export class Correcting {
  /**
   * @param {{outbox: import("../outbox.js").Outbox, sender: import("../sender.js").Sender, commands: import("../commands.js").Commands,
   *   desk: import("../desk.js").Desk, view: import("../view.js").View, player: import("../player.js").Player,
   *   prefs: import("../prefs.js").Prefs, api: import("../api.js").Api}} parts  of the editor
   * @param {() => void} leave  gives the keyboard back to the timeline
   * @param {AbortSignal} signal
   */
  constructor({ outbox, sender, commands, desk, view, player, prefs, api }, leave, signal) {
    this.api = api;
    this.store = new Corrections(outbox, commands, api, signal);
    this.speakers = new Speakers(this.store, desk);
    this.lane = new SpeakerView(this.speakers, prefs, leave);
    this.lane.tools.player = player;
    this.pointer = new SpeakerPointer(this.lane, view, player, signal);
    this.portraits = new Portraits();
    this.people = new People(this.store, this.speakers, this.portraits, prefs, leave);
    this.store.addEventListener("note", (/** @type {any} */ event) => desk.note(event.detail));
    sender.addEventListener("ack", (/** @type {any} */ event) => this.store.learn(event.detail.entry, event.detail.ack), { signal });
    signal.addEventListener("abort", () => this.portraits.clear());
  }

  /** @param {import("../watch.js").Watch} watch  sees what others correct @param {AbortSignal} signal */
  heed(watch, signal) {
    watch.addEventListener("lanes", (/** @type {any} */ event) => this.store.seen(event.detail), { signal });
  }

  /** Another clip, or the same with news. @param {import("../types.js").ClipDocument} doc */
  open(doc) {
    const another = doc.clip.id !== this.store.clip;
    if (another) this.portraits.clear();
    this.store.open(doc);
    if (!another) return;
    this.speakers.reset();
    this.people.reset();
  }

  /** The traces arrived: pictures are taken of the faces where there is somebody to tell apart. @param {import("../traces.js").Trace[]} traces */
  faces(traces, /** @type {import("../types.js").ClipDocument} */ { clip }) {
    if (!this.people.element.hidden) this.portraits.take(this.api.media(clip.id), traces.filter(({ kind }) => kind === "face"), clip);
  }
}
