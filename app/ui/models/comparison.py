"""How models fare on the labelled clips of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.ui.models.charts import confusion_map, draw, recall_bars, reliability_diagram
from app.ui.session import Desk, services
from app.ui.states import counted, nothing_here, plain

if TYPE_CHECKING:
    from app.evaluation.clips import ClipAnswers
    from app.evaluation.recall import Confusion
    from models.types import ModelInfo

TRUTHS = {"judged": "what people judged", "intended": "what actors were asked for"}
PARTS = {"face": "Faces", "voice": "Voices"}


def comparison(at: Desk) -> None:
    if at.blind:
        nothing_here("What models say of these clips is kept back while you judge this project blind.")
        return
    with st.container(horizontal=True):
        truth = st.segmented_control("Against", list(TRUTHS), default="judged", format_func=TRUTHS.__getitem__, key="truth", required=True)
        part = st.segmented_control("Models for", list(PARTS), default="voice", format_func=PARTS.__getitem__, key="part", required=True)
    found, missing = _answers(at, part or "voice", truth or "judged")
    if not found:
        st.markdown("Nothing to compare yet: " + plain("; ".join(dict.fromkeys(missing.values())) or "no such model has run here") + ".")
        return
    _overview(at, found, truth or "judged")
    _details(at, found, truth or "judged")
    if missing:
        with st.expander(f"{counted(len(missing), 'model')} not compared"):
            for name, why in missing.items():
                st.markdown(f"**{plain(name)}**: {plain(why)}")


def _answers(at: Desk, part: str, truth: str) -> tuple[dict[str, ClipAnswers], dict[str, str]]:
    """What each model of that part said of the labelled clips, as it comes and calibrated, and why others are not compared."""
    from app.evaluation.clips import NoLabelledClips, clip_answers
    from app.evaluation.labels import Truth

    found, missing = {}, {}
    with services().database.reading() as session:
        for name, info in _infos(part).items():
            for called, calibrated in ((f"{name}, calibrated", True), (name, False)):
                try:
                    found[called] = clip_answers(session, at.project.id, part, info, Truth(truth), calibrated=calibrated)
                except NoLabelledClips as error:
                    missing[name] = str(error)
            if any(called in found for called in (name, f"{name}, calibrated")):
                missing.pop(name, None)
    return found, missing


def _infos(part: str) -> dict[str, ModelInfo]:
    from models.catalogue import face_models, voice_models

    return {name: model.info for name, model in (face_models if part == "face" else voice_models)}


def _overview(at: Desk, found: dict[str, ClipAnswers], truth: str) -> None:
    from app.evaluation.recall import belief, by_class, wilson

    families = _families(at, found, truth)
    rows = []
    for name, answers in found.items():
        classes, believed = by_class(answers), belief(answers)
        right = round(classes.right * classes.cases)
        low, high = wilson(right, classes.cases)
        rows.append(
            {
                "model": name,
                "clips": len(answers),
                "left out": answers.split + answers.unlike + answers.earlier,
                "right": f"{classes.right:.1%} ({low:.1%} to {high:.1%})",
                "mean recall": f"{classes.mean_recall:.3f}",
                "calibration error": f"{believed.ece:.3f}",
                "family right": f"{families[name].right:.1%} of {families[name].cases:,}" if families[name].cases else "–",
            }
        )
    st.dataframe(rows, hide_index=True, width="stretch")
    st.caption(
        "Of each clip the newest analysis with this version of the model counts. Left out are clips on whose label people part, whose "
        "label is none of the model's answers, or that only another version of the model has seen. Labels accepted from a suggestion "
        "measure no model. In brackets the 95 % interval. Models are compared fairly only where they saw the same clips; a calibration "
        "that was found on these very clips looks better here than it is: its own figures stand under Calibration."
    )


def _families(at: Desk, found: dict[str, ClipAnswers], truth: str) -> dict[str, Confusion]:
    from app.evaluation.labels import Truth, label_weights
    from app.evaluation.recall import by_family

    with services().database.reading() as session:
        labelled = label_weights(session, at.project.id, Truth(truth))
    return {name: by_family(answers, labelled, at.scheme) for name, answers in found.items()}


def _details(at: Desk, found: dict[str, ClipAnswers], truth: str) -> None:
    from app.evaluation.recall import belief, by_class

    by = st.segmented_control("By", ["classes", "families"], default="classes", key="by", required=True)
    tables = {name: by_class(answers) for name, answers in found.items()} if by == "classes" else _families(at, found, truth)
    order = list(dict.fromkeys(name for table in tables.values() for name in table.rows))
    draw(recall_bars([(name, table.recalls()) for name, table in tables.items()], order), key="recalls")
    for name, table in tables.items():
        if not table.cases:
            continue
        with st.expander(f"{name}: confusion and reliability", expanded=len(tables) == 1):
            wide, narrow = st.columns([1.4, 1])
            with wide:
                draw(confusion_map(table), key=f"confusion_{name}")
            with narrow:
                draw(reliability_diagram(belief(found[name])), key=f"belief_{name}")
