from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy import stats

from millwright.core.errors import InvalidInputError
from millwright.monitoring.tables import TypeChange, compare_tables

RNG = np.random.default_rng(0)


def table(rows: int, shift: float = 0.0, share: float = 0.5) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "days": RNG.normal(30 + shift, 5, rows),
            "crews": RNG.integers(1, 9, rows),
            "site": np.where(RNG.random(rows) < share, "north", "south"),
            "paid": RNG.random(rows) < 0.5,
            "begun": [date(2026, 1, 1)] * rows,
        }
    )


def test_what_drifted_between_two_tables_is_named():
    before, now = table(2_000), table(1_500, shift=5.0, share=0.8)
    found = compare_tables(before.lazy(), now.lazy())
    records = {each.record.column: each.record for each in found.columns}
    assert list(records) == before.columns
    assert [name for name, record in records.items() if record.drifted] == ["days", "site"]
    expected = stats.ks_2samp(before["days"], now["days"]).statistic
    assert records["days"].scores["kolmogorov_smirnov"] == pytest.approx(expected)
    assert (found.reference_rows, found.current_rows) == (2_000, 1_500)


def test_table_beside_itself_has_no_drift():
    same = table(300).lazy()
    found = compare_tables(same, same)
    assert not any(each.record.drifted for each in found.columns)
    assert {each.record.scores[each.record.statistic] for each in found.columns} == {0.0}


def test_columns_that_only_one_has_or_that_are_lists_are_told():
    before = table(50).with_columns(old=1, tags=pl.lit(["a"]))
    now = table(60).with_columns(fresh=1, tags=pl.lit(["a"]))
    found = compare_tables(before.lazy(), now.lazy())
    assert (found.missing, found.new, found.left_out) == (("old",), ("fresh",), ("tags",))


def test_values_of_another_type_count_as_missing():
    now = table(400).with_columns(days=pl.lit("many"))
    (days, *_) = compare_tables(table(400).lazy(), now.lazy()).columns
    assert days.record.drifted


def test_columns_whose_type_changed_are_told():
    before = table(300)
    now = before.with_columns(
        days=pl.col("days").cast(pl.String), crews=pl.col("crews") + 0.5, paid=pl.col("paid").cast(pl.Int64)
    )
    found = compare_tables(before.lazy(), now.lazy())
    assert list(map(str, found.retyped)) == [
        "days (number, now text)",
        "crews (integer, now number)",
        "paid (boolean, now integer)",
    ]


def test_whole_numbers_codes_of_categories_and_missing_columns_are_no_change_of_type():
    before = table(300)
    now = before.with_columns(
        days=pl.lit(None),
        crews=pl.col("crews").cast(pl.Float64),
        site=pl.lit(7),
        begun=pl.col("begun").cast(pl.Datetime),
    )
    assert compare_tables(before.lazy(), now.lazy()).retyped == ()
    assert compare_tables(now.lazy(), before.lazy()).retyped == (
        TypeChange(column="site", reference="integer", current="text"),
    )


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (table(5), table(0), "The other has no rows"),
        (table(0), table(5), "The reference has no rows"),
        (table(5), pl.DataFrame({"x": [1]}), "no column in common: days, crews, site, paid, begun; x"),
    ],
)
def test_tables_that_cannot_be_compared_are_refused(before, now, said):
    with pytest.raises(InvalidInputError, match=said):
        compare_tables(before.lazy(), now.lazy())
