/** The elements of the recorder: stage, controls, fields. It shows what it is told and says what was pressed. */

import { NONE } from "./camera.js";
import { element, lengthText, sizeText } from "./dom.js";
import { CLIPPING_DB, QUIETEST_DB, share } from "./level.js";

/** @typedef {import("./phases.js").Phase} Phase */
/** @typedef {import("./phases.js").Act} Act */

/** Seconds before a recording begins. */
const COUNTDOWNS = [0, 3, 5, 10];

/** How long the meter says that it was too loud: long enough to be seen after the word. */
const CLIPPED_MS = 1500;

const SAYS = {
  off: "",
  asking: "Waiting for the browser's permission …",
  ready: "Ready",
  counting: "Recording begins …",
  recording: "Recording",
  paused: "Paused",
  ending: "Saving the take …",
  judging: "Keep this take?",
};

export class Screen {
  /** @type {string} */ #playing = "";
  #clipped = 0;

  /** @param {{act(act: Act): void, ask(): void, choose(): void, edit(): void}} told */
  constructor(told) {
    const button = (/** @type {string} */ kind, /** @type {string} */ text, /** @type {string} */ key, /** @type {Act} */ act) =>
      element(`button.${kind}`, { type: "button", "aria-keyshortcuts": key, "data-act": act, onclick: () => told.act(act) }, text, element("kbd", {}, key));
    this.live = element("video.live", { muted: true, playsInline: true, autoplay: true, "aria-label": "What the camera sees, mirrored" });
    this.play = element("video.play", { controls: true, playsInline: true, "aria-label": "Playback" });
    this.play.onloadedmetadata = () => this.#findEnd();
    this.sound = element("div.soundonly", { "aria-hidden": "true" }, "Sound only");
    this.count = element("div.count", { "aria-live": "assertive" });
    this.title = element("h2");
    this.text = element("p");
    this.again = element("button.main", { type: "button", onclick: () => told.ask() });
    this.reason = element("div.reason", { "data-testid": "reason" }, this.title, this.text, this.again);
    this.badge = element("div.badge", {}, element("span.dot", { "aria-hidden": "true" }), element("span"));
    this.stage = element("div.stage", {}, this.live, this.play, this.sound, this.reason, this.count, this.badge);

    this.fill = element("span.fill");
    this.meter = element(
      "div.meter",
      { role: "meter", "aria-label": "Loudness of the microphone", "aria-valuemin": String(QUIETEST_DB), "aria-valuemax": "0", title: "Loudness of the microphone. Red: too loud, the voice is clipped" },
      this.fill,
    );
    this.state = element("span.state", { role: "status" });
    this.length = element("span.length", { "data-testid": "length" });
    this.size = element("span.size");
    this.buttons = {
      record: button("main.record", "Record", "Space", "record"),
      cancel: button("plain", "Not yet", "Space", "cancel"),
      stop: button("main.stop", "Stop", "Space", "stop"),
      pause: button("plain", "Pause", "P", "pause"),
      resume: button("plain", "Go on", "P", "resume"),
      keep: button("main", "Keep", "Enter", "keep"),
      retake: button("plain", "Retake", "R", "retake"),
      discard: button("plain", "Discard", "D", "discard"),
    };
    this.controls = element("div.controls", {}, ...Object.values(this.buttons), this.state, this.length, this.size, this.meter);

    const field = (/** @type {string} */ label, /** @type {HTMLElement} */ input, /** @type {string} */ hint = "") => {
      const id = `hint-${label.replaceAll(" ", "-")}`;
      if (hint) input.setAttribute("aria-describedby", id);
      return element("div.field", {}, element("label", {}, element("span", {}, label), input), hint ? element("small", { id }, hint) : null);
    };
    const choose = () => told.choose();
    const edit = () => told.edit();
    this.camera = element("select", { onchange: choose });
    this.microphone = element("select", { onchange: choose });
    this.countdown = element(
      "select",
      {},
      ...COUNTDOWNS.map((s) => element("option", { value: String(s), selected: s === 3 }, s ? `${s} seconds` : "none")),
    );
    this.name = element("input", { type: "text", autocomplete: "off", spellcheck: false, maxLength: 200, oninput: edit });
    this.actor = element("input", { type: "text", autocomplete: "off", spellcheck: false, maxLength: 80, oninput: edit });
    this.intended = element("select", { onchange: edit });
    this.format = element("small.format");
    this.fields = element(
      "div.fields",
      {},
      field("Camera", this.camera),
      field("Microphone", this.microphone),
      this.format,
      field("Countdown", this.countdown),
      element("hr"),
      field("Name of the take", this.name),
      field("Actor", this.actor, "If you like. Stays for the next take."),
      field("Intended emotion", this.intended, "What the actor was asked for, not what you think you see."),
    );
    this.node = element("div.recorder", {}, element("div.left", {}, this.stage, this.controls), this.fields);
  }

  /** @param {Phase} phase @param {{stream: MediaStream | null, reason: import("./words.js").Reason | null}} at */
  phase(phase, { stream, reason }) {
    const live = phase !== "judging" && stream !== null;
    const shows = { live: live && stream.getVideoTracks().length > 0, play: phase === "judging", reason: !live && phase !== "judging" && reason !== null };
    this.node.dataset.phase = phase;
    this.live.hidden = !shows.live;
    this.play.hidden = !shows.play;
    this.sound.hidden = !live || shows.live;
    this.reason.hidden = !shows.reason;
    if (this.live.srcObject !== stream) this.live.srcObject = stream;
    if (reason) {
      this.reason.dataset.kind = reason.kind;
      this.title.textContent = reason.title;
      this.text.textContent = reason.text;
      this.again.textContent = reason.again ?? "";
      this.again.hidden = reason.again === null || phase === "asking";
    }
    this.badge.hidden = phase !== "recording" && phase !== "paused";
    this.badge.lastChild.textContent = phase === "paused" ? "Paused" : "Recording";
    if (phase !== "counting") this.count.textContent = "";
    const on = { record: phase === "ready", cancel: phase === "counting", stop: phase === "recording" || phase === "paused", pause: phase === "recording", resume: phase === "paused" };
    const judging = phase === "judging";
    for (const [act, node] of Object.entries({ ...this.buttons })) node.hidden = !({ ...on, keep: judging, retake: judging, discard: judging })[act];
    this.meter.hidden = !live || stream.getAudioTracks().length === 0;
    this.state.textContent = SAYS[phase];
    for (const select of [this.camera, this.microphone]) select.disabled = phase !== "off" && phase !== "ready";
    this.#say(stream, live);
  }

  /** @param {number} lengthMs @param {number} size */
  progress(lengthMs, size) {
    this.length.textContent = lengthMs || size ? lengthText(lengthMs) : "";
    this.size.textContent = size ? sizeText(size) : "";
  }

  /** @param {{rms: number, peak: number}} heard */
  loudness({ rms, peak }) {
    const now = performance.now();
    if (peak > CLIPPING_DB) this.#clipped = now + CLIPPED_MS;
    this.meter.classList.toggle("clipped", now < this.#clipped);
    this.fill.style.width = `${100 * share(rms)}%`;
    this.meter.setAttribute("aria-valuenow", String(Math.round(Math.max(QUIETEST_DB, rms))));
  }

  /** @param {string} address  of the take's file, "" for none */
  playback(address) {
    if (this.#playing) URL.revokeObjectURL(this.#playing);
    this.#playing = address;
    if (address) this.play.src = address;
    else this.play.removeAttribute("src");
    this.play.load();
  }

  playOrPause() {
    if (this.play.paused) this.play.play();
    else this.play.pause();
  }

  /** @param {{cameras: MediaDeviceInfo[], microphones: MediaDeviceInfo[]}} there @param {import("./camera.js").Choice} choice */
  devices({ cameras, microphones }, choice) {
    const fill = (/** @type {any} */ select, /** @type {MediaDeviceInfo[]} */ list, /** @type {string} */ chosen, /** @type {string} */ other, /** @type {string} */ none) => {
      select.replaceChildren(
        element("option", { value: "" }, "the browser's choice"),
        ...list.map((one, k) => element("option", { value: one.deviceId }, one.label || `number ${k + 1}`)),
        element("option", { value: NONE, disabled: other === NONE }, none),
      );
      select.value = chosen;
      if (select.selectedIndex < 0) select.value = "";
    };
    fill(this.camera, cameras, choice.camera, choice.microphone, "none: sound only");
    fill(this.microphone, microphones, choice.microphone, choice.camera, "none: picture only");
  }

  /** @param {{name: string, emotions: {id: string, name: string}[]}[]} families */
  emotions(families) {
    const { value } = this.intended;
    const option = (/** @type {{id: string, name: string}} */ { id, name }) => element("option", { value: id }, name);
    this.intended.replaceChildren(
      element("option", { value: "" }, "not said"),
      ...families.map(({ name, emotions }) => element("optgroup", { label: name }, ...emotions.map(option))),
    );
    this.intended.value = value;
    if (this.intended.selectedIndex < 0) this.intended.value = "";
  }

  /** What the devices really give. @param {MediaStream | null} stream @param {boolean} live */
  #say(stream, live) {
    const picture = live ? stream?.getVideoTracks()[0]?.getSettings() : undefined;
    const rate = picture?.frameRate ? `, up to ${Math.round(picture.frameRate)} frames a second` : "";
    this.format.textContent = picture?.width ? `${picture.width} × ${picture.height}${rate}` : "";
  }

  /** Recordings do not say how long they are; a player that is sent past the end finds out. */
  #findEnd() {
    if (this.play.duration !== Infinity) return;
    this.play.ondurationchange = () => {
      this.play.ondurationchange = null;
      this.play.currentTime = 0;
    };
    this.play.currentTime = Number.MAX_SAFE_INTEGER;
  }
}
