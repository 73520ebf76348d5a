from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from scipy.stats import hypergeom

from millwright.core.errors import InvalidInputError
from millwright.monitoring.quality.out_of_range import OutOfRange, exceedance_p


def test_values_above_the_range_are_found_with_their_ids(rows: Any, subject: Any):
    features = rows(200).with_columns(cost=pl.when(pl.int_range(200) >= 190).then(1e6).otherwise(pl.col("cost")))
    found = [measure for measure in OutOfRange().measure(subject(features)) if measure.broken]
    assert [(m.column, m.what, m.found["share"], m.found["extreme"]) for m in found] == [("cost", "above", 0.05, 1e6)]
    assert found[0].examples == tuple(f"id-{number}" for number in range(190, 200))
    assert found[0].expected["limit"] > found[0].expected["max"]


def test_values_below_the_range_are_found(rows: Any, subject: Any):
    features = rows(200).with_columns(pl.lit(-40).alias("floors"))
    found = [measure for measure in OutOfRange().measure(subject(features)) if measure.broken]
    assert [(m.column, m.what, m.found["share"]) for m in found] == [("floors", "below", 1.0)]


def test_values_within_the_tolerance_are_fine(subject: Any):
    reference = pl.DataFrame({"x": [0.0, 100.0] * 50})
    at_the_edge = subject(pl.DataFrame({"x": [110.0] * 100}), reference=reference)
    assert not any(measure.broken for measure in OutOfRange().measure(at_the_edge))
    assert any(measure.broken for measure in OutOfRange(tolerance=0.05).measure(at_the_edge))


def test_a_column_of_one_value_has_room_of_its_size(subject: Any):
    reference = pl.DataFrame({"x": [100.0] * 100})
    for value, broken in ((109.0, False), (111.0, True)):
        found = OutOfRange().measure(subject(pl.DataFrame({"x": [value] * 99}), reference=reference))
        assert any(measure.broken for measure in found) is broken


@pytest.mark.parametrize(("beyond", "reference", "current"), [(1, 100, 50), (7, 2000, 300), (3, 10, 3)])
def test_the_probability_is_that_the_most_extreme_are_all_of_the_window(beyond: int, reference: int, current: int):
    expected = hypergeom(reference + current, current, beyond).pmf(beyond)
    assert exceedance_p(beyond, reference=reference, current=current) == pytest.approx(expected, rel=1e-6)


def test_nothing_is_measured_where_a_side_is_empty(rows: Any, subject: Any):
    empty = rows(60).with_columns(cost=pl.lit(None, dtype=pl.Float64))
    assert {measure.column for measure in OutOfRange().measure(subject(empty))} == {"floors"}


def test_settings_refuse_what_is_no_share():
    with pytest.raises(InvalidInputError, match="a share between 0 and 1"):
        OutOfRange(max_share=-1)
