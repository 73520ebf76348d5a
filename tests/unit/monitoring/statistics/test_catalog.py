"""Every statistic, found by name, goes through the same checks."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.monitoring.statistics import CategoricalColumn, ColumnKind, NumericColumn, find_statistic
from millwright.monitoring.statistics.catalog import STATISTICS, statistic_names

ON_CELLS = {"psi", "jensen_shannon", "chi_square", "hellinger", "total_variation"}
CASES = [(name, kind) for name in STATISTICS for kind in ColumnKind if kind in find_statistic(name).kinds]
numbers = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6), st.integers(-3, 3).map(float)), max_size=60)
words = st.lists(st.one_of(st.none(), st.sampled_from("abcdefg"), st.text(max_size=3)), max_size=60)


def column(kind: ColumnKind, reference: list, current: list):
    if kind is ColumnKind.NUMERIC:
        return NumericColumn(pl.Series(reference, dtype=pl.Float64), pl.Series(current, dtype=pl.Float64))
    return CategoricalColumn(pl.Series(reference, dtype=pl.String), pl.Series(current, dtype=pl.String))


def sample(kind: ColumnKind, rows: int, *, seed: int, shift: int = 0) -> list:
    generator = np.random.default_rng(seed)
    if kind is ColumnKind.NUMERIC:
        return list(generator.normal(shift, 1, rows))
    return [f"level {value + shift}" for value in generator.integers(0, 6, rows)]


def values_for(kind: ColumnKind):
    return numbers if kind is ColumnKind.NUMERIC else words


@pytest.mark.parametrize(("name", "kind"), CASES)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_statistic_is_zero_when_both_windows_are_the_same(name: str, kind: ColumnKind, data: st.DataObject):
    values = data.draw(values_for(kind).filter(lambda found: any(value is not None for value in found)))
    score = find_statistic(name).score(column(kind, values, list(reversed(values))))
    assert score.value == 0.0
    assert score.p_value is None or score.p_value == pytest.approx(1.0)


@pytest.mark.parametrize(("name", "kind"), CASES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_statistic_stays_in_its_range_whatever_the_values(name: str, kind: ColumnKind, data: st.DataObject):
    statistic = find_statistic(name)
    score = statistic.score(column(kind, data.draw(values_for(kind)), data.draw(values_for(kind))))
    assert math.isnan(score.value) or 0.0 <= score.value <= statistic.upper
    assert score.p_value is None or 0.0 <= score.p_value <= 1.0


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_statistic_is_nan_when_either_window_is_empty(name: str, kind: ColumnKind):
    for pair in (([], sample(kind, 5, seed=1)), (sample(kind, 5, seed=1), []), ([], [])):
        score = find_statistic(name).score(column(kind, *pair))
        assert math.isnan(score.value)
        assert score.p_value is None


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_statistic_does_not_depend_on_the_order_of_rows(name: str, kind: ColumnKind):
    reference, current = sample(kind, 300, seed=1), sample(kind, 200, seed=2, shift=1)
    found = find_statistic(name).score(column(kind, reference, current))
    again = find_statistic(name).score(column(kind, reference[::-1], current[::-1]))
    assert found == again


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_statistic_grows_with_the_shift(name: str, kind: ColumnKind):
    reference = sample(kind, 2000, seed=1)
    scores = [
        find_statistic(name).score(column(kind, reference, sample(kind, 2000, seed=2, shift=shift))).value
        for shift in (0, 1, 2)
    ]
    assert scores[0] < scores[1] < scores[2]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_test_tells_two_populations_from_one_population(name: str, kind: ColumnKind):
    reference = sample(kind, 2000, seed=1)
    same = find_statistic(name).score(column(kind, reference, sample(kind, 500, seed=3))).p_value
    other = find_statistic(name).score(column(kind, reference, sample(kind, 500, seed=3, shift=1))).p_value
    if same is not None:
        assert other is not None
        assert same > 0.01
        assert other < 1e-6


@pytest.mark.parametrize("name", [name for name in STATISTICS if find_statistic(name).symmetric])
def test_statistic_is_symmetric_when_the_windows_are_exchanged_in_the_same_cells(name: str):
    # Levels of equal frequency: the cells do not depend on which sample is the reference.
    one, two = ["a"] * 40 + ["b"] * 40 + [None] * 20, ["a"] * 10 + ["b"] * 60 + [None] * 30
    kind = ColumnKind.CATEGORICAL
    if kind in find_statistic(name).kinds:
        forth, back = column(kind, one, two), column(kind, two, one)
    else:
        kind = ColumnKind.NUMERIC
        forth = column(kind, sample(kind, 90, seed=1), sample(kind, 70, seed=2))
        back = column(kind, sample(kind, 70, seed=2), sample(kind, 90, seed=1))
    assert find_statistic(name).score(forth).value == pytest.approx(find_statistic(name).score(back).value, rel=1e-12)


@pytest.mark.parametrize(("name", "kind"), [case for case in CASES if case[0] in ON_CELLS])
def test_statistic_on_cells_sees_a_rise_of_missing_values(name: str, kind: ColumnKind):
    values = sample(kind, 1000, seed=1)
    holes = [None if row % 4 == 0 else value for row, value in enumerate(values)]
    assert find_statistic(name).score(column(kind, values, holes)).value > 0.1


@pytest.mark.parametrize("name", STATISTICS)
def test_statistic_carries_the_name_it_is_found_by(name: str):
    assert find_statistic(name).name == name


def test_find_statistic_names_the_closest_when_there_is_none():
    with pytest.raises(InvalidInputError, match="Did you mean 'wasserstein'"):
        find_statistic("waserstein")


def test_statistic_names_keeps_to_the_kind_when_one_is_given():
    assert statistic_names() == tuple(STATISTICS)
    assert statistic_names(ColumnKind.CATEGORICAL) == (
        "psi",
        "jensen_shannon",
        "chi_square",
        "hellinger",
        "total_variation",
    )
