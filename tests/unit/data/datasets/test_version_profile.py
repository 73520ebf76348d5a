from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import ConflictError
from millwright.core.ids import Digest
from millwright.core.progress import SilentProgress
from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets import version_profile
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions
from millwright.data.profiles import find_profile, profile, storing
from millwright.data.profiles.storing import measure

if TYPE_CHECKING:
    from millwright.core.clock import ManualClock
    from millwright.data.datasets.snapshot import Snapshot
    from millwright.storage.catalog import Stores

FRAME = pl.DataFrame({"id": [1, 2, 3], "cost": [1.0, None, 3.5]})


def test_small_version_has_its_profile_from_the_start(catalog: DatasetCatalog, stores: Stores) -> None:
    record = catalog.write(FRAME, "d", kind=DatasetKind.TABLE).record
    assert find_profile(record.profile, stores.artifacts) == profile(FRAME)


def test_large_version_gets_its_profile_on_the_first_request(
    catalog: DatasetCatalog, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version_profile, "CELLS", 5)
    assert catalog.write(FRAME, "d", kind=DatasetKind.TABLE).record.profile is None
    assert catalog.profile("d") == profile(FRAME)
    record = catalog.get("d").record
    assert find_profile(record.profile, stores.artifacts) == profile(FRAME)
    assert catalog.get("d").verify().equals(FRAME)


def test_appended_rows_alone_are_profiled_when_the_former_version_has_a_profile(
    catalog: DatasetCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "ALWAYS_WHOLE_ROWS", 0)
    monkeypatch.setattr(storing, "MAX_GROWTH", 10)
    monkeypatch.setattr(storing, "measure", None)  # all rows are not looked at again
    append = WriteOptions(mode="append")
    with monkeypatch.context() as patch:
        patch.setattr(storing, "measure", measure)
        catalog.write(FRAME, "d", kind=DatasetKind.TABLE)
    for _ in range(2):
        catalog.write(FRAME, "d", kind=DatasetKind.TABLE, options=append)
    found = catalog.profile("d")
    assert (found.rows, found.column("cost").nulls, found.column("cost").maximum) == (9, 3, 3.5)
    assert catalog.get("d@3").record.profile is not None  # since it was written


def test_keys_that_are_new_are_profiled_as_they_are_merged_and_updates_are_left_for_later(
    catalog: DatasetCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "ALWAYS_WHOLE_ROWS", 0)
    catalog.write(FRAME, "d", kind=DatasetKind.TABLE)
    merge = WriteOptions(mode="merge", key=("id",))
    new = FRAME.with_columns(pl.col("id") + 3)
    assert catalog.write(new, "d", kind=DatasetKind.TABLE, options=merge).record.profile is not None
    assert (catalog.profile("d").rows, catalog.profile("d").column("id").maximum) == (6, 6)
    changed = new[:1].with_columns(cost=9.0)
    assert catalog.write(changed, "d", kind=DatasetKind.TABLE, options=merge).record.profile is None
    assert catalog.profile("d").column("cost").maximum == 9.0


def test_small_version_is_profiled_exactly_on_the_first_request_after_an_append(catalog: DatasetCatalog) -> None:
    catalog.write(FRAME, "d", kind=DatasetKind.TABLE)
    appended = catalog.write(FRAME, "d", kind=DatasetKind.TABLE, options=WriteOptions(mode="append"))
    assert appended.record.profile is None
    assert catalog.profile("d") == profile(appended.read())


def test_merged_version_is_profiled_as_a_whole(catalog: DatasetCatalog) -> None:
    catalog.write(FRAME, "d", kind=DatasetKind.TABLE)
    merge = WriteOptions(mode="merge", key=("id",))
    catalog.write(FRAME[:1].with_columns(cost=7.0), "d", kind=DatasetKind.TABLE, options=merge)
    assert catalog.profile("d") == profile(catalog.get("d").read())


def test_restored_version_has_the_profile_of_the_older(catalog: DatasetCatalog) -> None:
    first = catalog.write(FRAME, "d", kind=DatasetKind.TABLE).record
    catalog.write(FRAME[:1], "d", kind=DatasetKind.TABLE)
    assert catalog.restore("d@1").record.profile == first.profile


def test_profile_of_rows_that_were_erased_meanwhile_is_thrown_away(
    catalog: DatasetCatalog, stores: Stores, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version_profile, "CELLS", 0)
    version = catalog.write(FRAME, "d", kind=DatasetKind.TABLE)
    record = stores.datasets.get_version("d", 1)

    def opened() -> Snapshot:
        stores.datasets.amend_version(replace(record, digest=Digest("0" * 64)))
        return version.snapshot()

    with pytest.raises(ConflictError, match="Rows of d@1 were erased while it was profiled"):
        version_profile.find_or_compute(record, opened, stores, clock=clock, progress=SilentProgress())
    assert stores.datasets.get_version("d", 1).profile is None
    assert list(stores.artifacts.iter()) == []
