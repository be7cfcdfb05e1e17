"""Speaker turns and people of an analysis: real voices with real weights; faces by a network of random weights, for none can be had."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from app.analysis import loaded
from app.analysis.latest import editor_analysis, latest_analysis
from app.analysis.people import NoPortraits, people_noted, people_of
from app.analysis.plan import AnalysisPlan
from app.analysis.quantised import dequantise, response_body
from app.analysis.run import analyze_clip
from app.analysis.speakers import NoVoices, listen_to_voices, turns_in, turns_of
from app.analysis.speaking import offers
from app.analysis.traces import Trace, load
from app.services import Services
from app.training.voice.data import read_sound
from models.identity.sface import NETWORK, SFace
from models.types import Availability, Modality, ModelInfo
from tests.models.faces_for_networks import weights_in
from tests.models.identity.sface_network import sface_network
from tests.models.pictures import picture

TAKES = [(5, "01-01"), (10, "01-01"), (5, "02-01"), (10, "02-01"), (5, "01-02"), (10, "01-02")]


@pytest.fixture
def two_voices(data: Path, tmp_path: Path) -> Path:
    """A man and a woman of RAVDESS in turn, three calm sentences each, as a WAV file."""
    samples = np.concatenate([read_sound(data / "ravdess_speech" / f"03-01-02-01-{take}-{actor:02}.flac") for actor, take in TAKES])
    path = tmp_path / "two_voices.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray((samples * 32_767).astype(np.int16)[None], "s16", "mono")
        frame.sample_rate = 16_000
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return path


@pytest.fixture
def sface(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (file,) = SFace.info.weights
    monkeypatch.setattr(SFace, "info", replace(SFace.info, weights=(replace(file, sha256=None, size=None),)))
    with weights_in(tmp_path / "weights") as folder:
        (folder / "sface").mkdir(parents=True)
        onnx.save(sface_network(), folder / "sface" / NETWORK)
        yield
    loaded._loaded.cache_clear()


def test_utterances_are_turns_and_another_number_of_speakers_needs_no_listening(
    services: Services, add: Callable[..., int], two_voices: Path
) -> None:
    clip = add(two_voices)
    analyze_clip(services.database, services.store, clip, AnalysisPlan(face=None, speakers="ge2e"))
    with services.database.reading() as session:
        analysis = latest_analysis(session, clip)
        assert analysis is not None
        said = analysis.utterances
        assert {one.speaker for one in said} == {"1", "2"}
        assert len(said) >= len(TAKES)
        assert all(one.scores for one in said), "each turn is heard by the voice model"
        assert analysis.models["speaker"]["name"] == "ge2e"
        kept = turns_of(session, analysis.id)
        assert [(turn.start_us, turn.end_us, str(turn.speaker)) for turn in kept] == [
            (one.start_us, one.end_us, one.speaker) for one in said
        ]
        assert {turn.speaker for turn in turns_of(session, analysis.id, 1)} == {1}
        assert {turn.speaker for turn in turns_of(session, analysis.id, 3)} == {1, 2, 3}
        _, shown = dequantise(response_body(session, analysis.id))
        assert {trace.kind for trace in shown} == {"speech", "voice"}, "the vectors stay on the server"
        document = editor_analysis(session, clip)
        assert document is not None and {one["speaker"] for one in document["utterances"]} == {"1", "2"}


def test_where_nobody_speaks_there_is_still_one_row_and_no_speaker(services: Services, add: Callable[..., int]) -> None:
    clip = add("single_face_quiet.mp4")
    analyze_clip(services.database, services.store, clip, AnalysisPlan(face=None, speakers="ge2e"))
    with services.database.reading() as session:
        analysis = latest_analysis(session, clip)
        assert analysis is not None
        assert [one.speaker for one in analysis.utterances] == [None]
        assert turns_of(session, analysis.id) == ()


def test_without_being_asked_an_analysis_knows_neither_speakers_nor_people(services: Services, add: Callable[..., int]) -> None:
    clip = add("three_faces_5_frames.mp4")
    analyze_clip(services.database, services.store, clip, AnalysisPlan(voice=None))
    with services.database.reading() as session:
        analysis = latest_analysis(session, clip)
        assert analysis is not None
        assert people_noted(analysis) == {}
        with pytest.raises(NoVoices, match="--speakers"):
            turns_of(session, analysis.id)
        with pytest.raises(NoPortraits, match="--identity"):
            people_of(session, analysis)


@pytest.fixture
def many_faces(data: Path, tmp_path: Path) -> Path:
    """A photograph of several people as a video of twenty frames."""
    image = picture(data / "images" / "five_faces.jpg")
    height, width = (side - side % 2 for side in image.shape[:2])
    path = tmp_path / "many_faces.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for _ in range(20):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(image[:height, :width]), "rgb24")))
        container.mux(stream.encode(None))
    return path


def test_random_weights_faces_seen_at_once_are_different_people(
    services: Services, add: Callable[..., int], many_faces: Path, sface: None
) -> None:
    clip = add(many_faces)
    analyze_clip(services.database, services.store, clip, AnalysisPlan(voice=None, identity="sface"))
    with services.database.reading() as session:
        analysis = latest_analysis(session, clip)
        assert analysis is not None
        faces = analysis.faces or 0
        everybody = {number: number for number in range(1, faces + 1)}
        assert faces >= 3
        assert people_noted(analysis) == everybody == people_of(session, analysis, 1)
        portraits = load(session, analysis.id, ("identity",))
        assert [trace.subject for trace in portraits] == [str(number) for number in everybody]
        assert all(len(trace) == 3 and np.allclose(np.linalg.norm(trace.values, axis=1), 1, atol=1e-5) for trace in portraits)


class Echo:
    """Answers with how much sound it was given."""

    info = ModelInfo("echo", Modality.SPEAKER, "1", "", "", "")

    @classmethod
    def available(cls) -> Availability:
        return Availability(True)

    def embed(self, samples: NDArray[np.float32], spans: NDArray[np.int64]) -> NDArray[np.float32]:
        return np.full((len(spans), 1), len(samples), np.float32)


def test_the_silence_between_two_words_an_hour_apart_is_not_held() -> None:
    stretches = np.array([[0, 1_000_000], [3_600_000_000, 3_601_000_000]], np.int64)
    trace = listen_to_voices(lambda start, end: np.zeros((end - start) * 16 // 1000, np.float32), stretches, Echo(), lambda _: None)
    assert trace.values.tolist() == [[1_000_000, 16_000], [1_000_000, 16_000]]
    assert [(turn.start_us, turn.end_us) for turn in turns_in(trace)] == [tuple(stretch) for stretch in stretches.tolist()]


def talking(track: int, times: NDArray[np.int64], voice: NDArray[np.bool_], seed: int) -> Trace:
    """A face whose mouth opens and closes while `voice` is true."""
    random = np.random.default_rng(seed)
    opening = np.where(voice, 0.08 + 0.05 * np.sin(np.arange(len(times)) * 1.9), 0.02) + random.normal(0, 0.004, len(times))
    return Trace("face", str(track), "m", None, times, ("mouth_opening",), opening.astype(np.float32)[:, None])


def coming_and_going(seconds: float, random: np.random.Generator) -> NDArray[np.bool_]:
    """On and off for about a second each, 25 frames a second, beginning anywhere."""
    lengths = 1 + (random.gamma(2, 0.55, int(seconds) * 8 + 8) * 25).astype(int)
    return np.repeat(np.arange(len(lengths)) % 2 == random.integers(2), lengths)[: int(seconds * 25)]


def heard(voice: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Trace]:
    times = np.arange(len(voice), dtype=np.int64) * 40_000
    return times, Trace("speech", "", "s", None, times, ("probability",), voice.astype(np.float32)[:, None])


def test_the_mouth_that_moves_with_a_voice_is_offered_as_its_speaker() -> None:
    random = np.random.default_rng(5)
    speaking, whose = coming_and_going(30, random), coming_and_going(30, random)
    times, speech = heard(speaking)
    first, second = speaking & whose, speaking & ~whose
    faces = [talking(1, times, second, 1), talking(2, times, first, 2), talking(3, times, np.zeros(len(times), bool), 3)]
    ends = [0, *(np.flatnonzero(np.diff(whose.astype(int))) + 1), len(whose)]
    turns = [(start * 40_000, end * 40_000, "1" if whose[start] else "2") for start, end in pairwise(ends)]
    offered = {offer.speaker: offer for offer in offers([speech, *faces], turns)}
    assert {speaker: offer.person for speaker, offer in offered.items()} == {"1": 2, "2": 1}
    assert all(offer.score > 0.6 and offer.p < 0.025 and offer.seen_us > 29_000_000 for offer in offered.values())
    assert {offer.person for offer in offers([speech, *faces], turns, {1: 7, 2: 8, 3: 9})} == {7, 8}


@pytest.mark.parametrize("people", [1, 3])
@pytest.mark.parametrize("seconds", [3, 8, 12, 30])
def test_mouths_unrelated_to_the_voice_are_offered_in_one_clip_of_twenty_at_most(seconds: float, people: int) -> None:
    made = 0
    for seed in range(300):
        random = np.random.default_rng(seed)
        times, speech = heard(coming_and_going(seconds, random))
        faces = [talking(track, times, coming_and_going(seconds, random), seed + track) for track in range(1, people + 1)]
        made += bool(offers([speech, *faces], [(0, int(seconds * 1e6), "1")]))
    assert made <= (0 if seconds < 10 else 300 * 0.07), "0.05 and 1.6 standard errors"


def test_a_mouth_that_follows_the_voice_badly_is_still_offered_before_two_that_do_not() -> None:
    right = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        voice = coming_and_going(30, random)
        times, speech = heard(voice)
        late = np.roll(voice, 3) ^ (random.random(len(voice)) < 0.1)
        faces = [talking(1, times, late, seed), *(talking(track, times, coming_and_going(30, random), seed + track) for track in (2, 3))]
        offered = offers([speech, *faces], [(0, 30_000_000, "1")])
        right += [offer.person for offer in offered] == [1]
    assert right >= 36


def test_one_long_stretch_of_speech_is_no_evidence_however_well_it_fits() -> None:
    times, speech = heard(np.arange(750) < 375)
    assert offers([speech, talking(1, times, np.arange(750) < 375, 1)], [(0, 30_000_000, "1")]) == ()


def test_nobody_is_offered_where_no_mouth_moves_or_nothing_tells() -> None:
    voice = coming_and_going(20, np.random.default_rng(1))
    times, speech = heard(voice)
    turns = [(0, 20_000_000, "1")]
    assert offers([speech, talking(1, times, voice, 1)], turns) != ()
    still = Trace("face", "1", "m", None, times, ("mouth_opening",), np.full((len(times), 1), 0.02, np.float32))
    assert offers([speech, still], turns) == ()
    assert offers([talking(1, times, voice, 1)], turns) == (), "no speech was looked for"
    always = Trace("speech", "", "s", None, times, ("probability",), np.ones((len(times), 1), np.float32))
    assert offers([always, talking(1, times, voice, 1)], turns) == (), "no silence to compare with"
