/** Why there is no picture or sound, and what to do about it. */

/**
 * @typedef {{secure: boolean, recorder: boolean, error: string | null, permission: "granted"|"denied"|"prompt"|null, host: string}} Situation
 *   `secure`: the browser trusts the page's address; `recorder`: it can record at all; `error`: the name of what asking ended with;
 *   `permission`: what the browser has been told about this page, null where it does not say
 * @typedef {{kind: "insecure"|"unable"|"not-asked"|"refused"|"closed"|"none"|"busy"|"gone"|"failed", title: string, text: string, again: string | null}} Reason
 *   `again`: what the button is called that asks (again); null where asking is no use
 */

/** @param {Situation} situation @returns {Reason} */
export function explain({ secure, recorder, error, permission, host }) {
  if (!secure) {
    const text =
      `Browsers let a page use them only at an address they trust, and ${host} is none. ` +
      "On the machine that runs the program open http://127.0.0.1 with its port; from another machine it takes https.";
    return { kind: "insecure", title: "Camera and microphone are closed to this address", text, again: null };
  }
  if (!recorder) {
    const text = "It lacks MediaRecorder. Record in a current Chrome, Edge, Firefox or Safari, or add a file in the library.";
    return { kind: "unable", title: "This browser cannot record", text, again: null };
  }
  if (permission === "denied" || (error === "NotAllowedError" && permission !== "prompt")) {
    const text =
      "The browser has been told no for this page, or the system has for the browser. Press the sign beside the address above, allow camera " +
      "and microphone for this page, then try again. If it stays so: the system's privacy settings, camera and microphone, this browser.";
    return { kind: "refused", title: "Camera and microphone were refused", text, again: "Try again" };
  }
  switch (error) {
    case null:
      return {
        kind: "not-asked",
        title: "Record a clip of your own",
        text: "The browser will ask whether this page may use them. Picture and sound go into this project and nowhere else.",
        again: "Turn on camera and microphone",
      };
    case "NotAllowedError":
      return { kind: "closed", title: "The browser's question was closed", text: "Nothing was decided. Ask again, and choose Allow.", again: "Ask again" };
    case "NotFoundError":
      return {
        kind: "none",
        title: "No camera or microphone was found",
        text: "Connect one and try again. With only one of the two, choose “none” for the other on the right.",
        again: "Try again",
      };
    case "NotReadableError":
    case "AbortError":
      return {
        kind: "busy",
        title: "Camera or microphone is in use",
        text: "Another program, or another tab, holds it. Close that one and try again.",
        again: "Try again",
      };
    case "OverconstrainedError":
      return { kind: "gone", title: "The chosen device is not there", text: "It was unplugged, perhaps. Choose another and try again.", again: "Try again" };
    case "Lost":
      return {
        kind: "gone",
        title: "Camera or microphone went away",
        text: "It was unplugged, or the permission was taken back. What had been recorded is kept below.",
        again: "Try again",
      };
    default:
      return { kind: "failed", title: "Camera and microphone could not be opened", text: `The browser says ${error}.`, again: "Try again" };
  }
}
