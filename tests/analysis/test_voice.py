"""Long recordings are heard like short ones, ten minutes at a time."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from app.analysis import voice
from app.analysis.plan import AnalysisPlan
from app.analysis.speakers import FURTHEST_US
from app.analysis.voice import BLOCK, Heard, listen
from app.media.sound import sound
from models.types import SAMPLE_RATE

PLAN = AnalysisPlan()


def recording(folder: Path, speech: np.ndarray, before_s: float, after_s: float) -> Path:
    """`speech` with digital silence before and after it."""
    path = folder / f"{before_s}.wav"
    silence = [np.zeros(round(s * SAMPLE_RATE), np.float32) for s in (before_s, after_s)]
    samples = np.concatenate([silence[0], speech, silence[1]])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def heard_at(folder: Path, speech: np.ndarray, before_s: float) -> Heard:
    return listen(recording(folder, speech, before_s, 5.0), PLAN, lambda done: None)


@pytest.fixture
def speech(data: Path) -> np.ndarray:
    return sound(data / "ravdess_speech" / "03-01-05-02-01-01-01.flac")


def test_speech_across_two_blocks_is_one_stretch_and_sounds_as_it_does_at_the_start(tmp_path: Path, speech: np.ndarray) -> None:
    block_s = BLOCK / SAMPLE_RATE
    before_s = block_s - 2.0
    early, late = heard_at(tmp_path, speech, 2.0), heard_at(tmp_path, speech, before_s)
    assert len(early.utterances) == len(late.utterances) == 1
    moved = round((before_s - 2.0) * 1e6)
    (first,), (second,) = early.utterances, late.utterances
    assert second.start_us < block_s * 1e6 < second.end_us
    assert abs(second.start_us - moved - first.start_us) <= 64_000 and abs(second.end_us - moved - first.end_us) <= 64_000
    for label, p in first.scores.items():
        assert second.scores[label] == pytest.approx(p, abs=0.05)
    for heard in (early, late):
        for trace in heard.traces:
            assert (np.diff(trace.times_us) > 0).all()
    voices = [next(trace for trace in heard.traces if trace.kind == "voice") for heard in (early, late)]
    at = [round((2.0 + 1.0 + 0.75) * 1e6), round((before_s + 1.0 + 0.75) * 1e6)]
    rows = [voice.probabilities[voice.times_us == time] for voice, time in zip(voices, at, strict=True)]
    np.testing.assert_allclose(rows[0], rows[1], atol=1e-4)


def test_a_word_in_silence_is_heard_in_the_window_that_holds_most_of_it(tmp_path: Path, speech: np.ndarray) -> None:
    start = round(1.2 * SAMPLE_RATE)
    found = heard_at(tmp_path, speech[start : start + round(0.45 * SAMPLE_RATE)], 6.0)
    (word,) = found.utterances
    assert word.end_us - word.start_us < 750_000
    assert sum(word.scores.values()) == pytest.approx(1, abs=1e-5)
    (voice,) = (trace for trace in found.traces if trace.kind == "voice")
    spoken = ~np.isnan(voice.probabilities).any(1)
    assert spoken.sum() == 1
    assert voice["speech"][spoken] == voice["speech"].max() < 0.5


def test_the_silence_between_two_words_of_a_long_recording_is_not_held(
    tmp_path: Path, speech: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    cut = voice._Sound.cut

    def watched(self: voice._Sound, start_us: int, end_us: int) -> np.ndarray:
        asked.append(end_us - start_us)
        return cut(self, start_us, end_us)

    monkeypatch.setattr(voice._Sound, "cut", watched)
    silence = np.zeros(BLOCK, np.float32)
    path = recording(tmp_path, np.concatenate([speech, silence, speech]), 0.0, 1.0)
    first, second = listen(path, PLAN, lambda done: None).utterances
    assert sum(first.scores.values()) == pytest.approx(1, abs=1e-5) == sum(second.scores.values())
    assert asked and max(asked) <= FURTHEST_US
