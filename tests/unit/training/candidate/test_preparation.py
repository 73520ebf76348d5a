from __future__ import annotations

import numpy as np

from millwright.training.candidate.candidate import Setting
from millwright.training.candidate.preparation import prepared, unprepared


def _steps(setting: Setting, *, scale: bool) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    from sklearn.preprocessing import FunctionTransformer

    matrix = np.array([[1, 2], [3, 0], [np.nan, 2]], dtype=np.float32)
    pipeline = prepared(FunctionTransformer(), setting, scale=scale)
    found: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = pipeline.fit_transform(matrix)
    return found


def test_numbers_are_imputed_and_categories_one_hot_in_float32() -> None:
    found = _steps(Setting(numbers=(0,), categories=(1,), seed=0), scale=False)

    np.testing.assert_array_equal(found, [[1, 0, 1], [3, 1, 0], [2, 0, 1]])
    assert found.dtype == np.float32


def test_numbers_are_scaled_when_asked() -> None:
    found = _steps(Setting(numbers=(0,), categories=(), seed=0), scale=True)

    np.testing.assert_allclose(found[:, 0].mean(), 0, atol=1e-6)
    np.testing.assert_allclose(found[:, 0].std(), 1, atol=1e-6)


def test_code_that_the_fitted_rows_did_not_hold_becomes_zeros() -> None:
    from sklearn.preprocessing import FunctionTransformer

    pipeline = prepared(FunctionTransformer(), Setting(numbers=(), categories=(0,), seed=0), scale=False)
    pipeline.fit(np.array([[2], [3]], dtype=np.float32))

    np.testing.assert_array_equal(pipeline.transform(np.array([[7]], dtype=np.float32)), [[0, 0]])


def test_column_that_is_empty_in_the_fitted_rows_is_kept() -> None:
    from sklearn.preprocessing import FunctionTransformer

    pipeline = prepared(FunctionTransformer(), Setting(numbers=(0,), categories=(), seed=0), scale=False)

    assert pipeline.fit_transform(np.full((3, 1), np.nan, dtype=np.float32)).tolist() == [[0], [0], [0]]


def test_unprepared_hands_rows_on_as_they_are() -> None:
    from sklearn.preprocessing import FunctionTransformer

    rows = np.array([[np.nan, 5]], dtype=np.float32)

    np.testing.assert_array_equal(unprepared(FunctionTransformer()).fit_transform(rows), rows)
