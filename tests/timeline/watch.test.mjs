/** What is said elsewhere arrives, and takes nothing away. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerError } from "../../app/ui/timeline/api.js";
import { blank } from "../../app/ui/timeline/judgement.js";
import { Judgements } from "../../app/ui/timeline/judgements.js";
import { Outbox, ownerOf } from "../../app/ui/timeline/outbox.js";
import { Watch } from "../../app/ui/timeline/watch.js";
import { Store } from "./storage.mjs";

const RATER = { id: 1, name: "Maja" };
const HOME = { installation: "home", rater: RATER };
const CLIP = 7;
const said = (emotion, revision, more = {}) => ({
  ...blank("clip"),
  id: "j",
  emotions: [{ id: emotion, weight: 1 }],
  revision,
  removed: false,
  rater: RATER,
  changed_at: "",
  ...more,
});

function watching(first = [said("anger", 1)]) {
  const server = { boot: "b", rows: first, doc: HOME, away: false };
  const ask = () => {
    if (server.away) throw new ServerError(0, "away");
    return { boot: server.boot, judgements: server.rows };
  };
  const api = { judgements: async () => ask(), document: async () => ask() && server.doc };
  const outbox = new Outbox(new Store(), ownerOf(HOME));
  const judgements = new Judgements(outbox, RATER);
  judgements.load(CLIP, first);
  const busy = { now: false };
  const watch = new Watch(api, "b", outbox, judgements, () => busy.now);
  const heard = [];
  watch.addEventListener("news", () => heard.push("news"));
  watch.addEventListener("restarted", ({ detail }) => heard.push(detail));
  judgements.addEventListener("change", () => heard.push("change"));
  return { server, watch, judgements, outbox, busy, heard, shown: () => judgements.ofClip?.emotions[0].id };
}

test("a label that was changed elsewhere is shown", async () => {
  const { server, watch, heard, shown } = watching();
  server.rows = [said("shame", 2)];
  await watch.look();
  assert.equal(shown(), "shame");
  assert.deepEqual(heard, ["change", "news"]);
});

test("a label that was deleted elsewhere is gone", async () => {
  const { server, watch, shown } = watching();
  server.rows = [];
  await watch.look();
  assert.equal(shown(), undefined);
});

test("where nothing has changed, nobody is disturbed", async () => {
  const { watch, heard } = watching();
  await watch.look();
  await watch.look();
  assert.deepEqual(heard, []);
});

test("an edit that waits stays on top of what came meanwhile", async () => {
  const { server, watch, outbox, shown } = watching();
  const judgement = { ...blank("clip"), emotions: [{ id: "relief", weight: 1 }] };
  outbox.add(CLIP, [{ op_id: "o", kind: "put", judgement_id: "j", base_revision: 1, judgement, context: {} }]);
  server.rows = [said("shame", 2)];
  await watch.look();
  assert.equal(shown(), "relief");
  assert.equal(outbox.entries[0].base_revision, 1, "it was made upon the first version, and says so");
});

test("what is dragged or typed keeps what it was begun upon, until it is done", async () => {
  const { server, watch, judgements, busy, shown } = watching();
  busy.now = true;
  server.rows = [said("shame", 2)];
  await watch.look();
  assert.deepEqual([shown(), judgements.baseOf("j", false)], ["anger", 1]);
  busy.now = false;
  await watch.look();
  assert.deepEqual([shown(), judgements.baseOf("j", false)], ["shame", 2]);
});

test("a restarted program that serves the same data is told of once, and so is another one", async () => {
  const { server, watch, heard } = watching();
  server.boot = "c";
  await watch.look();
  await watch.look();
  await watch.served("c");
  assert.deepEqual(heard, ["same"]);
  server.doc = { ...HOME, installation: "elsewhere" };
  await watch.served("d");
  assert.deepEqual(heard, ["same", "other"]);
});

test("a server that is away changes nothing, and is recognised when it is back", async () => {
  const { server, watch, heard, shown } = watching();
  server.away = true;
  await watch.look();
  await watch.served("c");
  assert.deepEqual([shown(), heard], ["anger", []]);
  server.away = false;
  server.boot = "c";
  await watch.look();
  await new Promise(setImmediate);
  assert.deepEqual(heard, ["same"]);
});
