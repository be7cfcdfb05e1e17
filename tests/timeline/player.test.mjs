/** Which frame is shown, and at what time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { actsOf } from "../../app/ui/timeline/acts.js";
import { FrameTable } from "../../app/ui/timeline/clock.js";
import { Player } from "../../app/ui/timeline/player.js";
import { formatTime } from "../../app/ui/timeline/time.js";

/** What the player needs of a `<video>`: a clock that is where it is put at once, and no frames of its own. */
class Video extends EventTarget {
  paused = true;
  ended = false;
  #time = 0;
  requestVideoFrameCallback() {}
  removeAttribute() {}
  getAttribute() {
    return null;
  }
  pause() {
    this.paused = true;
  }
  async play() {
    this.paused = false;
  }
  get currentTime() {
    return this.#time;
  }
  set currentTime(seconds) {
    this.#time = seconds;
    this.dispatchEvent(new Event("seeked"));
  }
}

function playerOf(stamps, durationUs) {
  const player = new Player(new Video(), new AbortController().signal);
  player.open("clip", null, new FrameTable(stamps, durationUs));
  return player;
}

const EVEN = Array.from({ length: 125 }, (_, k) => k * 40_000);
const UNEVEN = [0, 33_367, 100_100, 133_467, 200_200];

test("the time read out is the stamp of the frame on screen, though the seek goes half a frame past it", () => {
  for (const [stamps, durationUs] of [
    [EVEN, 5_015_000],
    [UNEVEN, 233_567],
  ]) {
    const player = playerOf(stamps, durationUs);
    for (let k = 1; k < stamps.length; k++) {
      player.step(1);
      assert.deepEqual([player.frame, player.shownUs, player.placeUs], [k, stamps[k], stamps[k]]);
      assert.equal(Math.round(player.video.currentTime * 1e6), Math.round(player.table.seekTime(k)));
    }
  }
});

test("frame 80 at 25 frames a second reads 0:03.200", () => {
  const player = playerOf(EVEN, 5_015_000);
  for (let n = 0; n < 8; n++) player.step(10);
  assert.equal(formatTime(player.shownUs), "0:03.200");
});

test("within a picture that stands, the playhead is where the sound is; the time read out is still the picture's", () => {
  const player = playerOf([0, 40_000, 5_000_000], 5_040_000);
  player.seek(2_500_000);
  assert.deepEqual([player.frame, player.shownUs, player.placeUs], [1, 40_000, 2_500_000]);
});

test("while playing the playhead goes on within a frame", () => {
  const player = playerOf(EVEN, 5_015_000);
  player.play();
  player.video.currentTime = 1.015;
  player.frame = 25;
  assert.deepEqual([player.shownUs, player.placeUs], [1_000_000, 1_015_000]);
});

test("without frames the clock's own time is read out", () => {
  const player = new Player(new Video(), new AbortController().signal);
  player.open("clip", null, FrameTable.grid(3_000_000));
  player.seek(1_234_567);
  assert.deepEqual([player.shownUs, player.placeUs], [1_234_567, 1_234_567]);
});

/** The editor's `i` and `o` on one tier, with the marks that they leave. */
function marking(stamps, durationUs) {
  const player = playerOf(stamps, durationUs);
  const desk = {
    tier: "clip",
    marked: null,
    done: [],
    segments: () => desk.done,
    mark: (_tier, startUs, endUs) => (desk.marked = { startUs, endUs }),
  };
  const acts = actsOf({ desk, player, view: { durationUs } }, () => {});
  const stretch = (first, last) => {
    desk.marked = null;
    player.seek(player.table.seekTime(first));
    acts.markIn();
    player.seek(player.table.seekTime(last));
    acts.markOut();
    desk.done.push({ start_us: desk.marked.startUs, end_us: desk.marked.endUs });
    return desk.marked;
  };
  return { player, stretch };
}

test("in at frame 10 and out at frame 30 are 21 frames: the frame on screen belongs to the stretch at both ends", () => {
  const { player, stretch } = marking(EVEN, 5_015_000);
  const { startUs, endUs } = stretch(10, 30);
  assert.deepEqual([startUs, endUs], [EVEN[10], EVEN[31]]);
  assert.equal(EVEN.filter((us) => startUs <= us && us < endUs).length, 21);
  assert.equal(player.table.indexBefore(endUs), 30);
});

test("a stretch that begins with the first frame after another one touches it and does not overlap", () => {
  const { stretch } = marking(UNEVEN, 233_567);
  const before = stretch(0, 1);
  const after = stretch(2, 4);
  assert.equal(after.startUs, before.endUs);
  assert.equal(after.endUs, 233_567);
});
