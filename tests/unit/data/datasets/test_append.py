from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.dataset import DatasetKind, DatasetOperation
from millwright.data.datasets import snapshot
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS = pl.DataFrame({"id": range(10), "name": [f"n{number}" for number in range(10)]})
APPEND = WriteOptions(mode="append")

pytestmark = pytest.mark.usefixtures("small_files")


def names(files: Sequence[str]) -> list[str]:
    return [file.rpartition("/")[2] for file in files]


def test_append_reads_and_writes_nothing_of_what_is_there(
    catalog: DatasetCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = catalog.write(ROWS, "d", kind=DatasetKind.TABLE)
    with monkeypatch.context() as patch:
        patch.setattr(snapshot.Snapshot, "read", None)
        patch.setattr(snapshot.Snapshot, "read_file", None)
        after = catalog.write(ROWS[:2], "d", kind=DatasetKind.TABLE, options=APPEND)
    assert names(after.files())[:4] == names(before.files())
    assert after.verify().equals(pl.concat([ROWS, ROWS[:2]]))
    assert (after.record.operation, after.record.parent) == (DatasetOperation.APPEND, 1)
    counts = {name: after.record.details[name] for name in ("added", "updated", "removed", "unchanged")}
    assert counts == {"added": 2, "updated": 0, "removed": 0, "unchanged": 10}


def test_no_rows_make_no_version(catalog: DatasetCatalog) -> None:
    first = catalog.write(ROWS, "d", kind=DatasetKind.TABLE)
    assert catalog.write(ROWS.clear(), "d", kind=DatasetKind.TABLE, options=APPEND) == first


def test_columns_are_matched_by_name_and_narrow_types_take_the_table_s(catalog: DatasetCatalog) -> None:
    catalog.write(ROWS, "d", kind=DatasetKind.TABLE)
    narrow = ROWS[:2].select("name", pl.col("id").cast(pl.Int8))
    after = catalog.write(narrow, "d", kind=DatasetKind.TABLE, options=APPEND)
    assert after.verify().equals(pl.concat([ROWS, ROWS[:2]]))


def test_new_column_is_null_in_the_rows_that_are_there(catalog: DatasetCatalog) -> None:
    before = catalog.write(ROWS, "d", kind=DatasetKind.TABLE)
    more = ROWS[:1].with_columns(cost=1.5)
    with pytest.raises(InvalidInputError, match=r"column 'cost': expected none, found Float64.*evolve=True"):
        catalog.write(more, "d", kind=DatasetKind.TABLE, options=APPEND)
    evolve = WriteOptions(mode="append", evolve=True)
    after = catalog.write(more, "d", kind=DatasetKind.TABLE, options=evolve)
    assert names(after.files())[:4] == names(before.files())
    assert after.verify()["cost"].to_list() == [None] * 10 + [1.5]
    assert after.read(["cost", "id"])[-1].row(0) == (1.5, 0)
    assert [(column.name, column.nullable) for column in after.record.columns][2] == ("cost", True)
    assert catalog.get("d@1").verify().equals(ROWS)
    narrower = catalog.write(more, "d", kind=DatasetKind.TABLE, options=APPEND)
    assert narrower.verify()["cost"].null_count() == 10


def test_wider_type_writes_the_table_anew(catalog: DatasetCatalog) -> None:
    narrow = ROWS.with_columns(pl.col("id").cast(pl.Int16))
    catalog.write(narrow, "d", kind=DatasetKind.TABLE)
    evolve = WriteOptions(mode="append", evolve=True)
    after = catalog.write(ROWS[:1].with_columns(id=10**10), "d", kind=DatasetKind.TABLE, options=evolve)
    assert after.verify()["id"].to_list() == [*range(10), 10**10]
    assert after.read().schema["id"] == pl.Int64
    assert catalog.get("d@1").verify().equals(narrow)
    assert catalog.restore("d@1").verify().equals(narrow)


def test_many_small_appends_are_written_anew_as_one_file(catalog: DatasetCatalog) -> None:
    catalog.write(ROWS[:1], "d", kind=DatasetKind.TABLE)
    for number in range(40):
        last = catalog.write(ROWS[number % 10][:1], "d", kind=DatasetKind.TABLE, options=APPEND)
    assert last.verify()["id"].to_list() == [0, *(number % 10 for number in range(40))]
    assert len(last.files()) < 25
