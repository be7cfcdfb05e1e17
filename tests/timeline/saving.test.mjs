/** From an edit to the server's word for it: outbox, sender, judgements, undo. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Commands } from "../../app/ui/timeline/commands.js";
import { blank, uuid } from "../../app/ui/timeline/judgement.js";
import { Judgements } from "../../app/ui/timeline/judgements.js";
import { Outbox, ownerOf } from "../../app/ui/timeline/outbox.js";
import { Sender } from "../../app/ui/timeline/sender.js";
import { Store } from "./storage.mjs";

const RATER = { id: 1, name: "Maja" };
const OWNER = ownerOf({ installation: "home", rater: RATER });
const CLIP = 7;
const saying = (emotion, more = {}) => ({ ...blank("clip"), emotions: [{ id: emotion, weight: 1 }], ...more });

/** Keeps the contract of `POST /api/clips/{id}/operations`; can be away, and can lose its answers. */
class Server {
  rows = new Map();
  log = new Map();
  requests = [];
  status = 200;
  losesAnswers = false;

  async operations(clip, operations) {
    this.requests.push(operations);
    if (this.status !== 200) throw Object.assign(new Error("refused"), { status: this.status });
    const acks = operations.map((operation) => this.#apply(operation));
    if (this.losesAnswers) throw Object.assign(new Error("gone"), { status: 0 });
    return { boot: "b", acks };
  }

  async revision(id) {
    return this.rows.get(id)?.revision ?? 0;
  }

  #apply({ op_id, kind, judgement_id, base_revision, judgement }) {
    if (this.log.has(op_id)) return { op_id, status: "duplicate", revision: this.log.get(op_id), current: null, reason: null };
    const row = this.rows.get(judgement_id);
    const revision = row?.revision ?? 0;
    if (base_revision !== revision) return { op_id, status: "conflict", revision, current: row ?? null, reason: null };
    if (judgement?.note === "refuse me") return { op_id, status: "rejected", revision: null, current: null, reason: "no such note" };
    this.rows.set(judgement_id, {
      ...(row ?? {}),
      ...judgement,
      id: judgement_id,
      revision: revision + 1,
      removed: kind === "remove",
      rater: RATER,
      changed_at: "",
    });
    this.log.set(op_id, revision + 1);
    return { op_id, status: "applied", revision: revision + 1, current: null, reason: null };
  }
}

function desk(server = new Server(), store = new Store(), owner = OWNER) {
  const outbox = new Outbox(store, owner);
  const sender = new Sender(outbox, server);
  const judgements = new Judgements(outbox, RATER);
  sender.addEventListener("ack", ({ detail }) => judgements.learn(detail.entry, detail.ack));
  judgements.load(
    CLIP,
    [...server.rows.values()].filter((row) => !row.removed),
  );
  const commands = new Commands(judgements, outbox, store, () => ({}));
  commands.open(CLIP);
  return { server, store, outbox, sender, judgements, commands };
}

const say = ({ commands, judgements }, id, after) => commands.commit("said", [{ id, before: judgements.get(id), after }]);
const emotion = (judgement) => judgement?.emotions[0].id ?? null;

test("an edit is seen at once, and is the server's after sending", async () => {
  const at = desk();
  const id = uuid();
  say(at, id, saying("anger"));
  assert.equal(at.judgements.get(id).pending, true);
  await at.sender.kick();
  assert.equal(at.judgements.get(id).pending, false);
  assert.equal(at.judgements.get(id).revision, 1);
  assert.equal(emotion(at.server.rows.get(id)), "anger");
  assert.equal(at.outbox.entries.length, 0);
});

test("edits made while the server is away outlive a reload, and arrive in order, each upon the one before", async () => {
  const server = new Server();
  const store = new Store();
  const before = desk(server, store);
  server.status = 503;
  const id = uuid();
  for (const name of ["anger", "fear", "joy"]) say(before, id, saying(name));
  await before.sender.kick();
  before.sender.close();
  assert.equal(before.sender.state, "away");

  server.status = 200;
  const after = desk(server, store);
  assert.equal(emotion(after.judgements.get(id)), "joy");
  await after.sender.kick();
  assert.deepEqual([emotion(server.rows.get(id)), server.rows.get(id).revision], ["joy", 3]);
});

test("a lost answer is asked for again, and the edit applied once", async () => {
  const at = desk();
  const id = uuid();
  say(at, id, saying("anger"));
  at.server.losesAnswers = true;
  await at.sender.kick();
  at.server.losesAnswers = false;
  say(at, id, saying("fear"));
  await at.sender.kick();
  at.sender.close();
  assert.deepEqual([emotion(at.server.rows.get(id)), at.server.rows.get(id).revision, at.outbox.entries.length], ["fear", 2, 0]);
});

test("nothing is dropped for 401, 403, 429, 500 or 503", async () => {
  for (const status of [401, 403, 429, 500, 503]) {
    const at = desk();
    say(at, uuid(), saying("anger"));
    at.server.status = status;
    await at.sender.kick();
    at.sender.close();
    assert.equal(at.outbox.entries.length, 1, String(status));
    assert.equal(at.sender.state, status === 401 || status === 403 ? "signed-out" : "away");
  }
});

test("one edit that the server will not have holds up no other, and stays readable with its reason", async () => {
  const at = desk();
  const [bad, good] = [uuid(), uuid()];
  say(at, bad, saying("anger", { note: "refuse me" }));
  say(at, good, saying("fear"));
  await at.sender.kick();
  assert.equal(emotion(at.server.rows.get(good)), "fear");
  assert.equal(at.judgements.get(bad), null);
  assert.deepEqual(
    at.outbox.aside.map((entry) => [entry.judgement.note, entry.reason]),
    [["refuse me", "no such note"]],
  );
});

test("a clip that is gone sets each edit aside instead of trying for ever", async () => {
  const at = desk();
  say(at, uuid(), saying("anger"));
  say(at, uuid(), saying("fear"));
  at.server.status = 404;
  await at.sender.kick();
  assert.deepEqual([at.outbox.entries.length, at.outbox.aside.length], [0, 2]);
});

test("of two versions both are kept until the person chooses; mine goes upon theirs", async () => {
  const at = desk();
  const id = uuid();
  say(at, id, saying("anger"));
  await at.sender.kick();
  at.server.rows.set(id, { ...at.server.rows.get(id), emotions: [{ id: "disgust", weight: 1 }], revision: 2 });
  say(at, id, saying("fear"));
  say(at, id, saying("fear", { intensity: 3 }));
  await at.sender.kick();
  const [clash] = at.outbox.entries.filter((entry) => entry.conflict);
  assert.equal(emotion(clash.conflict.current), "disgust");
  assert.equal(emotion(at.server.rows.get(id)), "disgust");

  at.outbox.keepMine(clash, uuid());
  await at.sender.kick();
  assert.deepEqual([emotion(at.server.rows.get(id)), at.server.rows.get(id).intensity, at.server.rows.get(id).revision], ["fear", 3, 4]);
  assert.equal(at.outbox.entries.length, 0);
});

test("keeping theirs shows theirs, and mine is set aside to be read", async () => {
  const at = desk();
  const id = uuid();
  say(at, id, saying("anger"));
  await at.sender.kick();
  at.server.rows.set(id, { ...at.server.rows.get(id), emotions: [{ id: "disgust", weight: 1 }], revision: 2 });
  say(at, id, saying("fear"));
  await at.sender.kick();
  at.outbox.keepTheirs(at.outbox.entries[0]);
  assert.equal(emotion(at.judgements.get(id)), "disgust");
  assert.deepEqual(
    at.outbox.aside.map((entry) => emotion(entry.judgement)),
    ["fear"],
  );
});

test("two tabs on one storage send each edit once", async () => {
  const [server, store] = [new Server(), new Store()];
  const [one, two] = [desk(server, store), desk(server, store)];
  const turn = { last: Promise.resolve(), request: (_, work) => (turn.last = turn.last.then(work)) };
  one.sender.locks = two.sender.locks = turn;
  say(one, uuid(), saying("anger"));
  two.outbox.heard({ key: null });
  await Promise.all([one.sender.kick(), two.sender.kick()]);
  assert.equal(server.requests.flat().length, 1);
});

test("another rater's waiting edits are left where they are", async () => {
  const [server, store] = [new Server(), new Store()];
  say(desk(server, store), uuid(), saying("anger"));
  const other = new Outbox(store, "home.2");
  assert.equal(other.entries.length, 0);
  assert.equal(new Outbox(store, OWNER).entries.length, 1);
});

test("a browser without room holds edits in memory, sends them, and says that they are not stored", async () => {
  const at = desk();
  at.store.full = true;
  const id = uuid();
  say(at, id, saying("anger"));
  assert.equal(at.outbox.durable, false);
  await at.sender.kick();
  assert.equal(emotion(at.server.rows.get(id)), "anger");
  assert.equal(at.outbox.durable, true);
});

test("undo and redo are new edits, and work after a reload, also for what was deleted", async () => {
  const [server, store] = [new Server(), new Store()];
  const before = desk(server, store);
  const id = uuid();
  say(before, id, saying("anger"));
  say(before, id, null);
  await before.sender.kick();
  assert.equal(server.rows.get(id).removed, true);

  const after = desk(server, store);
  assert.match(after.commands.undo(), /^Undone/);
  await after.sender.kick();
  assert.deepEqual([emotion(server.rows.get(id)), server.rows.get(id).removed, server.rows.get(id).revision], ["anger", false, 3]);
  after.commands.redo();
  await after.sender.kick();
  assert.deepEqual([server.rows.get(id).removed, server.rows.get(id).revision], [true, 4]);
});

test("an undo does not overwrite what was changed elsewhere since", async () => {
  const at = desk();
  const id = uuid();
  say(at, id, saying("anger"));
  await at.sender.kick();
  at.judgements.load(CLIP, [{ ...at.server.rows.get(id), emotions: [{ id: "disgust", weight: 1 }], revision: 2 }]);
  assert.match(at.commands.undo(), /^Not undone/);
  assert.equal(at.outbox.entries.length, 0);
});

test("an edit whose predecessor was lost with its page is sent all the same", async () => {
  const [server, store] = [new Server(), new Store()];
  const id = uuid();
  const before = desk(server, store);
  server.status = 503;
  store.full = true;
  say(before, id, saying("anger"));
  store.full = false;
  say(before, id, saying("fear"));
  const after = desk(server, store);
  assert.equal(after.outbox.entries.length, 1);
  server.status = 200;
  await after.sender.kick();
  assert.equal(emotion(server.rows.get(id)), "fear");
});

test("what the server had before an edit reached it does not take the edit back when it arrives after", async () => {
  const at = desk();
  const id = uuid();
  let asked = 0;
  const snapshot = async () => {
    asked += 1;
    const rows = [...at.server.rows.values()];
    if (asked === 1) await at.sender.kick(); // read before the edit came in, delivered after it was acknowledged
    return rows;
  };
  say(at, id, saying("anger"));
  at.judgements.load(CLIP, await at.outbox.settled(CLIP, snapshot));
  assert.deepEqual([emotion(at.judgements.get(id)), asked], ["anger", 2]);

  say(at, id, saying("fear"));
  asked = 0;
  at.judgements.load(CLIP, await at.outbox.settled(CLIP, snapshot));
  assert.deepEqual([emotion(at.judgements.get(id)), at.judgements.baseOf(id, false)], ["fear", 2]);
});

test("an edit of another clip, or none, asks nothing twice", async () => {
  const at = desk();
  say(at, uuid(), saying("anger"));
  let asked = 0;
  await at.outbox.settled(CLIP + 1, async () => {
    asked += 1;
    await at.sender.kick();
  });
  assert.equal(asked, 1);
});

test("an edit that another tab brought home makes a snapshot from before old, too", async () => {
  const [one, two] = [new Store(), new Store()].map((store) => desk(new Server(), store));
  say(one, uuid(), saying("anger"));
  const [{ key }] = one.outbox.entries;
  let asked = 0;
  await two.outbox.settled(CLIP, async () => {
    asked += 1;
    if (asked === 1) assert.equal(two.outbox.answeredElsewhere({ key, newValue: null }), CLIP);
  });
  assert.equal(asked, 2);
  assert.equal(two.outbox.answeredElsewhere({ key: "portrayal:prefs:1", newValue: null }), null);
});

test("another home folder behind the same address is sent none of this one's edits, and offers none of its steps", async () => {
  const [server, store] = [new Server(), new Store()];
  say(desk(server, store), uuid(), saying("anger"));
  const elsewhere = desk(new Server(), store, ownerOf({ installation: "elsewhere", rater: RATER }));
  await elsewhere.sender.kick();
  assert.deepEqual([elsewhere.server.requests.length, elsewhere.judgements.all.length, elsewhere.commands.undoable], [0, 0, null]);
  const back = desk(server, store);
  await back.sender.kick();
  assert.equal(server.rows.size, 1);
});

test("a judgement knows which analysis the rater had before them, on its way and afterwards", async () => {
  const at = desk();
  at.commands.context = () => ({ analysis: 3 });
  const id = uuid();
  say(at, id, saying("anger"));
  assert.equal(at.judgements.get(id).analysis, 3);
  await at.sender.kick();
  assert.equal(at.judgements.get(id).analysis, 3);
  assert.equal(at.server.requests[0][0].judgement.analysis, undefined, "it travels in the context");
});

test("edits sent one by one still find out what they are based on", async () => {
  const [server, store] = [new Server(), new Store()];
  const before = desk(server, store);
  const id = uuid();
  say(before, id, saying("anger"));
  say(before, id, null);
  await before.sender.kick();

  const at = desk(server, store);
  at.commands.undo(); // its base has to be asked for
  say(at, uuid(), saying("fear"));
  const batches = server.operations.bind(server);
  server.operations = (clip, operations) => {
    if (operations.length > 1) throw Object.assign(new Error("too large"), { status: 413 });
    assert.ok(operations.every(({ base_revision }) => base_revision !== null));
    return batches(clip, operations);
  };
  await at.sender.kick();
  assert.deepEqual([at.outbox.entries.length, at.outbox.aside.length, server.rows.get(id).removed], [0, 0, false]);
});

test("an edit that the server stumbles over again and again is kept, and holds up no other, of whatever clip", async () => {
  const server = new Server();
  const at = desk(server);
  const stumbling = saying("anger", { note: "stumble" });
  say(at, uuid(), stumbling);
  say(at, uuid(), saying("fear"));
  at.outbox.add(CLIP + 1, [{ ...at.outbox.entries[1], op_id: uuid(), judgement_id: uuid() }]);
  const sound = server.operations.bind(server);
  server.operations = (clip, operations) => {
    if (operations.some(({ judgement }) => judgement.note === "stumble")) throw Object.assign(new Error("500"), { status: 500 });
    return sound(clip, operations);
  };
  for (let round = 0; round < 3; round += 1) await at.sender.kick();
  assert.deepEqual(
    at.outbox.entries.map((entry) => entry.judgement.note),
    ["stumble"],
  );
  assert.equal(at.sender.state, "away");
  assert.equal(server.rows.size, 2);

  server.operations = sound;
  await at.sender.kick();
  at.sender.close();
  assert.deepEqual([at.outbox.entries.length, at.sender.state, server.rows.size], [0, "idle", 3]);
});
