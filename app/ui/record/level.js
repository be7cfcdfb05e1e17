/** How loud the microphone is. */

/** What the meter shows as nothing: room noise of a quiet room lies about here. */
export const QUIETEST_DB = -60;

/** Above this a sample is at the converter's limit, and the voice is clipped. */
export const CLIPPING_DB = -0.5;

/** Root mean square and peak in dB of full scale; −∞ for silence. @param {Float32Array} samples  in ±1 */
export function levels(samples) {
  let [sum, peak] = [0, 0];
  for (const sample of samples) {
    sum += sample * sample;
    peak = Math.max(peak, Math.abs(sample));
  }
  const rms = samples.length ? Math.sqrt(sum / samples.length) : 0;
  return { rms: 20 * Math.log10(rms), peak: 20 * Math.log10(peak) };
}

/** How much of the meter is filled, 0 to 1. @param {number} db */
export function share(db) {
  return Math.min(1, Math.max(0, 1 - db / QUIETEST_DB));
}

/** Listens to a stream's sound and calls `hear` with its levels at every frame that is drawn. */
export class Meter {
  #frame = 0;

  /** @param {MediaStream} stream @param {(heard: {rms: number, peak: number}) => void} hear */
  constructor(stream, hear) {
    this.context = new AudioContext();
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 2048; // 43 ms at 48 kHz: steady to look at, quick enough to follow speech
    this.context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const look = () => {
      analyser.getFloatTimeDomainData(samples);
      hear(levels(samples));
      this.#frame = requestAnimationFrame(look);
    };
    look();
  }

  /** Browsers hold sound back until the page has been pressed. */
  wake() {
    if (this.context.state === "suspended") this.context.resume();
  }

  close() {
    cancelAnimationFrame(this.#frame);
    this.context.close();
  }
}
