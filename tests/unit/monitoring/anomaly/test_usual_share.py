from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.anomaly import compare_rows, learn_rows
from millwright.monitoring.anomaly.usual_share import beside_season

pytest.importorskip("sklearn")


def rows(number: int, odd: float, seed: int) -> pl.DataFrame:
    """Two normal columns, of which a share is far out."""
    generator = np.random.default_rng(seed)
    values = generator.normal(0, 1, (number, 2))
    values[: int(odd * number)] += 9
    return pl.DataFrame({"a": values[:, 0], "b": values[:, 1]})


@pytest.fixture
def known() -> Any:
    frame = rows(2_000, 0.005, 1)
    return learn_rows(frame, Signature.infer(frame, pl.Series("y", [0.0] * 2_000), Task.REGRESSION))


def test_share_that_is_usual_for_the_season_is_not_told(known: Any):
    window = rows(200, 0.4, 2)
    found = compare_rows(known, window, [str(number) for number in range(200)])
    assert found is not None
    assert found.risen
    beside = beside_season(found, known, rows(400, 0.4, 3))
    assert beside is not None
    assert not beside.risen
    assert beside.expected == pytest.approx(0.4, abs=0.05)
    calmer = beside_season(found, known, rows(400, 0.1, 4))
    assert calmer is not None
    assert calmer.risen


def test_nothing_is_held_against_nothing(known: Any):
    assert beside_season(None, known, rows(10, 0, 1)) is None
