"""Every model as a card: what it says, under which licence, and whether its weights are here."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from app.fetching import Fetch, Fetches
from app.ui.session import Desk
from app.ui.states import counted, plain
from models.types import Modality, ModelInfo

KINDS = {
    Modality.DETECTOR: ("Face detectors", "where faces are"),
    Modality.FACE: ("Face models", "what a face shows"),
    Modality.LANDMARKS: ("Face landmarks", "points on a face, its pose and gaze"),
    Modality.IDENTITY: ("Identity", "which faces are one person"),
    Modality.BODY: ("Body", "points on the people"),
    Modality.SPEECH: ("Speech", "when somebody speaks"),
    Modality.SPEAKER: ("Speakers", "who speaks when"),
    Modality.VOICE: ("Voice models", "how a voice sounds, and what is said"),
}

LOOK_S = 1.0
"""Between two looks at a fetch that goes on."""


@cache
def fetches() -> Fetches:
    """Those of this process: they go on while pages come and go."""
    return Fetches()


def cards(_: Desk) -> None:
    """All models by kind. No weights are loaded for this."""
    only = st.segmented_control("Show", ["all", "ready here", "not ready"], default="all", key="models_shown", label_visibility="collapsed")
    st.fragment(_cards, run_every=LOOK_S if fetches().going_on else None)(only or "all")


def _cards(only: str) -> None:
    from models.catalogue import KINDS as REGISTRIES
    from models.catalogue import facts

    watched = fetches().going_on
    for modality, (title, what) in KINDS.items():
        there = [(model.info, facts(model)) for _, model in REGISTRIES[modality]]
        shown = [(info, known) for info, known in there if only == "all" or known["ready"] == (only == "ready here")]
        if shown:
            st.subheader(title, help=f"They say {what}.")
            for info, known in shown:
                _card(info, known)
    if watched and not fetches().going_on:
        st.rerun()


def _card(info: ModelInfo, facts: dict[str, Any]) -> None:
    with st.container(border=True, key=f"card_{facts['name']}"):
        name, says, does = st.columns([1.1, 3, 1])
        with name:
            badge = ":green-badge[ready]" if facts["ready"] else ":orange-badge[not here]"
            st.markdown(f"**{plain(facts['name'])}**  {badge}")
            st.caption(plain(facts["version"]))
        with says:
            st.markdown(plain(facts["summary"]))
            labels = f"Says {', '.join(facts['labels'])}. " if facts["labels"] else ""
            st.caption(plain(f"{labels}Licence: {facts['licence']}."))
            if facts["advice"]:
                st.caption(f":material/build: {plain(facts['advice'])}")
            _outcome(info.name)
        with does:
            _weights(info, facts["weights"])


def _weights(info: ModelInfo, files: list[dict[str, Any]]) -> None:
    if not files:
        st.caption("Comes with the program.")
        return
    sizes = [file["size"] for file in files]
    st.caption(f"{counted(len(sizes), 'file')}" + (f", {megabytes(sum(sizes))}" if all(sizes) else ""))
    fetch = fetches().of(info.name)
    if fetch is not None and not fetch.over:
        _going(fetch)
    elif _to_fetch(info):
        st.button(
            "Fetch", key=f"fetch_{info.name}", icon=":material/download:", on_click=fetches().begin, args=(info.name,), width="stretch"
        )
    elif all(file["here"] for file in files) and st.button(
        "Check", key=f"check_{info.name}", icon=":material/verified:", width="stretch", help="Compares each file with its sha256."
    ):
        _check(info)


def _outcome(name: str) -> None:
    """How its last fetch ended, where it did not end well."""
    fetch = fetches().of(name)
    if fetch is not None and fetch.error:
        st.error(plain(fetch.error))
    elif fetch is not None and fetch.stopped:
        st.caption("Stopped. What came so far is kept; Fetch goes on from there.")


def _to_fetch(info: ModelInfo) -> bool:
    """Whether something of it is not here and can be had from somewhere."""
    from models.weights.files import InstalledPackage, OwnFile
    from models.weights.store import store

    here = store().here(info)
    return any(file not in here and not isinstance(file.source, InstalledPackage | OwnFile) for file in info.weights)


def _going(fetch: Fetch) -> None:
    what = megabytes(fetch.done) + ("" if fetch.total is None else f" of {megabytes(fetch.total)}")
    st.progress(fetch.share or 0.0, what)
    st.button("Stop", key=f"stop_{fetch.model}", on_click=fetches().stop, args=(fetch.model,), width="stretch")


def _check(info: ModelInfo) -> None:
    from models.weights.store import store

    with st.spinner("Reading the files …"):
        problems = [problem for file in store().here(info) if (problem := store().examine(info, file))]
    if problems:
        st.error(plain(" ".join(problems)))
    else:
        st.success("Every file is the one that was pinned.")


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
