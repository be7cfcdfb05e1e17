"""The review editor as a Streamlit component.

The editor itself is the ES modules beside this file, served by `app.http.assets` and loaded by the browser as they are. It fetches a
clip's document, media and traces from the HTTP routes and sends edits there; Streamlit only says which clip is wanted, and hears which
clip the rater went on to. What the component shows for tests is written at the top of `main.js`.
"""

from __future__ import annotations

import streamlit as st
from streamlit.components.v2 import component

from app.http.assets import timeline_version

_LOADER = """
export default function (component) {
  // This text runs from a blob, against which no path resolves: the modules' address is made from the page's.
  const main = import(new URL(component.data.assets + "main.js", document.baseURI).href);
  main.then(({ mount }) => mount(component));
  return () => main.then(({ unmount }) => unmount(component.parentElement));
}
"""

_timeline = component("portrayal_timeline", js=_LOADER)


def timeline(clip_id: int, *, key: str = "timeline", parameter: str = "clip") -> None:
    """The editor for a clip, as tall as what the window has left. Call it at one place of the page, with nothing that comes and goes above.

    When the rater goes on to another clip, the editor changes over by itself, and the page's address follows: its query parameter
    `parameter` is the clip's id. Edits never pass through here.
    """

    def moved() -> None:
        st.query_params[parameter] = str(st.session_state[key]["clip"])

    _timeline(data={"clip_id": clip_id, "assets": f"/assets/timeline/{timeline_version()}/", "base": ""}, key=key, on_clip_change=moved)
