/** What stands in for a poster where there is only sound: the clip's own waveform. */

const BUCKETS = 96;

/** Drawn once it comes near the window; a page of sixty clips asks for no more than is looked at. @param {number} clip */
export function waveform(clip) {
  const canvas = document.createElement("canvas");
  canvas.className = "wave";
  const watcher = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      load(clip).then((peaks) => peaks && draw(canvas, peaks));
    },
    { rootMargin: "300px" },
  );
  watcher.observe(canvas);
  return canvas;
}

/** (min, max) for each of BUCKETS equal stretches, −127 to 127; null where there is no sound or it could not be had. @param {number} clip */
async function load(clip) {
  const answer = await fetch(`/clips/${clip}/peaks?buckets=${BUCKETS}`).catch(() => null);
  return answer?.status === 200 ? new Int8Array(await answer.arrayBuffer()) : null;
}

/** @param {HTMLCanvasElement} canvas @param {Int8Array} peaks */
function draw(canvas, peaks) {
  const count = peaks.length / 2;
  const [step, middle] = [4, 60];
  canvas.width = count * step;
  canvas.height = 2 * middle;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.fillStyle = getComputedStyle(canvas).color;
  const loudest = Math.max(16, ...peaks.map(Math.abs)); // quiet clips fill the tile, too; near-silence stays a line
  for (let k = 0; k < count; k += 1) {
    const top = (peaks[2 * k + 1] / loudest) * (middle - 6);
    const bottom = (peaks[2 * k] / loudest) * (middle - 6);
    pen.fillRect(k * step, middle - top - 0.5, step - 1.5, Math.max(1, top - bottom + 1));
  }
}
