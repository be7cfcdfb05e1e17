import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameTable, SOUND_STEP_US, lastAtOrBefore } from "../../app/ui/timeline/clock.js";

// Stamps of a real clip's first frames: 30 and 15 frames a second mixed, as screen recorders and conference software write them.
const UNEVEN = [0, 33_300, 100_000, 133_300, 200_000];

test("each frame lasts from its own stamp to the next one's, however uneven they are", () => {
  const table = new FrameTable(UNEVEN, 233_300);
  assert.deepEqual(
    [0, 33_299 - 600, 33_300, 99_000, 100_000, 233_000].map((us) => table.indexAt(us)),
    [0, 0, 1, 1, 2, 4],
  );
});

test("a time that the browser rounded down still names the frame it stands for", () => {
  const table = new FrameTable([0, 33_366.7, 66_733.3], 100_000);
  assert.equal(table.indexAt(33_366), 1);
  assert.equal(table.indexAt(66_733), 2);
});

test("seeking to a frame goes half a frame past its stamp, for the last one too", () => {
  const table = new FrameTable(UNEVEN, 233_300);
  assert.deepEqual(
    [1, 2, 4].map((k) => table.seekTime(k)),
    [66_650, 116_650, 216_650],
  );
  for (let k = 0; k < table.count; k++) assert.equal(table.indexAt(table.seekTime(k)), k);
});

test("stepping past either end stays on the first and the last frame", () => {
  const table = new FrameTable(UNEVEN, 233_300);
  assert.equal(table.indexAt(table.seekTime(-3)), 0);
  assert.equal(table.indexAt(table.seekTime(99)), 4);
});

test("an edge snaps to the nearest boundary between frames, and to the clip's end", () => {
  const table = new FrameTable(UNEVEN, 233_300);
  assert.deepEqual(
    [20_000, 70_000, 110_000, 230_000].map((us) => table.snap(us)),
    [33_300, 100_000, 100_000, 233_300],
  );
});

test("the frame before an edge is the one that ends there, not the one that begins", () => {
  const table = new FrameTable(UNEVEN, 233_300);
  assert.deepEqual(
    [33_300, 100_000, 233_300].map((us) => table.indexBefore(us)),
    [0, 1, 4],
  );
});

test("before the first stamp there is the first frame", () => {
  assert.equal(new FrameTable([507, 45_000], 90_000).indexAt(0), 0);
});

test("a clip without video is stepped through on an even grid", () => {
  const table = FrameTable.grid(1_000_000);
  assert.equal(table.real, false);
  assert.equal(table.start(3), 3 * SOUND_STEP_US);
});

test("the last value at or before x is found by halving", () => {
  assert.deepEqual(
    [-1, 0, 5, 10, 99].map((x) => lastAtOrBefore([0, 10, 20], x)),
    [-1, 0, 0, 1, 2],
  );
  assert.equal(lastAtOrBefore([], 5), -1);
});
