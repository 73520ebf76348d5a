from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from millwright.core.errors import InvalidInputError
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.joint import JointSettings, _area, compare_joint
from millwright.monitoring.second_model import iter_held_out

if TYPE_CHECKING:
    from collections.abc import Iterator


def drawn(rows: int, *, seed: int, together: float = 0.0, shift: float = 0.0) -> pl.DataFrame:
    """Two numbers of which each is normal, however much they hang together, and a category."""
    generator = np.random.default_rng(seed)
    one, other = generator.normal(shift, 1, rows), generator.normal(0, 1, rows)
    two = together * one + np.sqrt(1 - together**2) * other
    return pl.DataFrame({"one": one, "two": two, "phase": generator.choice(["design", "build"], rows)})


def signature() -> Signature:
    frame = drawn(500, seed=0)
    return Signature.infer(frame, frame["one"].alias("cost"), Task.REGRESSION)


def test_drift_of_a_combination_is_found_that_no_column_shows_by_itself():
    found = compare_joint(drawn(3_000, seed=1), drawn(2_000, seed=2, together=0.9), signature())
    assert found is not None
    assert found.drifted
    assert found.auc > 0.75
    assert found.interval[0] < found.auc < found.interval[1]
    assert found.rows == (3_000, 2_000)


def test_no_drift_is_found_in_windows_of_the_same_population():
    reference, known = drawn(3_000, seed=1), signature()
    found = [compare_joint(reference, drawn(400, seed=seed), known) for seed in range(20, 30)]
    assert not any(each is None or each.drifted for each in found)


@pytest.mark.parametrize("together", [0.0, 0.9])
def test_window_far_from_the_limit_takes_one_model(monkeypatch: pytest.MonkeyPatch, together: float):
    folds = []

    def iter_folds(*args: Any, **more: Any) -> Iterator[Any]:
        for fold in iter_held_out(*args, **more):
            folds.append(len(fold[0]))
            yield fold

    monkeypatch.setattr("millwright.monitoring.joint.iter_held_out", iter_folds)
    found = compare_joint(drawn(3_000, seed=1), drawn(2_000, seed=2, together=together), signature())
    assert found is not None
    assert found.drifted == bool(together)
    assert folds == [1_000]


def test_window_near_the_limit_takes_all_rows():
    sides = drawn(3_000, seed=1), drawn(2_000, seed=2, shift=0.3)
    settings = JointSettings(max_auc=0.57)
    near, far = compare_joint(*sides, signature(), settings), compare_joint(*sides, signature())
    assert near is not None
    assert far is not None
    assert near.interval[1] - near.interval[0] < far.interval[1] - far.interval[0]


def test_samples_are_looked_at_when_there_are_more_rows():
    found = compare_joint(drawn(9_000, seed=1), drawn(9_000, seed=2, shift=3), signature(), JointSettings(sample=500))
    assert found is not None
    assert found.drifted
    assert found.rows == (500, 500)


@pytest.mark.parametrize("settings", [JointSettings(enabled=False), JointSettings(min_rows=501)])
def test_nothing_is_compared_when_it_is_off_or_rows_are_few(settings: JointSettings):
    assert compare_joint(drawn(900, seed=1), drawn(500, seed=2), signature(), settings) is None


def test_area_equals_scikit_learns_with_ties():
    generator = np.random.default_rng(4)
    told, truth = generator.integers(0, 20, 500) / 20, generator.integers(0, 2, 500).astype(float)
    assert _area(told, truth) == pytest.approx(roc_auc_score(truth, told))


@pytest.mark.parametrize(("name", "value"), [("max_auc", 0.4), ("max_auc", 1.1), ("min_rows", 5), ("sample", 100)])
def test_settings_outside_their_range_are_refused(name: str, value: float):
    with pytest.raises(InvalidInputError, match="Expected"):
        JointSettings(**{name: value})  # type: ignore[arg-type]
