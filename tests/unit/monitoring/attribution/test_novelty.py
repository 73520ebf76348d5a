from __future__ import annotations

import sys
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm, rankdata

from millwright.core.ids import PredictionId
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.attribution import Novelty, compare_novelty
from millwright.monitoring.attribution.novelty import _ranks
from millwright.monitoring.row_loss import RowLosses


def rows(number: int, *, seed: int, far: float = 0.0) -> pl.DataFrame:
    """Two numbers; a third of the rows lies so far away."""
    generator = np.random.default_rng(seed)
    return pl.DataFrame(
        {"one": generator.normal(0, 1, number) + far * (np.arange(number) % 3 == 0), "two": generator.random(number)}
    )


def compared(losses: np.ndarray, *, far: float = 4.0) -> Novelty | None:
    reference = rows(300, seed=1)
    signature = Signature.infer(reference, reference["one"].alias("cost"), Task.REGRESSION)
    known = RowLosses(rows=np.arange(losses.size), values=losses, errors=losses, name="absolute error")
    ids = [PredictionId(f"p{number}") for number in range(losses.size)]
    return compare_novelty(reference, rows(losses.size, seed=2, far=far), known, ids, signature)


def test_novelty_and_loss_agree_where_the_model_errs_on_new_rows():
    losses = np.random.default_rng(3).random(240) + (np.arange(240) % 3 == 0)
    found = compared(losses)
    assert found is not None
    assert found.agrees
    assert found.correlation > 0.5
    assert len(found.examples) == 5
    assert all(int(name[1:]) % 3 == 0 for name in found.examples)


def test_novelty_and_loss_do_not_agree_where_errors_are_elsewhere():
    found = compared(np.random.default_rng(3).random(240))
    assert found is not None
    assert not found.agrees
    assert abs(found.correlation) < 0.2


def told_of(window: pl.DataFrame, reference: pl.DataFrame, losses: np.ndarray) -> Novelty:
    signature = Signature.infer(reference, reference["one"].alias("cost"), Task.REGRESSION)
    known = RowLosses(rows=np.arange(losses.size), values=losses, errors=losses, name="absolute error")
    ids = [PredictionId(f"p{number}") for number in range(losses.size)]
    found = compare_novelty(reference, window, known, ids, signature)
    assert found is not None
    return found


def test_rows_that_stand_twice_are_no_further_evidence():
    reference, window = rows(1_000, seed=1), rows(500, seed=2, far=1.0)
    losses = np.random.default_rng(3).random(500) + 0.25 * (np.arange(500) % 3 == 0)
    once = told_of(window, reference, losses)
    twice = told_of(pl.concat([window, window]), pl.concat([reference, reference]), np.tile(losses, 2))
    assert twice.correlation == pytest.approx(once.correlation, abs=0.05)
    assert twice.p_value == pytest.approx(norm.sf(twice.correlation * np.sqrt(499)))
    assert once.p_value == pytest.approx(norm.sf(once.correlation * np.sqrt(499)))


def test_examples_are_distinct_rows():
    reference, window = rows(300, seed=1), rows(120, seed=2, far=4.0)
    losses = np.random.default_rng(3).random(120) + (np.arange(120) % 3 == 0)
    sent_often = told_of(pl.concat([window] * 4), reference, np.tile(losses, 4))
    shown = {int(name[1:]) % 120 for name in sent_often.examples}
    assert len(shown) == len(sent_often.examples) == 5
    few = pl.DataFrame({"one": [0.0, 9.0, 9.0] * 60, "two": [0.5, 0.5, 0.6] * 60})
    assert len(told_of(few, reference, np.tile([0.1, 0.9, 0.8], 60)).examples) == 3


def test_ranks_are_scipys():
    values = np.random.default_rng(1).integers(0, 9, 50).astype(float)
    assert _ranks(values).tolist() == rankdata(values).tolist()


@pytest.mark.parametrize("losses", [np.ones(300), np.random.default_rng(0).random(99)])
def test_nothing_is_told_of_few_rows_or_equal_losses(losses: np.ndarray):
    assert compared(losses) is None


def test_nothing_is_told_without_scikit_learn(monkeypatch: Any):
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    assert compared(np.random.default_rng(3).random(240)) is None
