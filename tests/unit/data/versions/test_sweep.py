from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.records.dataset import DatasetKind, DatasetState
from millwright.data.versions.sweep import Swept, holds_more, sweep, table_url

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.storage.catalog import Stores


def test_table_is_below_the_root_unless_it_is_named_whole() -> None:
    assert table_url("/data/", "a~2") == "/data/a~2"
    assert table_url("/data", "s3://bucket/a") == "s3://bucket/a"
    assert table_url("s3://bucket", "/old/a") == "/old/a"


def test_half_made_and_former_tables_of_this_dataset_alone_go(
    stores: Stores, catalog: DatasetCatalog, root: Path, clock: ManualClock
) -> None:
    for dataset in ("a", "a.b"):
        catalog.write(pl.DataFrame({"n": [1]}), dataset, kind=DatasetKind.TABLE)
    for name in ("a~7/_delta_log", "a.b~1", "a~x"):
        (root / name).mkdir(parents=True)
    (root / "a~7" / "_delta_log" / "0.json").write_text("{}")
    (root / "a~7" / "rows.parquet").write_bytes(b"123")
    planned = sweep(stores, str(root), "a", now=clock.now(), dry_run=True)
    assert planned == Swept(files=2, size_bytes=5)
    assert (root / "a~7").exists()
    assert sweep(stores, str(root), "a", now=clock.now()) == planned
    assert sorted(path.name for path in root.iterdir()) == ["a", "a.b", "a.b~1", "a~x"]
    assert catalog.get("a").verify().height == 1


def test_files_of_expired_versions_go_and_strays_after_a_day(
    stores: Stores, catalog: DatasetCatalog, root: Path, clock: ManualClock
) -> None:
    for number in range(2):
        catalog.write(pl.DataFrame({"n": [number]}), "a", kind=DatasetKind.TABLE)
    records = stores.datasets.list_versions("a")
    assert not holds_more(str(root), records, records)
    assert holds_more(str(root), records[:1], records)
    stores.datasets.set_state("a", 1, DatasetState.EXPIRED)
    assert sweep(stores, str(root), "a", now=clock.now()).files == 1
    stray = root / "a" / "x.parquet"
    stray.write_bytes(b"1")
    os.utime(stray, (clock.now().timestamp(),) * 2)
    assert holds_more(str(root), records[:1], records[:1])
    assert sweep(stores, str(root), "a", now=clock.now() + timedelta(hours=23)).files == 0
    assert sweep(stores, str(root), "a", now=clock.now() + timedelta(hours=25)).files == 1
