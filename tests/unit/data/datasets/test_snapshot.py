from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import IntegrityError
from millwright.core.records.dataset import DatasetKind, DatasetVersionRecord
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions
from millwright.data.datasets.content_digest import content_digest
from millwright.data.datasets.normal_form import column_schemas
from millwright.data.datasets.snapshot import open_snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.storage.catalog import Stores

ROWS = pl.DataFrame({"id": range(10), "name": ["a", None] * 5})


@pytest.mark.usefixtures("small_files")
def test_files_and_lazy_rows_are_in_the_order_of_the_version(catalog: DatasetCatalog) -> None:
    version = catalog.write(ROWS, "d", kind=DatasetKind.TABLE)
    assert pl.concat([pl.read_parquet(file) for file in version.files()]).equals(ROWS)
    lazy = version.scan()
    assert isinstance(lazy, pl.LazyFrame)
    assert lazy.filter(pl.col("id") > 3).select("id").collect()["id"].to_list() == list(range(4, 10))
    assert lazy.collect(engine="streaming").equals(ROWS)


def test_version_without_rows_has_columns(catalog: DatasetCatalog) -> None:
    version = catalog.write(ROWS.clear(), "d", kind=DatasetKind.TABLE)
    assert version.files() == []
    assert version.scan().collect().equals(ROWS.clear())


def test_file_that_is_gone_is_told(catalog: DatasetCatalog, tmp_path: Path) -> None:
    version = catalog.write(ROWS, "d", kind=DatasetKind.TABLE)
    snapshot = version.snapshot()
    (tmp_path / "datasets" / "d" / snapshot.files[0].path).unlink()
    for reading in (snapshot.read, lambda: snapshot.read_file(snapshot.files[0])):
        with pytest.raises(IntegrityError, match="not there"):
            reading()


class TestTableOfAnOlderRelease:
    """Tables whose files were written by the library, with digests over all rows."""

    @pytest.fixture
    def old(self, stores: Stores, tmp_path: Path, clock: ManualClock) -> DatasetVersionRecord:
        import deltalake

        place = str(tmp_path / "datasets" / "d")
        deltalake.write_deltalake(place, ROWS[:6])
        deltalake.write_deltalake(place, ROWS[6:], mode="append")
        record = DatasetVersionRecord(
            dataset="d",
            version=0,
            kind=DatasetKind.SOURCE,
            digest=content_digest(ROWS),
            table_uri="d",
            table_version=1,
            rows=10,
            columns=column_schemas(ROWS),
            created_at=clock.now(),
        )
        return stores.datasets.create_version(record)

    def test_it_verifies_and_is_recognised(self, catalog: DatasetCatalog, old: DatasetVersionRecord) -> None:
        assert catalog.get("d").verify().equals(ROWS)
        assert catalog.write(ROWS, "d", kind=DatasetKind.SOURCE).record.version == old.version

    @pytest.mark.usefixtures("small_files", "old")
    @pytest.mark.parametrize("first", ["append", "merge", "delete"])
    def test_the_first_change_writes_it_anew(self, first: str, catalog: DatasetCatalog) -> None:
        more = pl.DataFrame({"id": [3, 77], "name": ["c", "d"]})
        if first == "delete":
            changed = catalog.delete("d", "id < 7")
            expected = ROWS[7:]
        else:
            options = WriteOptions(mode="append" if first == "append" else "merge", key=("id",))
            changed = catalog.write(more, "d", kind=DatasetKind.SOURCE, options=options)
            expected = pl.concat([ROWS, more])
            if first == "merge":
                named = pl.when(pl.col("id") == 3).then(pl.lit("c")).otherwise("name").alias("name")
                expected = pl.concat([ROWS.with_columns(named), more[1:]])
        assert changed.verify().equals(expected)
        assert all(file.digest for file in changed.snapshot().files)
        again = catalog.write(more, "d", kind=DatasetKind.SOURCE, options=WriteOptions(mode="append"))
        assert again.verify().equals(pl.concat([expected, more]))
        assert catalog.get("d@1").verify().equals(ROWS)
        assert catalog.restore("d@1").verify().equals(ROWS)


def test_latest_version_is_opened_by_default(catalog: DatasetCatalog) -> None:
    version = catalog.write(ROWS, "d", kind=DatasetKind.TABLE)
    assert open_snapshot(version.record.table_uri).version == version.record.table_version
