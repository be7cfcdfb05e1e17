/** Files on their way: one at a time, each with what became of it. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Queue } from "../../app/ui/library/queue.js";

/** What the queue uses of the browser's XMLHttpRequest, with the answers in the test's hands. */
class Request {
  static made = [];
  upload = {};
  headers = {};
  aborted = false;

  constructor() {
    Request.made.push(this);
  }
  open(method, address) {
    Object.assign(this, { method, address });
  }
  setRequestHeader(name, value) {
    this.headers[name] = value;
  }
  send(body) {
    this.body = body;
  }
  abort() {
    this.aborted = true;
  }
  answer(status, document) {
    this.upload.onload?.();
    Object.assign(this, { status, responseText: typeof document === "string" ? document : JSON.stringify(document) });
    this.onload();
  }
}

const file = (name, size = 10) => ({ name, size });
const states = (queue) => queue.items.map(({ state }) => state);

beforeEach(() => {
  Request.made = [];
  globalThis.XMLHttpRequest = Request;
});

test("a file is put as it is, with its name percent-encoded and the header that no form can set", () => {
  const queue = new Queue();
  const clip = file("glädje & co.mp4");
  queue.add([clip], "a/b c");
  const [request] = Request.made;
  assert.equal(request.method, "PUT");
  assert.equal(request.address, "/api/uploads?project=a%2Fb%20c");
  assert.deepEqual(request.headers, { "X-Portrayal": "1", "X-File-Name": "gl%C3%A4dje%20%26%20co.mp4" });
  assert.equal(request.body, clip);
});

test("one is sent at a time, in order, and the next follows whatever became of the last", () => {
  const queue = new Queue();
  queue.add([file("a"), file("b"), file("c"), file("d"), file("e")], "p");
  assert.deepEqual(states(queue), ["sending", "waiting", "waiting", "waiting", "waiting"]);
  Request.made[0].answer(200, { clip: 7 });
  Request.made[1].answer(409, { error: "there, as a", duplicate_of: 7 });
  Request.made[2].answer(415, { error: "This is a text file." });
  Request.made[3].onerror();
  Request.made[4].answer(500, "<html>");
  assert.deepEqual(states(queue), ["added", "duplicate", "refused", "failed", "failed"]);
  assert.deepEqual(
    queue.items.map(({ clip }) => clip),
    [7, 7, null, null, null],
  );
  assert.equal(queue.items[2].reason, "This is a text file.");
  assert.match(queue.items[4].reason, /500/);
  assert.equal(queue.busy, false);
});

test("how much has been sent is told as it is, and reading it takes its own time", () => {
  const queue = new Queue();
  let told = 0;
  queue.watchers.add(() => (told += 1));
  queue.add([file("a", 100)], "p");
  Request.made[0].upload.onprogress({ loaded: 40 });
  assert.equal(queue.items[0].sent, 40);
  Request.made[0].upload.onload();
  assert.equal(queue.items[0].state, "checking");
  assert.ok(queue.busy);
  assert.ok(told >= 3);
});

test("a cancelled file is broken off, stays cancelled, and lets the next one go", () => {
  const queue = new Queue();
  queue.add([file("a"), file("b")], "p");
  queue.cancel(queue.items[0]);
  assert.ok(Request.made[0].aborted);
  Request.made[0].onerror?.(); // what an aborted request may still say
  assert.deepEqual(states(queue), ["cancelled", "sending"]);
});

test("cancelling all starts none of those that waited", () => {
  const queue = new Queue();
  queue.add([file("a"), file("b"), file("c")], "p");
  queue.cancelAll();
  assert.deepEqual(states(queue), ["cancelled", "cancelled", "cancelled"]);
  assert.equal(Request.made.length, 1);
});

test("what failed is sent again on request; clearing forgets what ended well", () => {
  const queue = new Queue();
  queue.add([file("a"), file("b")], "p");
  Request.made[0].onerror();
  Request.made[1].answer(200, { clip: 1 });
  queue.clear(false);
  assert.deepEqual(states(queue), ["failed"]);
  queue.retry(queue.items[0]);
  assert.deepEqual(states(queue), ["sending"]);
  Request.made[2].answer(200, { clip: 2 });
  queue.clear(true);
  assert.deepEqual(queue.items, []);
});

test("what the server is reading can no longer be cancelled: its clip arrives, and is said to have", () => {
  const queue = new Queue();
  queue.add([file("a"), file("b")], "p");
  Request.made[0].upload.onload();
  assert.equal(Queue.cancellable(queue.items[0]), false);
  queue.cancelAll();
  assert.equal(Request.made[0].aborted, false);
  Request.made[0].answer(200, { clip: 3 });
  assert.deepEqual(states(queue), ["added", "cancelled"]);
});

test("a file whose answer was lost and that is there when sent again has been added, not doubled", () => {
  const queue = new Queue();
  queue.add([file("a"), file("b")], "p");
  Request.made[0].upload.onload();
  Request.made[0].onerror();
  Request.made[1].onerror(); // broken off half way: it cannot have arrived
  queue.retry(queue.items[0]);
  Request.made[2].answer(409, { error: "there, as a", duplicate_of: 7 });
  queue.retry(queue.items[1]);
  Request.made[3].answer(409, { error: "there, as b", duplicate_of: 8 });
  assert.deepEqual(states(queue), ["added", "duplicate"]);
});
