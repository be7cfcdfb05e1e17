"""How well voices are told apart, and turns found, on actors that no threshold was chosen on.

    python -m bench.speakers --data ../shared/data/ravdess_speech
    python -m bench.speakers --data ../shared/data/ravdess_speech --mean        # writes models/speakers/ge2e_mean.npy anew

Equal error rate: over pairs of recordings of actors 11–20, the rate at which as many pairs of one actor are rejected as pairs of two
accepted. Diarisation error: mixtures of clips laid one after another with pauses of 0 to 0.9 s; the share of speech given to the wrong
speaker, with the best match of numbers to actors. What the speech detector misses or adds is printed by itself. `calm`: only
portrayals of neutral and calm; `any`: all eight emotions, so that one actor shouts, weeps and laughs within a minute.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from app.training.voice.data import read_sound
from models.speakers.ge2e import MEAN, Ge2e
from models.speakers.turns import Turn, turns, windows_of
from models.speech.silero import Silero
from models.types import SAMPLE_RATE

CHOSEN_ON, REPORTED_ON = range(1, 11), range(11, 21)
"""Actors by number. The mean and the thresholds are from the first ten only."""
CALM = ("01", "02")
STEP = SAMPLE_RATE // 100
"""Errors are counted in steps of 10 ms."""


@dataclass(frozen=True)
class Said:
    """Part of a mixture: samples [start, end) are the actor's."""

    start: int
    end: int
    actor: int


class Voices:
    """The corpus, by actor."""

    def __init__(self, folder: Path) -> None:
        self.files: dict[int, list[Path]] = {}
        for path in sorted(folder.glob("*.flac")):
            self.files.setdefault(int(path.stem[-2:]), []).append(path)
        self._vad = Silero()
        self.spoken = cache(self._spoken)

    def _spoken(self, path: Path) -> NDArray[np.float32]:
        """The recording from the first to the last word, at −30 dB."""
        sound = read_sound(path)
        heard = self._vad.speech(sound).stretches * SAMPLE_RATE // 1_000_000
        if len(heard):
            sound = sound[heard[0, 0] : heard[-1, 1]]
        return sound * np.float32(10 ** (-30 / 20) / max(float(np.sqrt((sound**2).mean())), 1e-6))

    def of(self, actor: int, calm: bool) -> list[Path]:
        return [path for path in self.files[actor] if not calm or path.stem.split("-")[2] in CALM]

    def stretches(self, sound: NDArray[np.float32]) -> NDArray[np.int64]:
        return self._vad.speech(sound).stretches


def mixture(
    corpus: Voices, random: np.random.Generator, actors: range, speakers: int, calm: bool, turns_each: int
) -> tuple[NDArray[np.float32], list[Said]]:
    """Sound of so many `speakers`, each with `turns_each` clips in random order, and who says what."""
    chosen = [int(actor) for actor in random.choice(np.array(actors), speakers, replace=False)]
    order = random.permutation([actor for actor in chosen for _ in range(turns_each)])
    parts, said, here = [np.zeros(SAMPLE_RATE // 4, np.float32)], list[Said](), SAMPLE_RATE // 4
    for actor in order.tolist():
        paths = corpus.of(actor, calm)
        sound = corpus.spoken(paths[int(random.integers(len(paths)))])
        pause = 0 if random.random() < 0.3 else int(random.integers(SAMPLE_RATE // 10, SAMPLE_RATE * 9 // 10))
        parts += [sound, np.zeros(pause, np.float32)]
        said.append(Said(here, here + len(sound), actor))
        here += len(sound) + pause
    mixed = np.concatenate(parts)
    return (mixed + random.normal(0, 1e-4, len(mixed))).astype(np.float32), said


@dataclass(frozen=True)
class Errors:
    """Shares of the time in which somebody speaks."""

    confused: float
    missed: float
    added: float
    speakers: int


def errors(said: list[Said], heard: tuple[Turn, ...], samples: int) -> Errors:
    from scipy.optimize import linear_sum_assignment

    truth, answer = np.full(samples // STEP, -1), np.full(samples // STEP, -1)
    names = {actor: place for place, actor in enumerate(dict.fromkeys(one.actor for one in said))}
    for one in said:
        truth[one.start // STEP : one.end // STEP] = names[one.actor]
    for turn in heard:
        answer[turn.start_us // 10_000 : turn.end_us // 10_000] = turn.speaker - 1
    both = (truth >= 0) & (answer >= 0)
    together = np.zeros((len(names), max(int(answer.max()) + 1, 1)))
    np.add.at(together, (truth[both], answer[both]), 1)
    right = together[linear_sum_assignment(-together)].sum()
    spoken = (truth >= 0).sum()
    return Errors(
        float((both.sum() - right) / spoken),
        float(((truth >= 0) & (answer < 0)).sum() / spoken),
        float(((truth < 0) & (answer >= 0)).sum() / spoken),
        int(answer.max()) + 1,
    )


def equal_error_rate(embeddings: NDArray[np.float32], actors: NDArray[np.int64], counted: NDArray[np.bool_]) -> float:
    """Of the pairs of rows (N, D) that are `counted` (N, N)."""
    pairs = np.triu(counted, 1)
    alike = (embeddings @ embeddings.T)[pairs]
    same = (actors[:, None] == actors[None])[pairs][np.argsort(-alike)]
    accepted = np.cumsum(~same) / (~same).sum()
    rejected = 1 - np.cumsum(same) / same.sum()
    place = int(np.abs(accepted - rejected).argmin())
    return float((accepted[place] + rejected[place]) / 2)


def verification(corpus: Voices, embed: Callable[[NDArray[np.float32], NDArray[np.int64]], NDArray[np.float32]]) -> dict[str, float]:
    paths = [path for actor in REPORTED_ON for path in corpus.files[actor]]
    rows = np.concatenate([embed(sound := corpus.spoken(path), _whole(sound)) for path in paths])
    actors = np.array([int(path.stem[-2:]) for path in paths])
    emotions = np.array([path.stem.split("-")[2] for path in paths])
    told = np.isfinite(rows).all(1)
    rows, actors, emotions = rows[told], actors[told], emotions[told]
    everything = np.ones((len(rows), len(rows)), bool)
    calm = np.isin(emotions, CALM)
    return {
        "any two recordings": equal_error_rate(rows, actors, everything),
        "of one emotion": equal_error_rate(rows, actors, emotions[:, None] == emotions[None]),
        "neutral or calm": equal_error_rate(rows, actors, calm[:, None] & calm[None]),
    }


def diarisation(corpus: Voices, model: Ge2e, actors: range, rounds: int) -> None:
    heard_s = worked_s = 0.0
    print("speakers  portrayals  number  | given: confused | found: confused, number right, range | speech missed, added")
    for turns_each in (3, 12):
        print(f"{turns_each} clips a speaker")
        for calm in (True, False):
            for speakers in (1, 2, 3, 4):
                random = np.random.default_rng(100 * turns_each + 10 * speakers + calm)
                given, found = list[Errors](), list[Errors]()
                for _ in range(rounds):
                    sound, said = mixture(corpus, random, actors, speakers, calm, turns_each + 2 * (speakers == 1))
                    stretches = corpus.stretches(sound)
                    windows = windows_of(stretches)
                    begun = perf_counter()
                    rows = model.embed(sound, windows)
                    given.append(errors(said, turns(stretches, windows, rows, speakers), len(sound)))
                    found.append(errors(said, turns(stretches, windows, rows), len(sound)))
                    worked_s += perf_counter() - begun
                    heard_s += len(sound) / SAMPLE_RATE
                numbers = [one.speakers for one in found]
                print(
                    f"{speakers:8}  {'calm' if calm else 'any':10}  | {_mean(given, 'confused'):.3f} | {_mean(found, 'confused'):.3f}, "
                    f"{np.mean([number == speakers for number in numbers]):.2f}, {min(numbers)}–{max(numbers)} | "
                    f"{_mean(found, 'missed'):.3f}, {_mean(found, 'added'):.3f}"
                )
    print(f"{1000 * worked_s / heard_s:.1f} ms a second of sound, on one thread")


def write_mean(corpus: Voices, model: Ge2e) -> None:
    rows = [model.raw(sound := corpus.spoken(path), windows_of(_whole(sound))) for actor in CHOSEN_ON for path in corpus.files[actor]]
    np.save(MEAN, np.nanmean(np.concatenate(rows), 0).astype(np.float32), allow_pickle=False)
    print(f"{MEAN}: from {sum(map(len, rows))} windows")


def _whole(sound: NDArray[np.float32]) -> NDArray[np.int64]:
    return np.array([[0, len(sound) * 1_000_000 // SAMPLE_RATE]], np.int64)


def _mean(some: list[Errors], name: str) -> float:
    return float(np.mean([getattr(one, name) for one in some]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of RAVDESS speech, as FLAC")
    parser.add_argument("--rounds", type=int, default=8, help="mixtures of each kind")
    parser.add_argument("--chosen", action="store_true", help="on the actors that the thresholds were chosen on")
    parser.add_argument("--mean", action="store_true", help="write the mean of the network's answers anew")
    given = parser.parse_args()
    corpus = Voices(given.data)
    model = Ge2e()
    if given.mean:
        write_mean(corpus, model)
        return
    as_shipped = verification(corpus, model.raw)
    for name, rate in verification(corpus, model.embed).items():
        print(f"equal error rate, {name}: {rate:.3f}; without the mean taken away {as_shipped[name]:.3f}")
    diarisation(corpus, model, CHOSEN_ON if given.chosen else REPORTED_ON, given.rounds)


if __name__ == "__main__":
    main()
