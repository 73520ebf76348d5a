from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from millwright.core.records.dataset import DatasetKind
from millwright.data.quarantine.context import context_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def rows(former: pl.LazyFrame | None) -> list[int] | None:
    return None if former is None else former.collect()["a"].to_list()


def test_former_version_is_the_one_before_of_the_same_kind(datasets) -> None:
    versions = [
        datasets.write(pl.DataFrame({"a": [number]}), "t", kind=kind).record
        for number, kind in enumerate([DatasetKind.SOURCE, DatasetKind.TABLE, DatasetKind.SOURCE])
    ]
    assert [rows(context_of(datasets, record, now=NOW).former) for record in versions] == [None, None, [0]]
    assert rows(context_of(datasets, None, now=NOW, name="t").former) == [2]
    assert rows(context_of(datasets, None, now=NOW, name="other").former) is None


def test_other_datasets_are_found_by_their_references(datasets) -> None:
    datasets.write(pl.DataFrame({"a": [1]}), "t", kind=DatasetKind.TABLE)
    datasets.write(pl.DataFrame({"a": [2]}), "t", kind=DatasetKind.TABLE)
    context = context_of(datasets, None, now=NOW)
    assert context.moment == NOW
    assert rows(context.rows_of("t@1", needed_by="x")) == [1]
    assert rows(context.rows_of("t", needed_by="x")) == [2]
