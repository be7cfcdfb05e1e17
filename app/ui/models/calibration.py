"""How far a model can be believed, before and after calibration, and calibrating it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.ui.models.charts import draw, reliability_diagram
from app.ui.session import Desk, services
from app.ui.states import plain
from models.calibration.kept import Calibration
from models.calibration.reliability import Reliability

NOTICE = "calibration_notice"

SOURCES = {
    "judged": "this project's clips, as people judged them",
    "intended": "this project's clips, as actors were asked",
    "faces": "labelled faces in a folder or tar file of this machine",
}


def calibration(at: Desk) -> None:
    from models.calibration.kept import calibration_of
    from models.catalogue import face_models, voice_models

    if notice := st.session_state.pop(NOTICE, None):
        st.toast(notice)
    models = dict([*face_models, *voice_models])
    choosing, showing = st.columns([1, 1.8], gap="large")
    with choosing:
        name = st.selectbox("Model", list(models), key="calibrated_model", persist_state="session")
        info = models[name].info
        st.caption(
            "A network's probabilities are mostly surer than they should be. A calibration, found on labelled cases, brings them to "
            "what they are worth; later analyses of every project use it and say so."
        )
        _calibrate(at, name)
    with showing:
        there = calibration_of(info)
        if there is None:
            st.markdown(f"No calibration is in force for **{plain(name)}**: its probabilities are shown as the model gives them.")
        else:
            _in_force(there)


def _in_force(there: Calibration) -> None:
    st.markdown(f"In force, made {there.made_at[:10]} on {plain(there.data)}: **{_what(there)}**")
    st.dataframe(
        [_row("as it comes", there.before), _row("calibrated, on cases it was not found on", there.after)],
        hide_index=True,
        width="stretch",
    )
    draw(reliability_diagram(there.before, there.after), key="reliability")


def _what(there: Calibration) -> str:
    how = there.map.document()
    return f"temperature {how['temperature']:.3f}" if how["method"] == "temperature" else "isotonic, a staircase for each class"


def _row(name: str, one: Reliability) -> dict[str, object]:
    return {
        "": name,
        "cases": one.cases,
        "calibration error": f"{one.ece:.3f}",
        "log loss": f"{one.log_loss:.3f}",
        "Brier": f"{one.brier:.3f}",
        "right": f"{one.right:.1%}",
        "mean recall": f"{one.mean_recall:.3f}",
    }


def _calibrate(at: Desk, name: str) -> None:
    on = st.radio("Calibrate on", list(SOURCES), format_func=SOURCES.__getitem__, key="calibrate_on")
    path = st.text_input("Folder or tar file, one folder a class", key="calibrate_path") if on == "faces" else ""
    go, forget = st.columns(2)
    if go.button("Calibrate", type="primary", key="calibrate", disabled=on == "faces" and not path, width="stretch"):
        _run(at, name, on or "judged", path or "")
    if forget.button(
        "Out of force", key="forget_calibration", width="stretch", help="Takes a calibration that was made here out of force."
    ):
        from models.calibration.kept import forget as take_out

        st.session_state[NOTICE] = "Out of force." if take_out(name) else "No calibration was made here."
        st.rerun()


def _run(at: Desk, name: str, on: str, path: str) -> None:
    from app.evaluation.calibrating import NotCalibrated, calibrate_on_clips, calibrate_on_faces
    from app.evaluation.clips import NoLabelledClips, Truth
    from app.evaluation.faces import NoFaces
    from models.calibration.fitting import TooFewLabels
    from models.types import WeightsMissing

    try:
        with st.spinner("Calibrating …"):
            if on == "faces":
                calibrate_on_faces(name, Path(path).expanduser())
            else:
                with services().database.reading() as session:
                    calibrate_on_clips(session, at.project, name, Truth(on))
    except (NotCalibrated, NoLabelledClips, NoFaces, TooFewLabels, WeightsMissing, OSError) as error:
        st.error(plain(str(error)))
    else:
        st.session_state[NOTICE] = f"{name} is calibrated; later analyses use it."
        st.rerun()
