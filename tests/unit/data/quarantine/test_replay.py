from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from millwright.core.records.dataset import DatasetKind
from millwright.data.contracts.document import parse_contract
from millwright.data.contracts.validation import validate
from millwright.data.quarantine.context import context_of
from millwright.data.quarantine.replay import judge, origin_rows

CONTRACT = parse_contract("name: t\nmin_rows: 0\ncolumns: {a: {type: integer, max: 9}}\n")
TYPED = pl.DataFrame({"a": [1, 99, 3], "other": [[1], [2], []]})


def test_typed_rows_keep_their_types_and_other_columns(datasets) -> None:
    base = datasets.write(TYPED, "t", kind=DatasetKind.TABLE)
    aside = validate(base.read(), CONTRACT).quarantined.with_columns(a=pl.lit(9, pl.Int64))
    context = context_of(datasets, base.record, now=datetime(2026, 1, 1, tzinfo=UTC))
    judged = judge(aside, CONTRACT, base, origin_rows(datasets, base.record.ref), context)
    assert judged.table is not None
    assert judged.table["a"].to_list() == [1, 9, 3]
    assert judged.table.schema == base.read().schema
    assert (judged.whole, judged.quarantined.height) == (True, 0)


def test_row_that_is_in_its_place_already_counts_as_found(datasets) -> None:
    """As after a replay that was killed between its two writes."""
    base = datasets.write(TYPED, "t", kind=DatasetKind.TABLE)
    aside = validate(base.read(), CONTRACT).quarantined.with_columns(a=pl.lit(9, pl.Int64))
    written = datasets.write(TYPED.with_columns(a=pl.Series([1, 9, 3])), "t", kind=DatasetKind.TABLE)
    context = context_of(datasets, written.record, now=datetime(2026, 1, 1, tzinfo=UTC))
    judged = judge(aside, CONTRACT, written, base.read(), context)
    assert judged.table is not None
    assert judged.table.equals(written.read())


def test_rows_of_a_version_that_is_gone_are_none(datasets) -> None:
    assert origin_rows(datasets, "gone@1") is None
