from __future__ import annotations

from datetime import date
from itertools import permutations

import polars as pl
import pytest

from millwright.core.errors import IntegrityError, InvalidInputError
from millwright.data.profiles import TableSummary, merge, profile_of, summarize

FRAME = pl.DataFrame(
    {
        "n": [1.5, None, 2.5, 9.0],
        "i": [1, 2, 2, None],
        "c": ["a", "b", "b", ""],
        "d": [date(2024, 1, 1), None, date(2024, 1, 2), date(2024, 1, 2)],
        "f": [True, False, None, True],
        "o": [[1], None, [2], []],
    }
)


def test_summary_becomes_bytes_and_back() -> None:
    summary = summarize(FRAME)
    assert TableSummary.from_bytes(summary.to_bytes()) == summary


def test_small_tables_merge_exactly_in_any_order_and_grouping() -> None:
    parts = [summarize(FRAME[at : at + 1]) for at in range(4)]
    whole = profile_of(summarize(FRAME))
    for a, b, c, d in permutations(parts):
        for merged in (
            merge(merge(merge(a, b), c), d),
            merge(a, merge(b, merge(c, d))),
            merge(merge(a, b), merge(c, d)),
        ):
            found = profile_of(merged)
            assert [one.distinct for one in found.columns] == [one.distinct for one in whole.columns]
            for one, expected in zip(found.columns, whole.columns, strict=True):
                assert (one.minimum, one.maximum, one.nulls, one.top, one.quantiles) == (
                    expected.minimum, expected.maximum, expected.nulls, expected.top, expected.quantiles
                )  # fmt: skip
                assert one.mean == pytest.approx(expected.mean)
                assert one.deviation == pytest.approx(expected.deviation)


def test_table_without_rows_changes_nothing() -> None:
    summary = summarize(FRAME)
    assert profile_of(merge(summary, summarize(FRAME.head(0)))) == profile_of(summary)
    assert profile_of(merge(summarize(FRAME.head(0)), summary)) == profile_of(summary)


def test_other_columns_do_not_merge() -> None:
    with pytest.raises(InvalidInputError, match=r"found others \(i\)"):
        merge(summarize(FRAME), summarize(FRAME.with_columns(pl.col("i").cast(pl.Float64))))
    with pytest.raises(InvalidInputError, match="their order differs"):
        merge(summarize(FRAME), summarize(FRAME.select(reversed(FRAME.columns))))


def test_other_bytes_are_no_summary() -> None:
    for data in (b"", b"{}", summarize(FRAME).to_bytes()[:-3]):
        with pytest.raises(IntegrityError, match="Expected a table's summary"):
            TableSummary.from_bytes(data)
    with pytest.raises(IntegrityError, match="format 2"):
        TableSummary.from_bytes(TableSummary(rows=0, columns=(), format=2).to_bytes())


def test_summary_of_many_rows_is_a_few_kilobytes_a_column() -> None:
    rows = 50_000
    frame = pl.select(
        n=pl.int_range(rows).sqrt(),
        i=pl.int_range(rows),
        t=pl.format("some text number {}", pl.int_range(rows) % 5_000),
    )
    assert len(summarize(frame).to_bytes()) < 3 * 15_000
