"""What of a project to show: search and order in the toolbar, facets with their counts in the sidebar."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.library import Facets, Filters, Seen, Sort, Work, facets
from app.ui.session import Desk, services

LABELLED = {True: "Labelled by me", False: "Not labelled by me"}


def search_and_order(*, blind: bool) -> Filters:
    """The part that stands in the toolbar. In a blind project nothing is found or ordered by what file names say."""
    text = st.text_input(
        "Search",
        key="search",
        type="search",
        live=True,
        icon=":material/search:",
        placeholder="Clip number" if blind else "File name, actor, corpus",
        label_visibility="collapsed",
        persist_state="session",
    )
    sorts = [sort for sort in Sort if not (blind and sort is Sort.NAME)]
    sort = st.selectbox(
        "Order",
        sorts,
        key="sort",
        format_func=lambda sort: (
            f"{sort.value.capitalize()} first" if sort in (Sort.NEWEST, Sort.OLDEST, Sort.LONGEST) else f"By {sort.value}"
        ),
        label_visibility="collapsed",
        width=140,
        required=True,
        persist_state="session",
    )
    return Filters(text=text or "", sort=sort, blind=blind)


def facet_filters(at: Desk, filters: Filters) -> Filters:
    """The part in the sidebar, added to `filters`."""
    with services().database.reading() as session:
        there = facets(session, at.project)
    with st.sidebar:
        work = _one("Models", {work: work.value.capitalize() for work in Work}, key="filter_work")
        labelled = _one("Labels", LABELLED, key="filter_labelled")
        seen = st.multiselect(
            "Found by the models",
            list(Seen),
            placeholder="Any",
            format_func=lambda seen: seen.value.capitalize(),
            key="filter_seen",
            persist_state="session",
        )
        families = [] if at.blind else _several("Intended emotion", _family_names(at, there), key="filter_families")
        corpora = _several("Corpus", there.corpora, key="filter_corpora")
        actors = _several("Actor", there.actors, key="filter_actors")
        st.button("Clear filters", on_click=_clear, type="tertiary", icon=":material/filter_alt_off:")
    ids = {family.name: family.id for family in at.scheme.families}
    return replace(
        filters,
        work=work,
        labelled=labelled,
        seen=tuple(seen),
        families=tuple(ids[name] for name in families),
        corpora=tuple(corpora),
        actors=tuple(actors),
    )


def _family_names(at: Desk, there: Facets) -> dict[str, int]:
    return {family.name: there.families[family.id] for family in at.scheme.families if family.id in there.families}


def _one(label: str, choices: dict, *, key: str):
    options = list(choices)
    return st.selectbox(label, options, index=None, placeholder="Any", format_func=choices.__getitem__, key=key, persist_state="session")


def _several(label: str, counts: dict[str, int], *, key: str) -> list[str]:
    if not counts:
        return []
    return st.multiselect(
        label,
        list(counts),
        placeholder="Any",
        format_func=lambda value: f"{value} ({counts.get(value, 0):,})",
        key=key,
        persist_state="session",
    )


def _clear() -> None:
    st.session_state["search"] = ""
    for key in [key for key in st.session_state if str(key).startswith("filter_")]:
        st.session_state[key] = None if key in ("filter_work", "filter_labelled") else []
