from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from millwright.monitoring.statistics.categorical import CategoricalColumn
from millwright.monitoring.statistics.numeric import NumericColumn
from millwright.monitoring.statistics.wasserstein import Wasserstein

values = st.lists(st.one_of(st.floats(-1e6, 1e6), st.integers(-3, 3).map(float)), min_size=1, max_size=80)


@given(values, values)
@settings(deadline=None)
def test_wasserstein_equals_scipy_divided_by_the_reference_deviation(reference: list, current: list):
    found = Wasserstein().score(NumericColumn(pl.Series(reference), pl.Series(current))).value
    expected = wasserstein_distance(reference, current) / (np.std(reference) or 1.0)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_wasserstein_is_in_the_columns_unit_when_the_reference_is_constant():
    assert Wasserstein().score(NumericColumn(pl.Series([2.0, 2.0]), pl.Series([5.0]))).value == 3.0


def test_wasserstein_does_not_warn_when_values_are_near_the_largest_float():
    found = Wasserstein().score(NumericColumn(pl.Series([-1.7e308, 1.7e308]), pl.Series([1.7e308]))).value
    assert not np.isfinite(found)


def test_wasserstein_refuses_a_categorical_column():
    with pytest.raises(TypeError, match="numeric"):
        Wasserstein().score(CategoricalColumn(pl.Series(["a"]), pl.Series(["b"])))
