"""Own components: ES modules as they lie in a folder of `app.ui`, served by `app.http.assets`, mounted by Streamlit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamlit.components.v2 import component as mounted

from app.http.assets import version_of

UI = Path(__file__).resolve().parent

# Streamlit calls the default export again at every change of its data and gives no sign before the module is there, so calls wait in
# one promise. The address is absolute: the page's own is `/`, `/review` … The module exports `show(component)` and `leave(parentElement)`.
_LOADER = """
const module = import(new URL("/assets/{folder}/{version}/{name}.js", window.location.origin).href);

export default function mount(component) {{
  module.then(({{ show }}) => show(component));
  return () => module.then(({{ leave }}) => leave(component.parentElement));
}}
"""


def component(folder: str, name: str) -> Any:
    """The mount function of the component whose module and styles are `app/ui/<folder>/<name>.js` and `.css`. Call once, at import.

    The styles go into the component's shadow root, with an empty `div.root` for the module to fill.
    """
    return mounted(
        f"portrayal_{name}",
        html='<div class="root"></div>',
        css=(UI / folder / f"{name}.css").read_text(encoding="utf-8"),
        js=_LOADER.format(folder=folder, name=name, version=version_of(folder)),
    )
