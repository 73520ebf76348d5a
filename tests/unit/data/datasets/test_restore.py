from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import StateTransitionError
from millwright.core.records.dataset import DatasetKind, DatasetOperation, DatasetState
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores

ROWS = pl.DataFrame({"id": range(7)})
OTHER = pl.DataFrame({"id": ["a"], "name": ["b"]})

pytestmark = pytest.mark.usefixtures("small_files")


def test_restored_version_is_a_new_one_without_new_files(catalog: DatasetCatalog) -> None:
    first = catalog.write(ROWS, "d", kind=DatasetKind.TABLE)
    catalog.write(OTHER, "d", kind=DatasetKind.SOURCE)
    third = catalog.restore("d@1")
    assert third.verify().equals(ROWS)
    assert third.files() == first.files()
    record = third.record
    assert (record.version, record.operation, record.parent) == (3, DatasetOperation.RESTORE, 1)
    assert (record.digest, record.kind, record.details["restored"]) == (first.record.digest, DatasetKind.TABLE, "d@1")
    assert (record.details["added"], record.details["removed"]) == (7, 1)
    assert catalog.get("d@2").verify().equals(OTHER)


def test_version_by_files_keeps_its_digest_when_it_is_restored(catalog: DatasetCatalog) -> None:
    catalog.write(ROWS, "d", kind=DatasetKind.TABLE)
    second = catalog.delete("d", "id = 3")
    third = catalog.write(ROWS[:1], "d", kind=DatasetKind.TABLE, options=WriteOptions(mode="append"))
    fourth = catalog.restore("d@2")
    assert fourth.record.digest == second.record.digest != third.record.digest
    assert fourth.record.details["removed"] == 1
    assert fourth.verify().equals(second.verify())
    assert catalog.delete("d", "id = 0").verify()["id"].to_list() == [1, 2, 4, 5, 6]


def test_rows_that_the_latest_version_has_make_no_version(catalog: DatasetCatalog) -> None:
    first = catalog.write(ROWS, "d", kind=DatasetKind.TABLE)
    assert catalog.restore("d") == first


def test_version_whose_rows_were_removed_is_refused(catalog: DatasetCatalog, stores: Stores) -> None:
    catalog.write(ROWS, "d", kind=DatasetKind.TABLE)
    catalog.write(OTHER, "d", kind=DatasetKind.TABLE)
    stores.datasets.set_state("d", 1, DatasetState.EXPIRED)
    with pytest.raises(StateTransitionError, match="found d@1, whose rows were removed"):
        catalog.restore("d@1")
