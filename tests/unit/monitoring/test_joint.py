from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from millwright.core.errors import InvalidInputError
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.joint import JointSettings, _area, compare_joint, tell_apart
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


def test_window_is_not_told_by_its_dates():
    def dated(frame: pl.DataFrame, year: int) -> pl.DataFrame:
        return frame.with_columns(pl.Series("day", [date(year, 1, 1 + row % 28) for row in range(frame.height)]))

    before, now = dated(drawn(800, seed=1), 2025), dated(drawn(800, seed=2), 2026)
    known = Signature.infer(before, before["one"].alias("cost"), Task.REGRESSION)
    found = compare_joint(before, now, known)
    assert found is not None
    assert not found.drifted
    days = Signature.infer(before.select("day"), before["one"].alias("cost"), Task.REGRESSION)
    assert compare_joint(before.select("day"), now.select("day"), days) is None


def repeated(frame: pl.DataFrame, share: float, *, seed: int) -> pl.DataFrame:
    """As many rows, of which the last ones are copies of others."""
    kept = frame.height - int(share * frame.height)
    return pl.concat([frame[:kept], frame[:kept].sample(frame.height - kept, with_replacement=True, seed=seed)])


@pytest.mark.parametrize("share", [0.12, 0.25, 0.4])
def test_rows_that_were_sent_twice_are_no_drift(share: float):
    reference, known = drawn(3_000, seed=1), signature()
    for seed in range(40, 46):
        found = compare_joint(reference, repeated(drawn(1_000, seed=seed), share, seed=seed), known)
        assert found is not None
        assert not found.drifted
        assert found.auc < 0.57


def test_repeats_in_the_reference_are_no_drift():
    reference, known = repeated(drawn(3_000, seed=1), 0.4, seed=2), signature()
    found = [compare_joint(reference, drawn(1_000, seed=seed), known) for seed in range(40, 46)]
    assert not any(each is None or each.drifted for each in found)


def test_one_row_that_was_sent_a_hundred_times_is_no_drift():
    reference, known = drawn(3_000, seed=1), signature()
    for seed in range(40, 52):
        window = drawn(1_000, seed=seed)
        found = compare_joint(reference, pl.concat([window[:900], pl.concat([window[:1]] * 100)]), known)
        assert found is not None
        assert not found.drifted


@pytest.mark.parametrize("distinct", [1, 2])
def test_window_of_copies_of_next_to_nothing_is_left_to_its_columns(distinct: int):
    for seed in range(2, 6):
        window = pl.concat([drawn(distinct, seed=seed, shift=9)] * 300)
        found = compare_joint(drawn(3_000, seed=1), window, signature())
        assert found is not None
        assert not found.drifted
        assert found.interval[1] - found.interval[0] > 0.4


def test_drift_is_found_beside_a_row_that_is_two_fifths_of_the_window():
    moved = drawn(600, seed=2, shift=3)
    found = compare_joint(drawn(3_000, seed=1), pl.concat([moved, *[moved[:1]] * 400]), signature())
    assert found is not None
    assert found.drifted


@pytest.mark.parametrize("moved", [{"shift": 1.0}, {"together": 0.9}])
def test_drift_of_rows_that_were_sent_twice_is_found(moved: dict[str, float]):
    window = repeated(drawn(1_000, seed=2, **moved), 0.4, seed=3)
    found = compare_joint(drawn(3_000, seed=1), window, signature())
    assert found is not None
    assert found.drifted
    once = compare_joint(drawn(3_000, seed=1), drawn(1_000, seed=2, **moved), signature())
    assert once is not None
    assert found.auc == pytest.approx(once.auc, abs=0.05)


def flags(rows: int, *, seed: int, equal: float) -> pl.DataFrame:
    """Two booleans, each of them true in half of the rows."""
    generator = np.random.default_rng(seed)
    one = generator.random(rows) < 0.5
    return pl.DataFrame({"one": one, "two": np.where(generator.random(rows) < equal, one, ~one)})


@pytest.mark.parametrize(("before", "now", "drifted"), [(0.5, 0.5, False), (0.5, 0.9, True), (1.0, 0.6, True)])
def test_rows_that_repeat_by_nature_are_told_by_how_frequent_they_are(before: float, now: float, drifted: bool):
    reference = flags(2_000, seed=1, equal=before)
    known = Signature.infer(reference, reference["one"].cast(pl.Float64).alias("cost"), Task.REGRESSION)
    for seed in range(2, 6):
        found = compare_joint(reference, flags(600, seed=seed, equal=now), known)
        assert found is not None
        assert found.drifted == drifted


def cells(rows: int, *, seed: int, slope: float = 0.0) -> np.ndarray:
    """Combinations of twenty values and twenty; with a slope larger ones of one come with larger of the other."""
    generator = np.random.default_rng(seed)
    one = generator.integers(0, 20, rows)
    two = (generator.integers(0, 20, rows) * (1 - slope) + slope * one).round()
    return np.column_stack([one, two]).astype(float)


@pytest.mark.parametrize("slope", [0.0, 0.8])
def test_some_hundred_combinations_are_told_by_their_neighbours(slope: float):
    window = cells(600, seed=2, slope=slope)
    found = tell_apart(np.concatenate([cells(2_000, seed=1), window, window[:400]]), (2_000, 1_000), (), limit=0.6)
    assert found.drifted == bool(slope)
