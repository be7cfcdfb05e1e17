"""Action units of a face are carried along where the model has them, beside its classes and never among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from app.analysis.latest import latest_analysis
from app.analysis.plan import AnalysisPlan
from app.analysis.run import analyze_clip
from app.analysis.tables import frame_rows
from app.analysis.traces import Trace, load
from app.services import Services
from models.face.facetorch_fer import FacetorchFer
from models.facetorch.networks import AU, FER
from models.weights import store as weights
from tests.models.facetorch_networks import TinyFace, put_in_store

FIRST = "au:inner_brow_raiser"


@pytest.fixture
def seen(services: Services, add: Callable[..., int]) -> Iterator[Callable[[], tuple[Trace, tuple[str, ...]]]]:
    """The face of a clip as `facetorch_fer` sees it with the files that are there, and the columns of the table of frames."""
    weights.use(services.settings.weights)
    clip = add("single_face_quiet.mp4")

    def run() -> tuple[Trace, tuple[str, ...]]:
        analyze_clip(services.database, services.store, clip, AnalysisPlan(face="facetorch_fer", voice=None))
        with services.database.reading() as session:
            analysis = latest_analysis(session, clip)
            assert analysis is not None
            (face,) = load(session, analysis.id, ("face",))
            return face, frame_rows(session, analysis).header

    yield run
    weights.use(None)


def test_random_weights_give_a_column_for_each_unit_and_none_without_the_network(seen: Callable[[], tuple[Trace, tuple[str, ...]]]) -> None:
    put_in_store(FacetorchFer.info, FER.file, TinyFace(8))
    without, header = seen()
    assert not any(name.startswith("au:") for name in without.columns)
    put_in_store(FacetorchFer.info, AU.file, TinyFace(41))
    face, header_after = seen()
    units = [name for name in face.columns if name.startswith("au:")]
    assert units == [f"au:{unit}" for unit in FacetorchFer.action_units] and units[0] == FIRST
    values = np.stack([face[unit] for unit in units])
    assert not np.isnan(values).any() and values.min() >= 0 and values.max() <= 1 and np.ptp(values) > 0
    assert face.classes == without.classes == FER.classes
    np.testing.assert_allclose(face.probabilities, without.probabilities, atol=1e-6)
    assert header == header_after, "the table of frames keeps its columns"
