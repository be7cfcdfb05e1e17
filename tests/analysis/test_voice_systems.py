"""Voice systems from checkpoints with random weights, all the way: analysed, kept, printed, shown. Their answers mean nothing."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from app.analysis import loaded
from app.analysis.latest import editor_analysis, latest_analysis
from app.analysis.plan import AnalysisPlan
from app.analysis.run import analyze_clip
from app.analysis.tables import utterances_csv
from app.analysis.traces import Trace, load
from app.services import Services
from db import tables
from models.types import WeightsMissing
from tests.models import voice_checkpoints

RF = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
SPOKEN = "01-01-08-02-01-01-19.mp4"


@pytest.fixture
def weights(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of weights of its own; models that were loaded from it are forgotten afterwards."""
    voice_checkpoints.no_network(monkeypatch)
    with voice_checkpoints.weights_in(tmp_path / "weights") as folder:
        yield folder
    loaded._loaded.cache_clear()


def analysed(services: Services, clip: int, voice: str) -> tuple[Trace, list[dict[str, str]], dict, tables.Analysis]:  # type: ignore[type-arg]
    analyze_clip(services.database, services.store, clip, AnalysisPlan(face=None, voice=voice))
    with services.database.reading() as session:
        analysis = latest_analysis(session, clip)
        assert analysis is not None
        (trace,) = load(session, analysis.id, ("voice",))
        rows = list(csv.DictReader("".join(utterances_csv(session, analysis)).splitlines()))
        document = editor_analysis(session, clip)
        assert document is not None
        session.expunge_all()
        return trace, rows, document, analysis


def test_random_weights_sensevoice_gives_a_lane_and_utterances_with_words(
    services: Services, add: Callable[..., int], weights: Path
) -> None:
    voice_checkpoints.sensevoice(weights / "sensevoice")
    trace, rows, document, analysis = analysed(services, add(SPOKEN), "sensevoice")
    assert (trace.model, trace.label_set) == ("sensevoice", "sensevoice")
    assert trace.classes == voice_checkpoints.EMOTIONS
    assert set(np.diff(trace.times_us)[:-1]) == {500_000}, "its own windows"
    heard = trace.probabilities[~np.isnan(trace.probabilities).any(1)]
    assert len(heard) and np.allclose(heard.sum(1), 1, atol=1e-3)
    assert analysis.parameters["window_us"] == 2_000_000 and analysis.parameters["hop_us"] == 500_000
    (row,), (utterance,) = rows, document["utterances"]
    assert row["text"] == utterance["text"] != ""
    assert row["language"] == (utterance["language"] or "") and utterance["language"] in {"zh", "en", "yue", "ja", "ko", None}
    assert row["events"] == "|".join(utterance["events"])
    assert row["predicted_emotion"] in voice_checkpoints.EMOTIONS
    assert sum(float(row[label]) for label in voice_checkpoints.EMOTIONS) == pytest.approx(1, abs=1e-4)
    tokens = utterance["tokens"]
    assert tokens and all(utterance["start_us"] <= token["start_us"] <= token["end_us"] <= utterance["end_us"] for token in tokens)
    assert [token["start_us"] for token in tokens] == sorted(token["start_us"] for token in tokens)


@pytest.mark.parametrize(
    ("voice", "label_set"),
    [("wav2vec_english", "rf_wav2vec"), ("speechbrain_iemocap", "speechbrain_iemocap4")],
)
def test_random_weights_wav2vec_gives_a_lane_and_no_words(
    services: Services, add: Callable[..., int], weights: Path, voice: str, label_set: str
) -> None:
    voice_checkpoints.wav2vec_english(weights / "wav2vec_english", RF)
    voice_checkpoints.speechbrain_iemocap(weights / "speechbrain_iemocap")
    trace, (row,), document, analysis = analysed(services, add(SPOKEN), voice)
    assert (trace.model, trace.label_set) == (voice, label_set)
    assert analysis.parameters["window_us"] == 3_000_000
    assert row["predicted_emotion"] in trace.classes and (row["text"], row["language"], row["events"]) == ("", "", "")
    assert document["utterances"][0]["text"] is None and document["utterances"][0]["tokens"] == []


def test_a_model_without_words_leaves_them_unknown_and_its_windows_as_they_were(
    services: Services, add: Callable[..., int], weights: Path
) -> None:
    trace, (row,), document, analysis = analysed(services, add(SPOKEN), "portrayal_voice")
    assert analysis.parameters["window_us"] == 1_500_000
    assert set(np.diff(trace.times_us)[:-1]) == {250_000}
    assert row["text"] == "" and document["utterances"][0]["text"] is None


def test_without_weights_nothing_is_analysed_and_the_sentence_says_what_to_do(
    services: Services, add: Callable[..., int], weights: Path
) -> None:
    with pytest.raises(WeightsMissing, match="python -m app models fetch sensevoice"):
        AnalysisPlan(face=None, voice="sensevoice").check()
    clip = add(SPOKEN)
    with pytest.raises(WeightsMissing):
        analyze_clip(services.database, services.store, clip, AnalysisPlan(face=None, voice="sensevoice"))
    with services.database.reading() as session:
        assert latest_analysis(session, clip) is None
