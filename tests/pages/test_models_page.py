"""The models page: what there is, what it is worth, and what a project uses."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.analysis.jobs import enqueue
from app.analysis.plan import AnalysisPlan
from app.analysis.usual import MODELS, set_usual_plan, usual_plan
from app.services import Services
from db import tables
from models.catalogue import face_models, listed, voice_models
from models.weights import store as weights
from tests.evaluation.test_labelled_clips import asked_for, heard, sure_of
from tests.pages.conftest import page

AddClips = Callable[..., list[int]]
TABS = ("Models", "This project", "Calibration", "On labelled clips")


@pytest.fixture(autouse=True)
def own_store(opened: Services):
    weights.use(opened.settings.weights)
    yield
    weights.use(None)


def tab(at: AppTest, name: str) -> AppTest:
    at.session_state["models_tab"] = name
    at.run()
    assert not at.exception
    return at


def said(at: AppTest) -> str:
    return " ".join(text.value for text in [*at.markdown, *at.caption])


def test_every_model_is_there_with_its_labels_and_whether_it_can_run(signed_in: AppTest) -> None:
    text = said(tab(page(signed_in, "models"), "Models"))
    for facts in listed():
        assert f"**{facts['name'].replace('_', chr(92) + '_')}**" in text
    assert "angry, disgust, fear, happy" in text and ":orange-badge[not here]" in text


def test_what_is_not_here_says_what_to_do(signed_in: AppTest) -> None:
    text = said(tab(page(signed_in, "models"), "Models")).replace("\\", "")
    missing = [facts for facts in listed() if not facts["ready"]]
    assert missing and all(facts["advice"] in text for facts in missing)


def test_a_project_keeps_its_own_models_and_new_clips_are_analysed_with_them(
    signed_in: AppTest, opened: Services, add_clips: AddClips
) -> None:
    (clip,) = add_clips("a.mp4")
    signed_in.query_params["project"] = "study"
    at = tab(page(signed_in, "models"), "This project")
    with opened.database.reading() as session:
        number = session.get_one(tables.Clip, clip).project_id
    at.selectbox(key=f"usual_{number}_detector").set_value("haar")
    at.selectbox(key=f"usual_{number}_voice").set_value("none")
    next(button for button in at.button if button.label == "Save").click().run()
    assert not at.exception
    with opened.database.writing() as session:
        project = session.get_one(tables.Clip, clip).project
        assert (usual_plan(project).detector, usual_plan(project).voice) == ("haar", None)
        enqueue(session, [clip])
        (job,) = session.query(tables.Job)
        assert (job.arguments["detector"], job.arguments["voice"], job.arguments["face"]) == ("haar", None, usual_plan(project).face)


def test_one_projects_models_are_not_carried_into_another(signed_in: AppTest, opened: Services, add_clips: AddClips) -> None:
    add_clips("a.mp4")
    add_clips("b.mp4", project="other")
    with opened.database.writing() as session:
        study = session.query(tables.Project).filter_by(name="study").one()
        set_usual_plan(session, study.id, AnalysisPlan(detector="haar", voice=None))
    signed_in.query_params["project"] = "study"
    at = tab(page(signed_in, "models"), "This project")
    at.selectbox(key="project").set_value("other").run()
    next(button for button in at.button if button.label == "Save").click().run()
    with opened.database.reading() as session:
        other = session.query(tables.Project).filter_by(name="other").one()
        assert usual_plan(other) == AnalysisPlan()


def test_a_model_that_is_not_here_stays_a_projects_choice_until_somebody_chooses_another(
    signed_in: AppTest, opened: Services, add_clips: AddClips
) -> None:
    add_clips("a.mp4")
    with opened.database.writing() as session:
        project = session.query(tables.Project).filter_by(name="study").one()
        project.options = {MODELS: AnalysisPlan(face="hsemotion_8").document()}
        number = project.id
    signed_in.query_params["project"] = "study"
    at = tab(page(signed_in, "models"), "This project")
    assert at.selectbox(key=f"usual_{number}_face").value == "hsemotion_8"
    next(button for button in at.button if button.label == "Save").click().run()
    assert "models fetch hsemotion_8" in at.error[0].value.replace("\\", "")
    with opened.database.reading() as session:
        assert usual_plan(session.get_one(tables.Project, number)).face == "hsemotion_8"


def test_without_a_calibration_it_says_so_and_without_labels_what_is_missing(signed_in: AppTest, add_clips: AddClips) -> None:
    add_clips("a.mp4")
    at = tab(page(signed_in, "models"), "Calibration")
    at.selectbox(key="calibrated_model").set_value("portrayal_voice").run()
    assert "No calibration is in force" in said(at)
    at.button(key="calibrate").click().run()
    assert not at.exception
    assert "nothing to compare with" in at.error[0].value


def test_labelled_clips_show_recall_and_calibrate_the_model(signed_in: AppTest, opened: Services, add_clips: AddClips) -> None:
    clips = add_clips(*(f"{number}.wav" for number in range(120)))
    random = np.random.default_rng(1)
    with opened.database.writing() as session:
        for number, clip in enumerate(clips):
            session.get_one(tables.Clip, clip).actor = str(number % 12)
            asked_for(session, clip, ("anger" if number % 2 else "sadness", 1.0))
            right = random.random() < 0.7
            heard(session, clip, sure_of("angry" if bool(number % 2) == right else "sad", 0.98))
    signed_in.query_params["project"] = "study"
    at = tab(page(signed_in, "models"), "On labelled clips")
    at.segmented_control(key="truth").set_value("intended").run()
    assert not at.exception
    (row,) = at.dataframe[0].value.to_dict("records")
    assert (row["model"], row["clips"], row["left out"]) == ("portrayal_voice", 120, 0)
    assert 0.6 < float(row["mean recall"]) < 0.8
    at = tab(at, "Calibration")
    at.selectbox(key="calibrated_model").set_value("portrayal_voice").run()
    at.radio(key="calibrate_on").set_value("intended").run()
    at.button(key="calibrate").click().run()
    assert not at.exception
    before, after, clips_before, clips_after = at.dataframe[0].value["calibration error"].astype(float)
    assert after < before and clips_after < clips_before
    assert "120 clips of the project study" in said(at)
    at.button(key="forget_calibration").click().run()
    assert "No calibration is in force" in said(at)


def test_nothing_to_compare_says_why(signed_in: AppTest, add_clips: AddClips) -> None:
    add_clips("a.mp4")
    assert "Nothing to compare yet" in said(tab(page(signed_in, "models"), "On labelled clips"))


def test_the_names_of_models_need_no_heavy_package() -> None:
    """Listing is done by pages: no network library may be loaded for it."""
    import subprocess

    code = "import sys; from models.catalogue import listed; listed(); print([m for m in ('torch','onnxruntime','funasr','transformers','facetorch','mediapipe','cv2','sklearn','ai_edge_litert') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert face_models.names() and voice_models.names()
