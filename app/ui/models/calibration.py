"""How far a model can be believed, before and after calibration, and calibrating it."""

from __future__ import annotations

import streamlit as st

from app import face_calibration
from app.face_calibration import FaceCalibration, NoSuchFaces
from app.ui.models.charts import draw, reliability_diagram
from app.ui.session import Desk, services
from app.ui.states import plain
from models.calibration.kept import Calibration
from models.calibration.reliability import Reliability

NOTICE = "calibration_notice"
PROBLEM = "calibration_problem"
POLL_S = 1.0

SOURCES = {
    "judged": "this project's clips, as people judged them",
    "intended": "this project's clips, as actors were asked",
    "faces": "labelled faces in a folder or tar file of this machine",
}


def calibration(at: Desk) -> None:
    from models.calibration.kept import CalibrationDamaged, calibration_of
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
        try:
            there = calibration_of(info)
        except CalibrationDamaged as error:
            st.error(plain(str(error)))
            return
        if there is None:
            st.markdown(f"No calibration is in force for **{plain(name)}**: its probabilities are shown as the model gives them.")
        else:
            _in_force(there)


def _in_force(there: Calibration) -> None:
    from app.evaluation.settling import verdicts

    st.markdown(f"In force, made {there.made_at[:10]} on {plain(there.data)}: **{_what(there)}**")
    measured = {
        "as it comes": there.before,
        "calibrated, on cases it was not found on": there.after,
        "whole clips, as it comes": there.clips_before,
        "whole clips, calibrated, on clips it was not found on": there.clips_after,
    }
    for verdict in verdicts(there):
        st.markdown(plain(verdict))
    st.dataframe([_row(name, one) for name, one in measured.items() if one is not None], hide_index=True, width="stretch")
    draw(reliability_diagram(there.before, there.after), key="reliability")


def _what(there: Calibration) -> str:
    how = there.map.document()
    found = f"temperature {how['temperature']:.3f}" if how["method"] == "temperature" else "isotonic, a staircase for each class"
    return found if there.sharpness is None else f"{found}; windows of a clip sharpened by {there.sharpness:.2f}"


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
    settings = services().settings
    going = face_calibration.calibration_on_faces(settings, name)
    busy = going is not None and not going.over
    on = st.radio("Calibrate on", list(SOURCES), format_func=SOURCES.__getitem__, key="calibrate_on")
    path = st.text_input("Folder or tar file, one folder a class", key="calibrate_path") if on == "faces" else ""
    go, forget = st.columns(2)
    if go.button("Calibrate", type="primary", key="calibrate", disabled=busy or (on == "faces" and not path), width="stretch"):
        if on == "faces":
            _begin(name, path or "")
        else:
            _on_clips(at, name, on or "judged")
    if forget.button(
        "Out of force", key="forget_calibration", width="stretch", help="Takes a calibration that was made here out of force."
    ):
        from models.calibration.kept import forget as take_out

        st.session_state[NOTICE] = "Out of force." if take_out(name) else "No calibration was made here."
        st.rerun()
    if problem := st.session_state.pop(PROBLEM, None):
        st.error(plain(problem))
    with st.container(key="calibrating"):
        if going is not None:
            st.fragment(_state, run_every=None if going.over else POLL_S)(going)


def _on_clips(at: Desk, name: str, on: str) -> None:
    """Looks at what analyses said, so it is done at once."""
    from app.evaluation.calibrating import NotCalibrated, calibrate_on_clips
    from app.evaluation.clips import NoLabelledClips
    from app.evaluation.labels import Truth
    from models.calibration.fitting import TooFewLabels

    try:
        with st.spinner("Calibrating …"), services().database.reading() as session:
            calibrate_on_clips(session, at.project, name, Truth(on))
    except (NotCalibrated, NoLabelledClips, TooFewLabels, OSError) as error:
        st.error(plain(str(error)))
    else:
        st.session_state[NOTICE] = f"{name} is calibrated; later analyses use it."
        st.rerun()


def _begin(name: str, path: str) -> None:
    """The network looks at every face, which takes a process of its own."""
    try:
        face_calibration.begin(services().settings, name, path)
    except NoSuchFaces as error:
        st.session_state[PROBLEM] = str(error)
    st.rerun()


def _state(going: FaceCalibration) -> None:
    if not going.over:
        line, stop = st.columns([4, 1], vertical_alignment="center")
        line.progress(min(1.0, going.done / going.of) if going.of else 0.0, text=_looking(going))
        stop.button("Stop", key="stop_calibration", on_click=going.stop, width="stretch", help="Everything stays as it was.")
        return
    if st.session_state.get("calibration_seen") != id(going):
        st.session_state["calibration_seen"] = id(going)
        st.rerun()  # what is now in force beside it, and no more polling
    if going.error:
        st.error(plain(going.error))
    elif going.outcome is None:
        st.text(f"Stopped after {going.done:,} of {going.of:,} faces. Everything is as it was.")
    else:
        st.text(f"{going.model} is calibrated on {going.outcome['data']}; later analyses use it.")
    if st.button("Close", key="calibration_close", type="tertiary"):
        face_calibration.forget(services().settings, going.model)
        st.rerun()


def _looking(going: FaceCalibration) -> str:
    return f"Looking at face {going.done:,} of {going.of:,}" if going.of else "Loading the model"
