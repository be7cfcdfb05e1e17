"""What a model said comes back as it was said, and what it did not say stays unsaid."""

from __future__ import annotations

import numpy as np
import pytest

from app.analysis.quantised import dequantise, quantise
from app.analysis.traces import Trace, from_bytes, to_bytes


def face(values: np.ndarray | None = None, subject: str = "1") -> Trace:
    numbers = np.random.default_rng(1).random((50, 4)).astype(np.float32) if values is None else values
    times = np.arange(len(numbers), dtype=np.int64) * 33_367 + 7
    return Trace("face", subject, "fer", "fer_justinshenk", times, ("confidence", "p:angry", "p:happy", "pitch"), numbers)


def test_a_trace_survives_its_bytes_exactly() -> None:
    trace = face()
    back = from_bytes(to_bytes(trace))
    assert (back.kind, back.subject, back.model, back.label_set, back.columns) == ("face", "1", "fer", "fer_justinshenk", trace.columns)
    assert back.times_us.dtype == np.int64 and back.values.dtype == np.float32
    np.testing.assert_array_equal(back.times_us, trace.times_us)
    np.testing.assert_array_equal(back.values, trace.values)


def test_missing_stays_missing_and_zero_stays_zero() -> None:
    values = np.zeros((3, 4), np.float32)
    values[1] = np.nan
    back = from_bytes(to_bytes(face(values)))
    assert np.isnan(back.values[1]).all()
    assert (back.values[[0, 2]] == 0).all()


def test_other_programs_see_nulls_not_nan() -> None:
    import pyarrow as pa

    values = np.zeros((3, 4), np.float32)
    values[1] = np.nan
    table = pa.ipc.open_stream(to_bytes(face(values))).read_all()
    assert table.column("p:happy").to_pylist() == [0.0, None, 0.0]


def test_a_trace_without_any_time_is_a_trace() -> None:
    back = from_bytes(to_bytes(face(np.empty((0, 4), np.float32))))
    assert len(back) == 0 and back.values.shape == (0, 4)


def test_a_class_keeps_its_own_spelling_and_order() -> None:
    trace = face()
    assert trace.classes == ("angry", "happy")
    np.testing.assert_array_equal(trace.probabilities, trace.values[:, 1:3])


def test_a_stretch_of_a_trace_holds_its_start_and_not_its_end() -> None:
    trace = face()
    part = trace.between(int(trace.times_us[3]), int(trace.times_us[6]))
    np.testing.assert_array_equal(part.times_us, trace.times_us[3:6])


@pytest.mark.parametrize(
    ("times", "columns", "shape", "told"),
    [
        ([0, 1], ("a",), (2, 2), "shape"),
        ([0, 0], ("a",), (2, 1), "increase"),
        ([0, 1], ("a", "a"), (2, 2), "differ"),
        ([0], ("time_us",), (1, 1), "differ"),
    ],
)
def test_what_does_not_fit_together_is_refused(times: list[int], columns: tuple[str, ...], shape: tuple[int, int], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Trace("face", "1", "fer", None, np.array(times, np.int64), columns, np.zeros(shape, np.float32))


def test_the_browser_gets_every_value_within_half_a_step() -> None:
    values = np.random.default_rng(2).normal(0, 40, (200, 4)).astype(np.float32)
    values[20:30, 1] = np.nan
    trace = face(values)
    number, (back,) = dequantise(quantise(7, [trace]))
    assert number == 7
    np.testing.assert_array_equal(back.times_us, trace.times_us)
    np.testing.assert_array_equal(np.isnan(back.values), np.isnan(values))
    step = (np.nanmax(values, 0) - np.nanmin(values, 0)) / 254
    assert (np.nanmax(np.abs(back.values - values), 0) <= step / 2 + 1e-4).all()


def test_the_browser_gets_constant_columns_exactly_and_empty_columns_as_missing() -> None:
    values = np.full((5, 4), 0.3, np.float32)
    values[:, 2] = np.nan
    _, (back,) = dequantise(quantise(1, [face(values)]))
    np.testing.assert_array_equal(back.values, values)


def test_every_plane_of_times_begins_where_a_float64_array_may() -> None:
    import json

    for count in range(1, 12):
        body = quantise(count, [face(np.zeros((count, 4), np.float32), str(i)) for i in range(3)])
        length = int.from_bytes(body[:4], "little")
        assert (4 + length) % 8 == 0
        for trace in json.loads(body[4 : 4 + length])["traces"]:
            assert trace["times"]["offset"] % 8 == 0


def test_the_same_traces_are_the_same_bytes() -> None:
    assert quantise(1, [face(), face(subject="2")]) == quantise(1, [face(), face(subject="2")])
    assert quantise(1, []) == quantise(1, [])
