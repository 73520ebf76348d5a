from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import IntegrityError
from millwright.monitoring.live.latency import ACCURACY, LatencyHistogram

LATENCIES = st.lists(st.floats(0.001, 1_000_000), min_size=1, max_size=50)


@given(LATENCIES, st.floats(0, 1))
def test_quantile_is_within_its_accuracy_of_the_exact_one(values: list[float], share: float):
    exact = np.quantile(values, share, method="inverted_cdf")
    assert LatencyHistogram.of(np.array(values)).quantile(share) == pytest.approx(exact, rel=ACCURACY + 1e-9)


@given(LATENCIES, LATENCIES)
def test_merge_is_the_histogram_of_both_in_any_order(one: list[float], two: list[float]):
    a, b = LatencyHistogram.of(np.array(one)), LatencyHistogram.of(np.array(two))
    both = LatencyHistogram.of(np.array(one + two))
    assert (a.merge(b).counts == both.counts).all()
    assert (b.merge(a).counts == both.counts).all()


def test_values_beyond_the_cells_count_as_the_first_or_last():
    histogram = LatencyHistogram.of(np.array([-1.0, 0.0, np.inf, 1e9, np.nan]))
    assert histogram.rows == 4
    assert histogram.quantile(0) == pytest.approx(0.001, rel=ACCURACY)
    assert histogram.quantile(1) == pytest.approx(1e6, rel=2 * ACCURACY)


def test_histogram_of_nothing_has_no_quantile():
    assert LatencyHistogram.of(np.array([])).quantile(0.5) is None
    assert LatencyHistogram.empty().rows == 0


def test_histogram_comes_back_from_bytes():
    histogram = LatencyHistogram.of(np.random.default_rng(0).lognormal(2, 1, 1000))
    data = histogram.to_bytes()
    assert (LatencyHistogram.from_bytes(data).counts == histogram.counts).all()
    assert len(data) < 3000


@pytest.mark.parametrize("data", [b"", b"x", zlib.compress(b"\x01"), zlib.compress(b"\x93\x05\xc4\x00\xc4\x00")])
def test_bytes_of_something_else_are_refused(data: bytes):
    with pytest.raises(IntegrityError, match="histogram"):
        LatencyHistogram.from_bytes(data)
