import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameTable } from "../../app/ui/timeline/clock.js";
import { meansWithin } from "../../app/ui/timeline/stretch.js";
import { Plane, Trace, parseTraces } from "../../app/ui/timeline/traces.js";

const face = (times, bytes) =>
  new Trace({ kind: "face", subject: 1, model: "m", label_set: "s" }, Float64Array.from(times), [
    new Plane("p:happy", Uint8Array.from(bytes), 0, 1),
  ]);

function binary(header, planes) {
  const head = new TextEncoder().encode(JSON.stringify(header));
  const start = Math.ceil((4 + head.length) / 8) * 8;
  const buffer = new ArrayBuffer(start + planes.length);
  new DataView(buffer).setUint32(0, head.length, true);
  new Uint8Array(buffer).set(head, 4);
  new Uint8Array(buffer).set(planes, start);
  return buffer;
}

test("the binary is read as written: float64 times, u8 values on their scale, 255 missing", () => {
  const times = new Uint8Array(Float64Array.from([0, 40_000, 80_000]).buffer);
  const head = {
    kind: "face",
    subject: 2,
    model: "fer",
    label_set: "fer7",
    times: { offset: 0, count: 3 },
    columns: [{ name: "yaw", offset: 24, min: -127, max: 127 }],
  };
  const [trace] = parseTraces(binary({ analysis: 1, traces: [head] }, Uint8Array.from([...times, 0, 255, 254])));
  assert.equal(trace.subject, 2);
  assert.deepEqual([...trace.times], [0, 40_000, 80_000]);
  assert.deepEqual(
    [0, 1, 2].map((i) => trace.planes.get("yaw").at(i)),
    [-127, NaN, 127],
  );
});

test("missing is left out of means and ranges, and alone it is missing, not zero", () => {
  const plane = new Plane("v", Uint8Array.from([0, 255, 254, 255]), 0, 1);
  assert.equal(plane.mean(0, 4), 0.5);
  assert.deepEqual(plane.range(0, 4), [0, 1]);
  assert.ok(Number.isNaN(plane.mean(1, 2)));
  assert.equal(plane.range(3, 4), null);
});

test("where no face is seen, no column of the screen has a point", () => {
  // Seen at 0–80 ms and again from 400 ms.
  const trace = face([0, 40_000, 80_000, 400_000, 440_000], [1, 1, 1, 1, 1]);
  const { low, high } = trace.columns({ startUs: 0, usPerPx: 40_000 }, 12);
  assert.deepEqual(
    [...low].map((from, x) => high[x] - from),
    [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1],
  );
  assert.equal(trace.indexAt(200_000), -1);
});

test("uneven frames are no gaps once the frame table is known", () => {
  const stamps = [0, 33_000, 100_000, 133_000, 233_000];
  const trace = face(stamps, [1, 2, 3, 4, 5]);
  trace.align(new FrameTable(stamps, 266_000));
  assert.deepEqual(
    [10_000, 99_000, 232_000, 265_000].map((us) => trace.indexAt(us)),
    [0, 1, 3, 4],
  );
  const { low, high } = trace.columns({ startUs: 0, usPerPx: 1_000 }, 266);
  assert.ok([...low].every((from, x) => high[x] > from));
});

test("every point falls into a column, however far one has zoomed out", () => {
  const count = 18_000;
  const trace = face(
    Array.from({ length: count }, (_, i) => i * 33_333),
    new Uint8Array(count).fill(7),
  );
  const { low, high } = trace.columns({ startUs: 0, usPerPx: (count * 33_333) / 800 }, 800);
  const seen = new Set();
  low.forEach((from, x) => {
    for (let i = from; i < high[x]; i++) seen.add(i);
  });
  assert.equal(seen.size, count);
});

const voice = (...middles) => new Trace({ kind: "voice", subject: null, model: "m", label_set: "s" }, Float64Array.from(middles), []);

test("a voice window speaks for the stretch around its middle, the first from the recording's start, the last to its end", () => {
  const trace = voice(750_000, 1_000_000, 1_250_000);
  assert.deepEqual(
    [0, 870_000, 880_000, 1_120_000, 1_130_000, 1_999_999, 2_000_000].map((us) => trace.indexAt(us)),
    [0, 0, 1, 1, 2, 2, -1],
  );
});

test("the one window of a short recording speaks for all of it", () => {
  const { low, high } = voice(600_000).columns({ startUs: 0, usPerPx: 100_000 }, 14);
  assert.deepEqual(
    [...low].map((from, x) => high[x] - from),
    [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0],
  );
});

test("the means within a stretch leave out what was not scored, and say where nothing was", () => {
  const trace = face([0, 40_000, 80_000, 120_000], [254, 255, 0, 127]);
  assert.deepEqual(meansWithin([trace], 0, 120_000), [{ title: "Face 1", classes: [{ name: "happy", mean: 0.5 }], points: 3 }]);
  assert.deepEqual(meansWithin([trace], 41_000, 79_000)[0].classes, []);
  assert.deepEqual(meansWithin([trace], 900_000, 990_000)[0].points, 0);
});
