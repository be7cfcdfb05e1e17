"""Which models a project's clips are analysed with where nobody says otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from app.analysis.plan import AnalysisPlan
from app.analysis.usual import set_usual_plan, usual_plan
from app.ui.session import Desk, services
from app.ui.states import plain
from models.types import Modality

NOTICE = "models_notice"

NONE = "none"

CHOICES = (
    ("detector", Modality.DETECTOR, "Face detector", False),
    ("face", Modality.FACE, "Face model", True),
    ("landmarks", Modality.LANDMARKS, "Face landmarks", True),
    ("identity", Modality.IDENTITY, "Identity", True),
    ("body", Modality.BODY, "Body", True),
    ("speech", Modality.SPEECH, "Speech", False),
    ("speakers", Modality.SPEAKER, "Speakers", True),
    ("voice", Modality.VOICE, "Voice model", True),
)
"""Field of the plan, kind, what it is called, and whether it can be left out."""


def usual(at: Desk) -> None:
    if notice := st.session_state.pop(NOTICE, None):
        st.toast(notice)
    st.caption(f"New clips of {plain(at.project.name)} are analysed with these, and Analyse in the library proposes them.")
    with st.form("usual_models", border=False, width=520):
        chosen = plan_fields(usual_plan(at.project), key=f"usual_{at.project.id}")
        saved = st.form_submit_button("Save")
    if saved:
        try:
            with services().database.writing() as session:
                set_usual_plan(session, at.project.id, chosen)
        except (LookupError, RuntimeError, ValueError) as error:
            st.error(plain(str(error)))
        else:
            st.session_state[NOTICE] = "Saved for this project."
            st.rerun()


def plan_fields(plan: AnalysisPlan, key: str, fields: Sequence[str] | None = None) -> AnalysisPlan:
    """One picker for each part of a plan, or for those named: the models that can run here, and what the plan says already.

    `key` names the pickers, so that what was chosen for one project is not taken for another's.
    """
    chosen = {
        field: _pick(title, modality, getattr(plan, field), optional, f"{key}_{field}")
        for field, modality, title, optional in CHOICES
        if fields is None or field in fields
    }
    return replace(plan, **chosen)


def _pick(title: str, modality: Modality, usual: str | None, optional: bool, key: str) -> str | None:
    from models.catalogue import KINDS

    ready = [name for name, model in KINDS[modality] if model.available().ready]
    names = sorted({*ready, *([usual] if usual else [])}, key=lambda name: (name != usual, name))
    if optional:
        names = [NONE, *names] if usual is None else [*names, NONE]
    chosen = st.selectbox(title, names, key=key, format_func=lambda name: name if name in ready or name == NONE else f"{name} (not here)")
    return None if chosen == NONE else chosen
