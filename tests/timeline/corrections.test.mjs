/** Turns and cast, corrected: what is seen at once, what is sent, what becomes of it when the server is away or somebody else was quicker. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Commands } from "../../app/ui/timeline/commands.js";
import { openOffers, recast, worthShowing } from "../../app/ui/timeline/corrections/cast.js";
import { bestPlace } from "../../app/ui/timeline/corrections/portraits.js";
import { hitTest, layOut } from "../../app/ui/timeline/corrections/rows.js";
import { Speakers } from "../../app/ui/timeline/corrections/speakers.js";
import { Corrections } from "../../app/ui/timeline/corrections/store.js";
import { corrected, newSpeaker } from "../../app/ui/timeline/corrections/turns.js";
import { summary } from "../../app/ui/timeline/corrections/words.js";
import { Desk } from "../../app/ui/timeline/desk.js";
import { Judgements } from "../../app/ui/timeline/judgements.js";
import { Outbox } from "../../app/ui/timeline/outbox.js";
import { Sender } from "../../app/ui/timeline/sender.js";
import { tiersOf } from "../../app/ui/timeline/tiers.js";
import { Plane } from "../../app/ui/timeline/traces.js";
import { View } from "../../app/ui/timeline/view.js";
import { SCHEME } from "./scheme.mjs";
import { Store } from "./storage.mjs";

const S = 1_000_000;
const turn = (id, start, end, speaker, more = {}) => ({ id, start_us: start * S, end_us: end * S, speaker, confidence: 0.8, corrected: false, ...more });
const TURNS = {
  kind: "turn",
  revision: 0,
  same_as: 0,
  analysis: 5,
  next_id: 4,
  speakers: [
    { id: "1", name: null },
    { id: "2", name: null },
  ],
  turns: [turn(1, 0, 1, "1"), turn(2, 1, 3, "2"), turn(3, 4, 5, "1")],
};
const person = (id, tracks, name = null) => ({ id, name, tracks });
const CAST = { kind: "cast", revision: 0, same_as: 0, analysis: 5, next_id: 3, people: [person(1, [1]), person(2, [2])] };
const spans = (lane) => lane.turns.map(({ id, start_us, end_us, speaker }) => [id, start_us / S, end_us / S, speaker]);
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

/** Keeps a lane as `app/review/corrections.py` does: a log, a lane at each revision. */
class Server {
  log = new Map();
  past = { turn: [TURNS], cast: [CAST] };
  sent = [];
  away = false;

  lane(kind) {
    return this.past[kind][this.past[kind].length - 1];
  }

  async corrections(_clip, corrections) {
    if (this.away) throw Object.assign(new Error("gone"), { status: 0 });
    this.sent.push(...corrections);
    return { boot: "b", acks: corrections.map((one) => this.apply(one)) };
  }

  async operations(_clip, operations) {
    return { boot: "b", acks: operations.map(({ op_id }) => ({ op_id, status: "applied", revision: 1, current: null, reason: null })) };
  }

  async lanes() {
    return { turns: this.lane("turn"), cast: this.lane("cast"), speaking: [] };
  }

  apply({ op_id, kind, base_revision, change }) {
    const answer = { op_id, revision: null, current: null, reason: null };
    if (this.log.has(op_id)) return { ...answer, status: "duplicate", revision: this.log.get(op_id) };
    const now = this.lane(kind);
    if (base_revision !== now.revision) return { ...answer, status: "conflict", revision: now.revision, current: now };
    const revision = now.revision + 1;
    try {
      const then = change.action === "restore" && this.past[kind][change.revision];
      const after = then ? { ...then, next_id: Math.max(then.next_id, now.next_id) } : (kind === "turn" ? corrected : recast)(now, change);
      this.past[kind].push({ ...after, revision, same_as: then ? then.same_as : revision });
    } catch (error) {
      return { ...answer, status: "rejected", reason: error.message };
    }
    this.log.set(op_id, revision);
    return { ...answer, status: "applied", revision };
  }
}

function open(server = new Server(), store = new Store()) {
  const doc = {
    installation: "home",
    clip: { id: 7, has_video: true, has_audio: true },
    rater: { id: 1, name: "Maja" },
    scheme: SCHEME,
    analysis: { id: 5, models: {}, faces: [{ subject: 1 }], utterances: [], speech: [] },
    suggestion: null,
    judgements: [],
    turns: server.lane("turn"),
    cast: server.lane("cast"),
    speaking: [],
  };
  const outbox = new Outbox(store, "home.1");
  const judgements = new Judgements(outbox, doc.rater);
  const commands = new Commands(judgements, outbox, store, () => ({}));
  const desk = new Desk(judgements, commands, store, doc);
  const corrections = new Corrections(outbox, commands, server);
  const speakers = new Speakers(corrections, desk);
  const sender = new Sender(outbox, server);
  sender.addEventListener("ack", ({ detail }) => corrections.learn(detail.entry, detail.ack));
  sender.addEventListener("ack", ({ detail }) => judgements.learn(detail.entry, detail.ack));
  const notes = [];
  corrections.addEventListener("note", ({ detail }) => notes.push(detail));
  desk.open(doc);
  corrections.open(doc);
  return { server, store, doc, outbox, desk, commands, corrections, speakers, sender, notes };
}

test("a turn is moved, split, merged, deleted and given away as the server does it", () => {
  const after = (...changes) => spans(changes.reduce(corrected, TURNS));
  assert.deepEqual(after({ action: "change", turn: 1, speaker: "3" })[0], [1, 0, 1, "3"]);
  assert.deepEqual(after({ action: "split", turn: 2, at_us: 2 * S, speaker: "1" }).slice(1, 3), [
    [2, 1, 2, "2"],
    [4, 2, 3, "1"],
  ]);
  assert.deepEqual(after({ action: "merge", turns: [3, 1] }), [
    [1, 0, 5, "1"],
    [2, 1, 3, "2"],
  ]);
  assert.deepEqual(after({ action: "delete", turn: 2 }).map(([id]) => id), [1, 3]);
  assert.deepEqual(after({ action: "join", speaker: "2", into: "1" }).map(([, , , who]) => who), ["1", "1", "1"]);
});

test("turns of one speaker that come to overlap are one; those of two speakers may overlap", () => {
  const grown = corrected(TURNS, { action: "change", turn: 1, end_us: 4.5 * S });
  assert.deepEqual(spans(grown), [
    [1, 0, 5, "1"],
    [2, 1, 3, "2"],
  ]);
  assert.deepEqual([grown.turns[0].corrected, grown.turns[0].confidence, grown.turns[1].corrected], [true, null, false]);
});

test("what is not there cannot be corrected, and the lane stays as it is", () => {
  const { corrections, notes } = open();
  assert.equal(corrections.correct("x", [{ kind: "turn", change: { action: "delete", turn: 99 } }]), false);
  assert.deepEqual(notes, ["there is no turn 99 any more"]);
  assert.equal(corrections.turns, TURNS);
});

test("somebody new gets a number that nobody had, not even in an earlier analysis", () => {
  assert.equal(newSpeaker(["1", "3", "SPEAKER"]), "4");
});

test("a correction is seen at once, sent once, and acknowledged", async () => {
  const { server, corrections, outbox, sender, speakers, doc } = open();
  speakers.select(1);
  speakers.giveTo(0);
  assert.deepEqual(spans(corrections.turns)[0], [1, 0, 1, "3"]);
  assert.deepEqual([outbox.pending, corrections.turns.revision], [1, 1]);
  assert.deepEqual(tiersOf(doc).map(({ tier }) => tier).filter((tier) => tier.startsWith("voice")), ["voice:1", "voice:2", "voice:3"]);
  await sender.kick();
  await settled();
  assert.deepEqual([outbox.pending, server.sent.length, corrections.turns.revision], [0, 1, 1]);
  assert.deepEqual(Object.keys(server.sent[0]).sort(), ["analysis", "base_revision", "change", "kind", "op_id"]);
  assert.equal(server.lane("turn").turns[0].speaker, "3");
});

test("corrections made while the server is away outlive a reload, in order, and what is built upon them too", async () => {
  const first = open();
  first.server.away = true;
  first.speakers.select(2);
  first.speakers.split(2 * S);
  assert.equal(first.speakers.selected, 4, "the right half is chosen, by the number it is going to have");
  first.speakers.giveTo(1);
  first.speakers.rename("1", "Anna");
  await first.sender.kick();
  first.sender.close();
  first.server.away = false;

  const { server, corrections, outbox, sender } = open(first.server, first.store);
  assert.deepEqual(spans(corrections.turns)[2], [4, 2, 3, "1"]);
  assert.equal(corrections.turns.speakers[0].name, "Anna");
  assert.equal(outbox.pending, 3);
  await sender.kick();
  await settled();
  assert.equal(outbox.pending, 0);
  assert.deepEqual(spans(server.lane("turn"))[2], [4, 2, 3, "1"]);
  assert.equal(server.lane("turn").speakers[0].name, "Anna");
});

test("an answer that was lost does not apply a correction twice", async () => {
  const { server, corrections, outbox, sender, speakers, store } = open();
  speakers.select(1);
  speakers.remove();
  server.apply(outbox.entries[0]);
  const again = open(server, store);
  assert.deepEqual(again.corrections.turns.turns.map(({ id }) => id), [2, 3]);
  await again.sender.kick();
  await settled();
  assert.deepEqual([again.outbox.pending, server.lane("turn").revision], [0, 1]);
  assert.ok(corrections && sender);
});

test("what another tab brought home is asked for, and does not go back to what it was", async () => {
  const { server, store, outbox, sender, speakers } = open();
  const other = open(server, store);
  speakers.select(1);
  speakers.remove();
  other.outbox.reread();
  assert.deepEqual(other.corrections.turns.turns.map(({ id }) => id), [2, 3]);
  await sender.kick();
  other.outbox.reread();
  await settled();
  assert.deepEqual([outbox.pending, other.corrections.turns.revision], [0, 1]);
  assert.deepEqual(other.corrections.turns.turns.map(({ id }) => id), [2, 3]);
});

test("what another corrected is taken in when it is heard of, but never under what waits here", async () => {
  const { server, corrections, speakers } = open();
  server.apply({ op_id: "theirs", kind: "turn", base_revision: 0, change: { action: "delete", turn: 3 } });
  corrections.seen({ turn: 1, cast: 0 });
  await settled();
  assert.deepEqual(corrections.turns.turns.map(({ id }) => id), [1, 2]);
  speakers.rename("1", "Anna");
  server.apply({ op_id: "more", kind: "turn", base_revision: 1, change: { action: "delete", turn: 2 } });
  corrections.seen({ turn: 2, cast: 0 });
  await settled();
  assert.deepEqual([corrections.turns.speakers[0].name, corrections.turns.turns.length], ["Anna", 2]);
});

test("undo and redo go through labels and lanes alike, also after a reload", async () => {
  const { server, store, desk, corrections, speakers, sender } = open();
  speakers.select(1);
  speakers.remove();
  desk.pick("anger");
  speakers.rename("2", "Bo");
  desk.undo();
  assert.equal(desk.judgements.ofClip?.emotions[0]?.id, "anger");
  assert.deepEqual(corrections.turns.speakers.map(({ name }) => name), [null, null]);
  desk.undo();
  assert.equal(desk.judgements.ofClip, null);
  await sender.kick();
  await settled();
  const again = open(server, store);
  again.desk.undo();
  await again.sender.kick();
  await settled();
  assert.deepEqual(spans(again.corrections.turns), spans(TURNS));
  assert.equal(again.corrections.turns.speakers.every(({ name }) => name === null), true);
  again.desk.redo();
  await again.sender.kick();
  await settled();
  assert.deepEqual(again.corrections.turns.turns.map(({ id }) => id), [2, 3]);
});

test("a lane that another corrected meanwhile: both are kept until one is chosen, and numbers that were taken are not mixed up", async () => {
  const { server, corrections, outbox, sender, speakers, notes } = open();
  speakers.focus("2");
  speakers.add(3.2 * S, 3.6 * S);
  speakers.move(3.2 * S, 3.8 * S);
  server.apply({ op_id: "theirs", kind: "turn", base_revision: 0, change: { action: "add", start_us: 6 * S, end_us: 7 * S, speaker: "2" } });
  await sender.kick();
  await settled();
  const [entry] = outbox.entries;
  assert.equal(outbox.entries.length, 2);
  assert.equal(summary(entry.conflict.current), "4 turns of Voice 1, Voice 2 (corrected once)");
  assert.match(entry.said, /^turn 0:03\.200 – 0:03\.600 of Voice 2 added$/);
  assert.deepEqual(spans(corrections.turns), spans(server.lane("turn")), "what is in the database is shown");
  speakers.rename("1", "Anna");
  assert.match(notes.at(-1), /two versions/);

  outbox.keepMine(entry, "10000000-0000-4000-8000-000000000000");
  await sender.kick();
  await settled();
  assert.equal(outbox.entries.length, 0);
  assert.deepEqual(spans(server.lane("turn")).slice(-3), [
    [5, 3.2, 3.8, "2"],
    [3, 4, 5, "1"],
    [4, 6, 7, "2"],
  ]);
});

test("of two versions the other's: mine is set aside with what was built upon it, to be read", async () => {
  const { server, outbox, sender, speakers } = open();
  speakers.select(1);
  speakers.remove();
  speakers.rename("2", "Bo");
  server.apply({ op_id: "theirs", kind: "turn", base_revision: 0, change: { action: "delete", turn: 3 } });
  await sender.kick();
  outbox.keepTheirs(outbox.entries[0]);
  assert.deepEqual([outbox.pending, outbox.aside.length], [0, 2]);
  assert.deepEqual(server.lane("turn").turns.map(({ id }) => id), [1, 2]);
});

test("what the server refuses is told, and nothing that was built upon it is sent", async () => {
  const { server, corrections, outbox, sender } = open();
  corrections.correct("a", [{ kind: "turn", change: { action: "rename", speaker: "2", name: "Bo" } }]);
  corrections.correct("b", [{ kind: "turn", change: { action: "rename", speaker: "2", name: "Eva" } }]);
  server.apply = ({ op_id }) => ({ op_id, status: "rejected", revision: null, current: null, reason: "no room" });
  await sender.kick();
  await settled();
  assert.deepEqual([outbox.pending, server.sent.length], [0, 1]);
  assert.deepEqual(outbox.aside.map(({ reason }) => reason).sort(), ["it was built upon another: no room", "no room"]);
  assert.deepEqual(spans(corrections.turns), spans(TURNS));
});

test("while the server works out the turns anew nothing is corrected upon what they were", () => {
  const { speakers, notes, corrections } = open();
  speakers.anew(3);
  speakers.rename("2", "Bo");
  assert.match(notes.at(-1), /working out/);
  assert.equal(corrections.turns.speakers[1].name, null);
});

test("without turns to be shown, as where one judges blind, nothing is corrected", () => {
  const { corrections, speakers, doc, notes } = open();
  corrections.open({ ...doc, clip: { ...doc.clip, id: 8 }, turns: null, cast: null });
  assert.deepEqual([corrections.turns, corrections.cast, speakers.there], [null, null, false]);
  assert.equal(corrections.correct("x", [{ kind: "turn", change: { action: "delete", turn: 1 } }]), false);
  assert.match(notes.at(-1), /blind/);
});

test("people are named, joined, and a face is given to somebody else or to somebody new", () => {
  const named = recast(CAST, { action: "name", person: 2, name: "Bo" });
  assert.deepEqual(recast(named, { action: "join", people: [1, 2] }).people, [person(1, [1, 2], "Bo")]);
  const moved = recast(CAST, { action: "move", track: 1, person: null });
  assert.deepEqual([moved.people, moved.next_id], [[person(2, [2]), person(3, [1])], 4]);
  assert.deepEqual(recast(named, { action: "move", track: 2, person: 1 }).people, [person(1, [1, 2]), person(2, [], "Bo")]);
});

test("one person with one face is nothing to be told of; a second face, or a correction, is", () => {
  const of = (people, revision = 0) => worthShowing({ ...CAST, people, revision });
  assert.deepEqual([of([person(1, [1])]), of([]), of([person(1, [1, 2])]), of([person(1, [1])], 1)], [false, false, true, true]);
});

test("a speaker who goes by the person's name already is offered no more", () => {
  const offer = { speaker: "2", person: 1, score: 0.4, seen_us: S };
  const cast = recast(CAST, { action: "name", person: 1, name: "Anna" });
  assert.deepEqual(openOffers([offer], cast, TURNS), [offer]);
  assert.deepEqual(openOffers([offer], cast, corrected(TURNS, { action: "rename", speaker: "2", name: "Anna" })), []);
});

test("rows: an edge within reach, else the body, else the bare row", () => {
  const rows = layOut(["1", "2"], TURNS.turns);
  const view = new View(5 * S, 500);
  const at = (x, y) => [hitTest(rows, view, x, y).turn?.id, hitTest(rows, view, x, y).part];
  assert.deepEqual(
    [at(50, 5), at(98, 5), at(103, 25), at(200, 25), at(250, 5)],
    [
      [1, "body"],
      [1, "end"],
      [2, "start"],
      [2, "body"],
      [undefined, null],
    ],
  );
});

test("a face's picture is taken where it is largest and surely a face; a track without a place has none", () => {
  const planes = new Map(
    Object.entries({ box_x: [0, 10, 20], box_y: [0, 0, 0], box_w: [50, 80, 100], box_h: [50, 80, 100], confidence: [1, 1, 0.2] }).map(
      ([name, values]) => [name, Plane.of(name, values)],
    ),
  );
  const place = bestPlace({ subject: "2", times: [0, 40_000, 80_000], planes }, 640, 360);
  assert.deepEqual([place.track, place.us, Math.round(place.w)], [2, 41_000, 80]);
  assert.equal(bestPlace({ subject: "2", times: [0], planes: new Map() }, 640, 360), null);
});
