from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from millwright.core.ids import PredictionId
from millwright.monitoring.concept import ConceptReport, ConceptSettings, ErrorWindow, go_on, watch_window

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


def told(errors: np.ndarray, sizes: list[int], settings: ConceptSettings, *, overlap: int = 0) -> list[Any]:
    """What is told of a stream in windows of these sizes, one after the other: where it changed, where it was seen.

    Each window begins so many rows before the end of the one before it.
    """
    reference, stored, begin, found = wrong(1_000, 0.1, 2), None, 0, {}
    for size in sizes:
        rows = range(max(0, begin - overlap), min(begin + size, errors.size))
        at = [START + timedelta(minutes=number) for number in rows]
        window = ErrorWindow(
            errors=errors[rows.start : rows.stop], at=pl.Series(at),
            ids=pl.Series([f"p{number:05}" for number in rows]), reference=reference, is_class=True, start=at[0],
        )  # fmt: skip
        report, stored = go_on(stored, window, settings)
        for drift in report.drifts if report else ():
            found[drift.detected.prediction_id] = drift
        begin += size
    return [(str(each.changed.prediction_id), str(seen), round(each.before, 12)) for seen, each in found.items()]


@pytest.mark.parametrize("detector", ["adwin", "page_hinkley", "ddm"])
def test_stream_in_many_small_windows_shows_the_same_drifts_as_in_one(detector: str):
    rates = (0.1, 0.45, 0.1, 0.5, 0.15)
    errors = np.concatenate([wrong(700, rate, 10 + number) for number, rate in enumerate(rates)])
    settings = ConceptSettings(detector=detector)
    whole = told(errors, [errors.size], settings)
    cuts = np.sort(np.random.default_rng(1).choice(errors.size, 30, replace=False))
    uneven = np.diff([0, *cuts, errors.size]).tolist()

    assert len(whole) >= 2
    assert told(errors, [35] * 100, settings) == whole  # fewer than are judged by themselves
    assert told(errors, uneven, settings) == whole
    assert told(errors, [100] * 35, settings, overlap=300) == whole


def test_drift_is_told_by_each_check_whose_window_holds_it():
    errors = np.concatenate([wrong(300, 0.1, 1), wrong(300, 0.6, 2)])
    at = [START + timedelta(minutes=number) for number in range(errors.size)]
    names = [PredictionId(f"p{number:05}") for number in range(errors.size)]
    stored, told = None, []
    for end in range(100, 601, 50):
        rows = slice(max(0, end - 200), end)
        window = ErrorWindow(
            errors=errors[rows], at=pl.Series(at[rows]), ids=pl.Series(names[rows]),
            reference=wrong(1_000, 0.1, 2), is_class=True, start=at[rows][0],
        )  # fmt: skip
        report, stored = go_on(stored, window)
        told.append(bool(report and report.worse))
    first = told.index(True)
    assert told == [False] * first + [True] * 4 + [False] * (len(told) - first - 4)


def test_label_that_comes_late_counts_while_its_row_is_in_the_window():
    errors, reference = wrong(200, 0.5, 1), wrong(1_000, 0.1, 2)
    at = [START + timedelta(minutes=number) for number in range(200)]
    names = [PredictionId(f"p{number:05}") for number in range(200)]

    def ask(rows: np.ndarray, stored: bytes | None) -> tuple[ConceptReport | None, bytes | None]:
        picked = pl.Series([at[row] for row in rows]), pl.Series([names[row] for row in rows])
        window = ErrorWindow(
            errors=errors[rows], at=picked[0], ids=picked[1], reference=reference, is_class=True, start=START
        )
        return go_on(stored, window)

    _, stored = ask(np.arange(1, 200, 2), None)
    assert ask(np.arange(200), stored)[0] == ask(np.arange(200), None)[0]


@pytest.mark.parametrize("stored", [b"", b"x", b"{}", None])
def test_what_cannot_be_gone_on_with_counts_as_nothing(stored: bytes | None):
    errors = wrong(300, 0.5, 1)
    at = [START + timedelta(minutes=number) for number in range(300)]
    names = [PredictionId(f"p{number:05}") for number in range(300)]
    window = ErrorWindow(
        errors=errors, at=pl.Series(at), ids=pl.Series(names), reference=wrong(500, 0.1, 2), is_class=True
    )
    adwin, left = go_on(stored, window)
    assert adwin == watch_window(window.reference, errors, (at, names), is_class=True)
    hinkley = ConceptSettings(detector="page_hinkley")
    assert go_on(left, window, hinkley) == go_on(None, window, hinkley)  # another detector's is none of ours
    assert go_on(left, window, ConceptSettings(enabled=False)) == (None, None)
