"""On labelled clips a model is measured against what people said, or what actors were asked for, and never against a mixture."""

from __future__ import annotations

from uuid import uuid4

import numpy as np
import pytest

from app.analysis.traces import CLASS, Trace, save
from app.evaluation.calibrating import calibrate_on_clips
from app.evaluation.clips import NoLabelledClips, clip_answers, moment_answers
from app.evaluation.labels import Truth, label_weights
from app.evaluation.parting import side_by_side
from app.evaluation.recall import by_class, by_family, wilson
from app.scheme import shipped_scheme
from db import tables
from models.calibration.kept import calibration_of
from models.catalogue import face_models, voice_models
from models.voice.windows import windows
from models.weights import store as weights
from tests.lab import NOW, Lab

VOICE = voice_models.get("portrayal_voice").info
FACE = face_models.get("fer").info
assert VOICE.labels is not None and FACE.labels is not None


@pytest.fixture(autouse=True)
def own_store(tmp_path):
    weights.use(tmp_path / "weights")
    yield
    weights.use(None)


@pytest.fixture
def lab(tmp_path):
    made = Lab.at(tmp_path)
    yield made
    made.database.close()


def another_clip(session, lab: Lab, number: int, actor: str | None = None) -> int:
    project = session.get_one(tables.Project, lab.project)
    medium = tables.Medium(sha256=f"{number:064x}", size=1, container="wav", duration_us=4_000_000, frames=0, playable=True)
    clip = tables.Clip(project=project, medium=medium, file_name=f"{number}.wav", actor=actor)
    session.add(clip)
    session.flush()
    return clip.id


def heard(
    session, clip: int, rows: np.ndarray, *, calibrated: bool = False, version: str = VOICE.version, middles: np.ndarray | None = None
) -> int:
    """An analysis in which the voice model said `rows` (W, K) of the clip, a window every quarter of a second, all of it speech."""
    about = {"name": VOICE.name, "version": version, "mean_recall": 0.7} | ({"calibration": {"map": {}}} if calibrated else {})
    analysis = tables.Analysis(
        clip_id=clip, models={"voice": about}, parameters={}, program_version="0", frames=0, seconds=0.1, notes=[], speech_us=4_000_000
    )
    columns = ("speech", *(CLASS + label for label in VOICE.labels.classes))
    times = np.arange(len(rows), dtype=np.int64) * 250_000 if middles is None else middles
    values = np.hstack([np.ones((len(rows), 1)), rows]).astype(np.float32)
    save(session, analysis, [Trace("voice", "", VOICE.name, VOICE.labels.name, times, columns, values)])
    session.flush()
    return analysis.id


def sure_of(label: str, share: float = 0.8, windows: int = 4) -> np.ndarray:
    row = np.full(len(VOICE.labels), (1 - share) / (len(VOICE.labels) - 1))
    row[VOICE.labels.index(label)] = share
    return np.tile(row, (windows, 1))


def judged(session, lab: Lab, clip: int, *emotions: tuple[str, float], rater: int | None = None, **other) -> None:
    about = {"tier": "clip", "outcome": "label", "source": "human", "revision": 1, "start_us": None, "end_us": None} | other
    judgement = tables.Judgement(
        id=str(uuid4()),
        clip_id=clip,
        rater_id=rater or lab.anna,
        scheme_id=session.get_one(tables.Project, lab.project).scheme_id,
        created_at=NOW,
        changed_at=NOW,
        **about,
    )
    judgement.emotions = [tables.JudgementEmotion(position=i, emotion=e, weight=w) for i, (e, w) in enumerate(emotions)]
    session.add(judgement)
    session.flush()


def asked_for(session, clip: int, *emotions: tuple[str, float]) -> None:
    for place, (emotion, weight) in enumerate(emotions):
        session.add(tables.IntendedEmotion(clip_id=clip, position=place, emotion=emotion, weight=weight))
    session.flush()


def test_what_people_said_and_what_was_asked_for_stay_two_things(lab):
    with lab.database.writing() as session:
        asked_for(session, lab.clip, ("anger", 1.0))
        judged(session, lab, lab.clip, ("sadness", 1.0))
        assert label_weights(session, lab.project, Truth.INTENDED) == {lab.clip: {"anger": 1.0}}
        assert label_weights(session, lab.project, Truth.JUDGED) == {lab.clip: {"sadness": 1.0}}


def test_what_a_model_wrote_a_stretch_of_a_clip_and_what_was_taken_back_are_no_labels_of_the_clip(lab):
    with lab.database.writing() as session:
        judged(session, lab, lab.clip, ("anger", 1.0), source="model")
        judged(session, lab, lab.clip, ("anger", 1.0), source="accepted")
        judged(session, lab, lab.clip, ("anger", 1.0), start_us=0, end_us=1_000_000)
        judged(session, lab, lab.clip, ("anger", 1.0), tier="face:1", source="corrected")
        judged(session, lab, lab.clip, ("anger", 1.0), rater=lab.bo, removed=True)
        judged(session, lab, lab.clip, outcome="none_of_these", source="corrected")
        assert label_weights(session, lab.project, Truth.JUDGED) == {}


def test_the_newest_analysis_of_each_clip_is_held_against_its_label(lab):
    with lab.database.writing() as session:
        other = another_clip(session, lab, 2)
        asked_for(session, lab.clip, ("anger", 1.0))
        asked_for(session, other, ("positive_surprise", 0.5), ("negative_surprise", 0.5))
        heard(session, lab.clip, sure_of("happy"))
        heard(session, lab.clip, sure_of("angry"))
        heard(session, other, sure_of("fearful"))
        found = clip_answers(session, lab.project, "voice", VOICE, Truth.INTENDED)
        confusion = by_class(found)
    assert (len(found), found.unlike, confusion.cases, confusion.right) == (2, 0, 2, 0.5)
    assert {recall.name: (recall.found, recall.cases) for recall in confusion.recalls()} == {"angry": (1, 1), "surprised": (0, 1)}


def test_every_judgement_counts_alike_and_the_majority_is_right(lab):
    with lab.database.writing() as session:
        judged(session, lab, lab.clip, ("anger", 0.2))
        judged(session, lab, lab.clip, ("sadness", 0.6), ("fear", 0.6), rater=lab.bo)
        shares = label_weights(session, lab.project, Truth.JUDGED)[lab.clip]
        assert shares == pytest.approx({"anger": 0.5, "sadness": 0.25, "fear": 0.25})
        heard(session, lab.clip, sure_of("angry"))
        found = clip_answers(session, lab.project, "voice", VOICE, Truth.JUDGED)
    assert VOICE.labels.classes[found.truth[0]] == "angry"


def test_what_another_version_said_is_not_this_models(lab):
    with lab.database.writing() as session:
        asked_for(session, lab.clip, ("anger", 1.0))
        heard(session, lab.clip, sure_of("angry"), version="0.1, another network")
        with pytest.raises(NoLabelledClips, match="1 of them were analysed by another version"):
            clip_answers(session, lab.project, "voice", VOICE, Truth.INTENDED)


def test_calibrated_and_uncalibrated_answers_are_never_mixed(lab):
    with lab.database.writing() as session:
        asked_for(session, lab.clip, ("anger", 1.0))
        heard(session, lab.clip, sure_of("happy"))
        heard(session, lab.clip, sure_of("angry"), calibrated=True)
        right = [
            by_class(clip_answers(session, lab.project, "voice", VOICE, Truth.INTENDED, calibrated=how)).right for how in (False, True)
        ]
    assert right == [0.0, 1.0]


def test_a_label_that_is_no_single_answer_is_left_out_and_counted(lab):
    with lab.database.writing() as session:
        mixed, foreign = another_clip(session, lab, 2), another_clip(session, lab, 3)
        asked_for(session, lab.clip, ("anger", 1.0))
        asked_for(session, mixed, ("anger", 0.5), ("sadness", 0.5))
        asked_for(session, foreign, ("nostalgia", 1.0))
        for clip in (lab.clip, mixed, foreign):
            heard(session, clip, sure_of("angry"))
        found = clip_answers(session, lab.project, "voice", VOICE, Truth.INTENDED)
    assert (found.clips.tolist(), found.split, found.unlike) == ([lab.clip], 1, 1)


def test_a_clip_of_which_the_model_said_nothing_is_not_wrong(lab):
    with lab.database.writing() as session:
        silent = another_clip(session, lab, 2)
        for clip in (lab.clip, silent):
            asked_for(session, clip, ("anger", 1.0))
        heard(session, lab.clip, sure_of("angry"))
        heard(session, silent, np.full((4, len(VOICE.labels)), np.nan))
        found = clip_answers(session, lab.project, "voice", VOICE, Truth.INTENDED)
    assert found.clips.tolist() == [lab.clip]


def test_families_are_compared_where_the_label_is_of_one_family(lab):
    scheme = shipped_scheme()
    with lab.database.writing() as session:
        asked_for(session, lab.clip, ("anger", 1.0))
        heard(session, lab.clip, sure_of("angry"))
        found = clip_answers(session, lab.project, "voice", VOICE, Truth.INTENDED)
        families = by_family(found, label_weights(session, lab.project, Truth.INTENDED), scheme)
    assert families.cases == 1 and families.right == 1.0


@pytest.mark.parametrize(("label", "says"), [(False, "has an intended emotion"), (True, "has said nothing yet of the 1 clips")])
def test_without_labels_or_without_answers_it_says_which(lab, label, says):
    with lab.database.writing() as session:
        if label:
            asked_for(session, lab.clip, ("anger", 1.0))
        with pytest.raises(NoLabelledClips, match=says):
            clip_answers(session, lab.project, "voice", VOICE, Truth.INTENDED)


def test_a_model_is_calibrated_on_a_projects_clips_with_actors_kept_apart(lab):
    random = np.random.default_rng(0)
    labels = ["anger", "happiness_joy", "sadness", "fear"]
    classes = ["angry", "happy", "sad", "fearful"]
    with lab.database.writing() as session:
        for number in range(2, 122):
            clip = another_clip(session, lab, number, actor=str(number % 12))
            place = int(random.integers(4))
            asked_for(session, clip, (labels[place], 1.0))
            said = place if random.random() < 0.6 else int(random.integers(4))
            heard(session, clip, sure_of(classes[said], 0.99))
        project = session.get_one(tables.Project, lab.project)
        found = calibrate_on_clips(session, project, VOICE.name, Truth.INTENDED)
    assert found.data == "120 clips of the project study, intended labels"
    assert found.before.ece > 0.2 > found.after.ece
    assert found.sharpness is not None and found.clips_before is not None and found.clips_after is not None
    assert found.clips_after.ece < found.clips_before.ece
    assert found.clips_after.log_loss < found.clips_before.log_loss
    assert calibration_of(VOICE) == found


def test_what_was_calibrated_before_is_not_calibrated_again(lab):
    with lab.database.writing() as session:
        asked_for(session, lab.clip, ("anger", 1.0))
        heard(session, lab.clip, sure_of("angry", windows=400))
        assert len(moment_answers(session, lab.project, "voice", VOICE, Truth.INTENDED).truth) == 40
        session.execute(tables.Trace.__table__.delete())
        session.execute(tables.Analysis.__table__.delete())
        heard(session, lab.clip, sure_of("angry"), calibrated=True)
        with pytest.raises(NoLabelledClips, match="has said nothing yet of the 1 clips"):
            moment_answers(session, lab.project, "voice", VOICE, Truth.INTENDED)


def test_two_analyses_agree_where_they_agree_and_their_partings_are_listed_longest_first(lab):
    scheme = shipped_scheme()
    half = np.vstack([sure_of("angry", windows=8), sure_of("happy", windows=8)])
    with lab.database.writing() as session:
        first = session.get_one(tables.Analysis, heard(session, lab.clip, sure_of("angry", windows=16)))
        second = session.get_one(tables.Analysis, heard(session, lab.clip, half))
        voice, fused = side_by_side(session, first, second, 4_000_000, scheme)
        same, _ = side_by_side(session, first, first, 4_000_000, scheme)
    assert (voice.source, fused.source) == ("voice", "fused")
    assert voice.agreed_us == pytest.approx(voice.both_us / 2, rel=0.15)
    assert voice.partings[0].first_score > 0.5
    assert {(one.first, one.second) for one in voice.partings} == {
        (scheme["anger"].family, scheme["happiness_joy"].family),
    }
    assert (same.agreed_us, same.overlap, same.partings) == (same.both_us, pytest.approx(1.0), ())


@pytest.mark.parametrize("duration_us", [3_000_000, 4_000_000])
def test_windows_of_another_length_leave_no_gaps_in_a_short_clip(lab, duration_us):
    """Both heard all of it, one with a window every quarter of a second, the other with one a second, and say the same."""
    scheme = shipped_scheme()
    with lab.database.writing() as session:
        analyses = []
        for length, hop in ((1_500_000, 250_000), (3_000_000, 1_000_000)):
            spans = windows(duration_us, length, hop)
            number = heard(session, lab.clip, sure_of("angry", windows=len(spans)), middles=spans.sum(1) // 2)
            analyses.append(session.get_one(tables.Analysis, number))
        voice, _ = side_by_side(session, *analyses, duration_us, scheme)
    assert (voice.both_us, voice.agreed_us, voice.only_first_us, voice.only_second_us) == (duration_us, duration_us, 0, 0)


def test_a_clip_of_no_length_has_nothing_side_by_side(lab):
    with lab.database.writing() as session:
        one = session.get_one(tables.Analysis, heard(session, lab.clip, sure_of("angry")))
        voice, _ = side_by_side(session, one, one, 0, shipped_scheme())
    assert (voice.both_us, voice.overlap, voice.partings) == (0, None, ())


def test_time_in_which_one_alone_spoke_is_no_disagreement(lab):
    scheme = shipped_scheme()
    with lab.database.writing() as session:
        first = session.get_one(tables.Analysis, heard(session, lab.clip, sure_of("angry", windows=4)))
        mute = session.get_one(tables.Analysis, heard(session, lab.clip, np.full((16, len(VOICE.labels)), np.nan)))
        (voice, _) = side_by_side(session, first, mute, 4_000_000, scheme)
    assert (voice.both_us, voice.agreed_us, voice.overlap, voice.partings) == (0, 0, None, ())
    assert voice.only_first_us > 0 == voice.only_second_us


def test_a_share_comes_with_the_interval_that_its_few_cases_leave():
    """Wilson 1927 for 8 of 10: 0.490 to 0.943."""
    assert wilson(8, 10) == pytest.approx((0.490, 0.943), abs=5e-4)
