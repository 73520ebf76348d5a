from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions
from millwright.data.datasets.expectation import overtaken, same_rows

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores

ROWS = pl.DataFrame({"id": range(9), "cost": 1.0})
MERGE = WriteOptions(mode="merge", key=("id",), evolve=True)

pytestmark = pytest.mark.usefixtures("small_files")


def test_error_names_who_wrote_what_since(catalog: DatasetCatalog, stores: Stores) -> None:
    catalog.write(ROWS, "d", kind=DatasetKind.TABLE)
    catalog.delete("d", "id = 1")
    catalog.restore("d@1")
    told = str(overtaken("d", 1, stores))
    assert "Expected d@1 to be the latest version, found d@3" in told
    assert "d@2: delete by ada at 2026-01-05 12:00:00 UTC; d@3: restore by ada at" in told


@pytest.mark.parametrize(
    ("keys", "same"), [([0, 8], True), ([3, 8], True), ([4], False), ([0, 4], False), ([99], True), ([50], False)]
)
def test_rows_are_the_same_when_nobody_changed_them(keys: list[int], same: bool, catalog: DatasetCatalog) -> None:
    then = catalog.write(ROWS, "d", kind=DatasetKind.TABLE).snapshot()
    changes = pl.DataFrame({"id": [4, 50], "cost": [2.0, 2.0]})
    now = catalog.write(changes, "d", kind=DatasetKind.TABLE, options=MERGE).snapshot()
    assert same_rows(then, now, pl.DataFrame({"id": keys}), ("id",)) is same


def test_new_column_changes_nothing_while_it_is_null_there(catalog: DatasetCatalog) -> None:
    then = catalog.write(ROWS, "d", kind=DatasetKind.TABLE).snapshot()
    changes = ROWS[4:5].with_columns(note=pl.lit("x"))
    now = catalog.write(changes, "d", kind=DatasetKind.TABLE, options=MERGE).snapshot()
    assert same_rows(then, now, pl.DataFrame({"id": [3]}), ("id",))
    assert not same_rows(then, now, pl.DataFrame({"id": [4]}), ("id",))
    assert not same_rows(then, now, pl.DataFrame({"note": ["x"]}), ("note",))
