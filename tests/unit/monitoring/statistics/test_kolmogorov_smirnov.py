from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp, kstwo

from millwright.monitoring.statistics.categorical import CategoricalColumn
from millwright.monitoring.statistics.kolmogorov_smirnov import KolmogorovSmirnov, kolmogorov_smirnov_p
from millwright.monitoring.statistics.numeric import NumericColumn

values = st.lists(st.one_of(st.floats(-1e9, 1e9), st.integers(-3, 3).map(float)), min_size=1, max_size=80)


@given(values, values)
@settings(deadline=None)
def test_kolmogorov_smirnov_equals_scipy(reference: list, current: list):
    found = KolmogorovSmirnov().score(NumericColumn(pl.Series(reference), pl.Series(current)))
    if len(reference) == len(current) == 1:
        return  # SciPy divides by zero there
    expected = ks_2samp(reference, current, method="asymp")
    assert found.value == pytest.approx(expected.statistic, abs=1e-12)
    assert found.p_value == pytest.approx(expected.pvalue, abs=1e-9)


def test_kolmogorov_smirnov_equals_scipy_on_large_samples_with_ties():
    generator = np.random.default_rng(1)
    reference, current = generator.normal(0, 1, 40_000).round(2), generator.normal(0.05, 1, 9_000).round(2)
    found = KolmogorovSmirnov().score(NumericColumn(pl.Series(reference), pl.Series(current)))
    expected = ks_2samp(reference, current, method="asymp")
    assert found.value == pytest.approx(expected.statistic, abs=1e-12)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-6)


@pytest.mark.parametrize("scaled", [0.3, 0.7, 1.0, 1.5, 2.0])
def test_p_value_of_many_rows_equals_scipy_to_a_thousandth(scaled: float):
    n, m = 60_000, 25_000
    effective = n * m / (n + m)
    distance = scaled / np.sqrt(effective)
    assert kolmogorov_smirnov_p(distance, n, m) == pytest.approx(kstwo.sf(distance, np.round(effective)), rel=1e-3)


def test_kolmogorov_smirnov_refuses_a_categorical_column():
    with pytest.raises(TypeError, match="numeric"):
        KolmogorovSmirnov().score(CategoricalColumn(pl.Series(["a"]), pl.Series(["b"])))
