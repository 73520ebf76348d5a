from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import ConflictError
from millwright.core.records.audit import NodeKind
from millwright.core.records.dataset import DatasetKind, DatasetVersionRecord
from millwright.data.datasets.append import append
from millwright.data.datasets.change import Base, Change
from millwright.data.datasets.snapshot import open_snapshot

if TYPE_CHECKING:
    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.storage.catalog import Stores

ROWS = pl.DataFrame({"id": range(7)})

pytestmark = pytest.mark.usefixtures("small_files")


@pytest.fixture
def base(catalog: DatasetCatalog, stores: Stores) -> Base:
    opened = catalog.write(ROWS, "d", kind=DatasetKind.TABLE).snapshot()
    return Base(record=stores.datasets.get_version("d"), snapshot=opened)


def appended(base: Base, rows: pl.DataFrame) -> Change:
    change = append(base, rows)
    assert change is not None
    return change


def test_change_is_nowhere_until_it_is_committed(base: Base, catalog: DatasetCatalog) -> None:
    change = appended(base, ROWS[:2])
    assert (change.rows, len(change.files), [file.place for file in change.files]) == (9, 4, [1, 2, 3, 4])
    assert open_snapshot(base.snapshot.uri).version == base.snapshot.version
    version = change.commit(base.snapshot.uri)
    assert open_snapshot(base.snapshot.uri, version).read().equals(pl.concat([ROWS, ROWS[:2]]))
    assert catalog.get("d").record.version == 1


def test_commit_that_nobody_recorded_gives_way_to_the_next(base: Base) -> None:
    for rows in (ROWS[:1], ROWS[:3]):
        version = appended(base, rows).commit(base.snapshot.uri)
    assert open_snapshot(base.snapshot.uri, version).rows == 10


def test_columns_have_nulls_when_the_former_or_the_new_rows_do(catalog: DatasetCatalog) -> None:
    from millwright.data.datasets.catalog import WriteOptions

    frame = pl.DataFrame({"a": [1, None], "b": [1, 2], "c": [1, 2]})
    catalog.write(frame, "n", kind=DatasetKind.TABLE)
    more = pl.DataFrame({"a": [1], "b": [None], "c": [1]}, schema=frame.schema)
    record = catalog.write(more, "n", kind=DatasetKind.TABLE, options=WriteOptions(mode="append")).record
    assert [column.nullable for column in record.columns] == [True, True, False]


def test_version_comes_from_its_parent(base: Base, catalog: DatasetCatalog, stores: Stores) -> None:
    assert base.record.parent is None
    record: DatasetVersionRecord = catalog.delete("d", "id = 1").record
    origins = stores.lineage.upstream(NodeKind.DATASET, record.ref)
    assert [(edge.source_id, edge.relation) for edge in origins] == [("d@1", "derived")]
    (event,) = stores.audit.list(subject=record.ref)
    assert (event.action, event.details["operation"]) == ("dataset.write", "delete")


def test_change_that_others_overtook_for_ever_is_a_conflict(
    base: Base, catalog: DatasetCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    from millwright.data.datasets import version_writer

    del base
    monkeypatch.setattr(version_writer, "_PAUSE_S", 0)
    monkeypatch.setattr(version_writer, "_ATTEMPTS", 2)

    def refused(*_: object, **__: object) -> int:
        raise ConflictError("The table was changed by others.")

    monkeypatch.setattr(Change, "commit", refused)
    with pytest.raises(ConflictError, match="changed by others"):
        catalog.delete("d", "id = 1")
    assert catalog.get("d").verify().equals(ROWS)
