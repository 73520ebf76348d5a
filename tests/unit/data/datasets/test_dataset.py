from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import polars as pl
import pytest

from millwright.core.errors import IntegrityError
from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets.catalog import DatasetCatalog
from millwright.data.datasets.dataset import Dataset

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.storage.catalog import Stores

FRAME = pl.DataFrame({"a": [1, 2], "b": ["x", None]})


@pytest.fixture
def dataset(stores: Stores, clock: ManualClock, tmp_path: Path) -> Dataset:
    catalog = DatasetCatalog(stores=stores, root_url=str(tmp_path / "datasets"), clock=clock, actor="ada")
    return catalog.write(FRAME, "d", kind=DatasetKind.SOURCE)


def test_dataset_reads_and_verifies_its_rows(dataset: Dataset) -> None:
    assert dataset.read().equals(FRAME)
    assert dataset.verify().equals(FRAME)


def test_dataset_whose_table_was_changed_is_refused(dataset: Dataset) -> None:
    import deltalake

    deltalake.write_deltalake(dataset.record.table_uri, FRAME.reverse(), mode="overwrite")
    with pytest.raises(IntegrityError, match="not those recorded"):
        Dataset(replace(dataset.record, table_version=2)).verify()
    with pytest.raises(IntegrityError, match="Expected 3 rows in d@1, found 2"):
        Dataset(replace(dataset.record, rows=3)).read()


def test_dataset_passes_through_json(dataset: Dataset) -> None:
    assert msgspec.json.decode(msgspec.json.encode(dataset), type=Dataset) == dataset
