/** Every route the editor calls, and nothing else. */

/** @typedef {import("./types.js").ClipDocument} ClipDocument */

/** What the server answered instead of what was asked for. `status` 0: it was not reached. */
export class ServerError extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.name = "ServerError";
    this.status = status;
  }
}

/** A request that hangs this long is treated as lost. Edits are idempotent, so asking again is safe; what is drawn may first have to be made. */
const [EDIT_PATIENCE_MS, READ_PATIENCE_MS] = [20_000, 90_000];

export class Api {
  /** @param {string} base  path prefix of the server, usually empty */
  constructor(base = "") {
    this.base = base;
  }

  /** @param {number} clip @returns {Promise<ClipDocument>} */
  async document(clip) {
    const doc = await (await this.#get(`/api/clips/${clip}`)).json();
    return { ...doc, scheme: { ...doc.scheme, emotions: doc.scheme.emotions.map(withLists) } };
  }

  /** Asked for again and again: what has not changed since does not travel, the browser answers with its copy. @param {number} clip @returns {Promise<{boot: string, judgements: import("./types.js").Judgement[], lanes?: Record<string, number>}>} */
  async judgements(clip) {
    return (await this.#get(`/api/clips/${clip}/judgements`)).json();
  }

  /** Newest first. @param {string} judgement @returns {Promise<any[]>} */
  async history(judgement) {
    return (await (await this.#get(`/api/judgements/${judgement}/history`)).json()).operations;
  }

  /** The revision at which a judgement stands, removed or not; 0 if it was never there. @param {string} judgement */
  async revision(judgement) {
    try {
      return (await this.history(judgement))[0]?.revision ?? 0;
    } catch (error) {
      if (error instanceof ServerError && error.status === 404) return 0;
      throw error;
    }
  }

  /** @param {number} clip @param {object[]} operations */
  async operations(clip, operations) {
    return this.#post(`/api/clips/${clip}/operations`, { operations });
  }

  /** Of turns and cast. @param {number} clip @param {object[]} corrections */
  async corrections(clip, corrections) {
    return this.#post(`/api/clips/${clip}/corrections`, { corrections });
  }

  /** Turns and cast as they stand. @param {number} clip */
  async lanes(clip) {
    return (await this.#get(`/api/clips/${clip}/corrections`)).json();
  }

  /** @param {number} clip @param {number} analysis */
  async traces(clip, analysis) {
    return (await this.#get(`/clips/${clip}/traces?analysis=${analysis}`)).arrayBuffer();
  }

  /** Newest first. @param {number} clip @returns {Promise<{analyses: import("./types.js").AnalysisInShort[]}>} */
  async analyses(clip) {
    return (await this.#get(`/api/clips/${clip}/analyses`)).json();
  }

  /** @param {number} clip @param {number} first @param {number} second @returns {Promise<import("./types.js").Comparison>} */
  async comparison(clip, first, second) {
    return (await this.#get(`/api/clips/${clip}/comparison?first=${first}&second=${second}`)).json();
  }

  /** Start of each frame, µs. @param {number} clip */
  async frameTimes(clip) {
    return new Float64Array(await (await this.#get(`/clips/${clip}/frame-times`)).arrayBuffer());
  }

  /** Pairs (min, max), or null without sound. @param {number} clip @param {number} buckets */
  async peaks(clip, buckets) {
    const response = await this.#get(`/clips/${clip}/peaks?buckets=${buckets}`);
    return response.status === 204 ? null : new Int8Array(await response.arrayBuffer());
  }

  /** @param {number} clip @param {number} tile */
  async spectrogram(clip, tile) {
    return createImageBitmap(await (await this.#get(`/clips/${clip}/spectrogram/${tile}.png`)).blob());
  }

  /** @param {number} clip */
  media(clip) {
    return `${this.base}/clips/${clip}/media`;
  }

  /** @param {number} clip */
  poster(clip) {
    return `${this.base}/clips/${clip}/poster.jpg`;
  }

  /** @param {string} path */
  #get(path) {
    return this.#fetch(path, {});
  }

  /** @param {string} path @param {object} document */
  async #post(path, document) {
    const headers = { "Content-Type": "application/json", "X-Portrayal": "1" };
    return (await this.#fetch(path, { method: "POST", headers, body: JSON.stringify(document) })).json();
  }

  /** @param {string} path @param {RequestInit} options */
  async #fetch(path, options) {
    const patience = options.method === "POST" ? EDIT_PATIENCE_MS : READ_PATIENCE_MS;
    let response;
    try {
      response = await fetch(this.base + path, { credentials: "same-origin", signal: AbortSignal.timeout(patience), ...options });
    } catch (error) {
      throw new ServerError(0, error instanceof Error ? error.message : String(error));
    }
    if (!response.ok) throw new ServerError(response.status, await reasonOf(response));
    return response;
  }
}

/** A scheme's table holds synonyms as one text with commas, and a lab's own scheme may leave cells empty. @param {any} emotion */
function withLists(emotion) {
  const synonyms = (emotion.synonyms ?? "").split(",").map((/** @type {string} */ word) => word.trim());
  const { name_sv, definition, code } = emotion;
  return { ...emotion, name_sv: name_sv ?? "", definition: definition ?? "", code: code ?? "", synonyms: synonyms.filter(Boolean) };
}

/** @param {Response} response */
async function reasonOf(response) {
  const text = await response.text();
  try {
    return JSON.parse(text).error ?? response.statusText;
  } catch {
    // Not every answer is ours: a proxy in between speaks HTML.
    return `${response.status} ${response.statusText}`;
  }
}
