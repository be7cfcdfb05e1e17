"""Who speaks when: the voices of a clip's speech as a trace of vectors, from which turns are made for any number of speakers at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.analysis.traces import Trace, load
from models.protocols import SpeakerEmbedder

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models.speakers.turns import Turn

KIND = "speakers"
LENGTH = "length_us"
"""The first column: how long each window is, whose middle is its time. Whole µs, which float32 holds exactly up to 16 s."""

AT_ONCE = 32
"""Windows given to the model together, about 16 s of speech: between two calls a cancelled job can stop."""

FURTHEST_US = 60_000_000
"""From the first of them to the last: where little is said, the silence between is not held in memory."""


class NoVoices(LookupError):
    """The analysis did not ask whose voice is whose."""


def listen_to_voices(
    cut: Callable[[int, int], NDArray[np.float32]],
    stretches: NDArray[np.int64],
    model: SpeakerEmbedder,
    heard: Callable[[float], None],
) -> Trace:
    """A trace of kind `speakers` over stretches of speech (S, 2) µs: a row a window, its length and the voice in it.

    `cut(start_us, end_us)` gives the sound of a span, mono 16 kHz; `heard` is told the share that is done.
    """
    from models.speakers.turns import windows_of

    windows = windows_of(stretches)
    rows: list[NDArray[np.float32]] = []
    for run in together(windows, AT_ONCE):
        some = windows[run]
        first = int(some[0, 0])
        rows.append(model.embed(cut(first, int(some[-1, 1])), some - first))
        heard(run.stop / len(windows))
    vectors = np.concatenate(rows) if rows else np.empty((0, 0), np.float32)
    lengths = (windows[:, 1] - windows[:, 0]).astype(np.float32)
    columns = (LENGTH, *(f"e{i}" for i in range(1, vectors.shape[1] + 1)))
    return Trace(KIND, "", model.info.name, None, windows.sum(1) // 2, columns, np.hstack([lengths[:, None], vectors]))


def together(windows: NDArray[np.int64], at_once: int) -> Iterator[slice]:
    """Windows (W, 2) µs, starts and ends ascending, in runs of at most `at_once` that reach no further than FURTHEST_US or one window."""
    done = 0
    while done < len(windows):
        some = windows[done : done + at_once]
        near = np.searchsorted(some[:, 1], max(int(some[0, 0]) + FURTHEST_US, int(some[0, 1])), "right")
        yield slice(done, done := done + int(near))


def turns_in(trace: Trace, number: int | None = None) -> tuple[Turn, ...]:
    """The turns of a trace of kind `speakers`: so many speakers as `number` says, or as are found."""
    from models.speakers.turns import turns

    lengths = trace[LENGTH].astype(np.int64)
    starts = trace.times_us - lengths // 2
    windows = np.stack([starts, starts + lengths], 1)
    return turns(_stretches(windows), windows, trace.values[:, 1:], number)


def turns_of(session: Session, analysis_id: int, number: int | None = None) -> tuple[Turn, ...]:
    """The turns of an analysis for another number of speakers; nothing is listened to again. Raises `NoVoices`."""
    kept = load(session, analysis_id, (KIND,))
    if not kept:
        raise NoVoices(f"analysis {analysis_id} did not listen for speakers; run one with `analyze --speakers ge2e`")
    return turns_in(kept[0], number)


def _stretches(windows: NDArray[np.int64]) -> NDArray[np.int64]:
    """What windows (W, 2) cover together: those of a stretch overlap, those of two never meet."""
    if not len(windows):
        return windows
    new = np.append(True, windows[1:, 0] > np.maximum.accumulate(windows[:-1, 1]))
    first = np.flatnonzero(new)
    return np.stack([windows[first, 0], np.maximum.reduceat(windows[:, 1], first)], 1)
