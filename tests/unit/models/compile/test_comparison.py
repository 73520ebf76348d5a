from __future__ import annotations

import numpy as np

from millwright.models.compile.comparison import compare

_SHARES = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])


def _reason(expected: np.ndarray, found: np.ndarray, *, sample_rows: int = 2) -> str:  # type: ignore[type-arg]
    return compare(expected, found, sample_rows=sample_rows, tolerance=1e-3, edge_tolerance=1e-2).reason


def test_equal_answers_agree() -> None:
    comparison = compare(_SHARES, _SHARES, sample_rows=2, tolerance=1e-3, edge_tolerance=1e-2)

    assert (comparison.difference, comparison.reason) == (0.0, "")


def test_edge_rows_may_differ_more_than_sample_rows() -> None:
    shift = np.array([[5e-3, -5e-3]])

    assert _reason(_SHARES, _SHARES + np.array([[0], [0], [1]]) * shift) == ""
    assert "differ by up to 0.005 on 1 of 3 rows" in _reason(_SHARES, _SHARES + np.array([[0], [1], [0]]) * shift)


def test_label_may_flip_only_where_rounding_decides() -> None:
    close = np.array([[0.4999, 0.5001]])
    clear = np.array([[0.499, 0.501]])

    assert _reason(close, close[:, ::-1], sample_rows=1) == ""
    assert compare(clear, clear[:, ::-1], sample_rows=1, tolerance=2.1e-3, edge_tolerance=1.0).reason == ""
    assert "differ" in compare(clear, clear[:, ::-1], sample_rows=1, tolerance=9e-4, edge_tolerance=1.0).reason


def test_numbers_are_judged_relative_to_the_samples_spread() -> None:
    expected = np.array([1_000.0, 3_000.0, 1e9])

    assert _reason(expected, expected + np.array([0.5, 0, 0])) == ""
    assert "differ" in _reason(expected, expected + np.array([5.0, 0, 0]))


def test_equal_numbers_are_judged_relative_to_themselves() -> None:
    expected = np.full(150, 20_419.7)

    assert _reason(expected, expected.astype(np.float32), sample_rows=150) == ""
    assert "differ" in _reason(expected, expected * 1.01, sample_rows=150)


def test_other_shapes_and_numbers_that_are_not_finite_do_not_agree() -> None:
    assert "shape (3,)" in _reason(_SHARES, np.zeros(3))
    assert "not a finite number" in _reason(_SHARES, _SHARES * np.nan)
