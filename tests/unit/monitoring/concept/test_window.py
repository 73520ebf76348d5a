from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from millwright.core.ids import PredictionId
from millwright.monitoring.concept import ConceptReport, ConceptSettings, watch_window

START = datetime(2026, 1, 15, tzinfo=UTC)


def watched(
    errors: np.ndarray, reference: np.ndarray, settings: ConceptSettings | None = None, *, is_class: bool = True
) -> ConceptReport | None:
    at = [START + timedelta(minutes=number) for number in range(errors.size)]
    names = [PredictionId(f"p{number:05}") for number in range(errors.size)]
    return watch_window(reference, errors, (at, names), settings, is_class=is_class)


def wrong(rows: int, rate: float, seed: int) -> np.ndarray:
    return (np.random.default_rng(seed).random(rows) < rate).astype(float)


def test_window_that_errs_more_than_the_reference_drifted_from_its_first_rows_on():
    found = watched(wrong(400, 0.35, 1), wrong(1_000, 0.1, 2))
    assert found is not None
    assert len(found.worse) == 1
    assert int((found.worse[0].changed.prediction_id or "p99999")[1:]) < 30


def test_windows_that_err_as_the_reference_does_show_no_drift():
    reports = [watched(wrong(500, 0.1, seed), wrong(1_000, 0.1, 2)) for seed in range(50)]
    assert sum(len(report.drifts) for report in reports if report) == 0


def test_errors_of_numbers_are_brought_to_the_unit_of_the_references():
    generator = np.random.default_rng(4)
    reference = np.abs(generator.normal(0, 1e6, 1_000))
    found = watched(np.abs(generator.normal(0, 3e6, 400)), reference, is_class=False)
    assert found is not None
    assert found.scale == pytest.approx(np.quantile(reference, 0.99))
    assert found.worse


def test_change_within_a_window_is_found_without_a_reference():
    found = watched(np.concatenate([wrong(500, 0.05, 1), wrong(500, 0.5, 2)]), np.empty(0))
    assert found is not None
    assert int((found.worse[0].changed.prediction_id or "")[1:]) == pytest.approx(500, abs=20)


def test_rows_are_watched_in_the_order_of_time():
    errors = np.concatenate([wrong(500, 0.05, 1), wrong(500, 0.5, 2)])
    at = [START + timedelta(minutes=number) for number in range(1_000)]
    names = [PredictionId(f"p{number:05}") for number in range(1_000)]
    mixed = np.random.default_rng(1).permutation(1_000)
    shuffled = ([at[n] for n in mixed], [names[n] for n in mixed])
    assert watch_window(np.empty(0), errors[mixed], shuffled, is_class=True) == watched(errors, np.empty(0))


def test_nothing_is_looked_for_when_it_is_off_or_labels_are_few():
    assert watched(wrong(400, 0.1, 1), np.empty(0), ConceptSettings(enabled=False)) is None
    assert watched(wrong(49, 0.1, 1), np.empty(0)) is None


def test_detector_of_right_and_wrong_says_so_of_numbers():
    found = watched(np.ones(100), np.ones(100), ConceptSettings(detector="ddm"), is_class=False)
    assert found is not None
    assert "use adwin" in found.note


def test_of_a_large_window_evenly_spread_rows_are_watched():
    errors = np.concatenate([wrong(30_000, 0.1, 1), wrong(30_000, 0.3, 2)])
    found = watched(errors, wrong(1_000, 0.1, 3))
    assert found is not None
    assert (found.rows, len(found.worse)) == (20_000, 1)
    assert abs(int((found.worse[0].changed.prediction_id or "p0")[1:]) - 30_000) < 1_000
