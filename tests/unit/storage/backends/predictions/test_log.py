from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import IntegrityError, InvalidInputError
from millwright.core.records.prediction import PredictionColumns
from millwright.storage.backends.predictions.log import FolderPredictionStore
from millwright.storage.folder import LocalFolder
from millwright.testing import sample

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> FolderPredictionStore:
    return FolderPredictionStore(LocalFolder(tmp_path))


class CountingFolder(LocalFolder):
    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.read_names: list[str] = []

    def read(self, name: str) -> bytes | None:
        self.read_names.append(name)
        return super().read(name)


def test_segments_lie_by_endpoint_day_and_hour_of_the_id(store: FolderPredictionStore, tmp_path: Path) -> None:
    store.append([sample.prediction("a/b"), sample.prediction("a/b", seconds=3600), sample.prediction("c.d")])
    folders = sorted(str(path.parent.relative_to(tmp_path)) for path in tmp_path.rglob("*.parquet"))
    assert folders == [
        "a%2Fb/date=2026-03-29/hour=12",
        "a%2Fb/date=2026-03-29/hour=13",
        "c%2Ed/date=2026-03-29/hour=12",
    ]


def test_log_is_readable_as_one_partitioned_table_by_others(store: FolderPredictionStore, tmp_path: Path) -> None:
    store.append([sample.prediction(seconds=hour * 3600) for hour in range(3)])
    frame = pl.scan_parquet(tmp_path / "delay" / "date=*" / "hour=*" / "*.parquet", hive_partitioning=True).collect()
    assert frame.height == 3
    assert frame["at"].dtype == pl.Datetime("us", "UTC")
    assert frame["features"].dtype == pl.String


def test_rows_with_common_columns_are_readable_by_column(store: FolderPredictionStore, tmp_path: Path) -> None:
    rows = [sample.prediction(seconds=second) for second in range(2)]
    store.append(
        PredictionColumns(
            endpoint="delay",
            model="delay",
            version=1,
            id=[row.id for row in rows],
            at=[row.at for row in rows],
            features={"days": [1.5, None]},
            outputs={"prediction": [True, False]},
            latency_ms=[0.5, 0.6],
            request_id=["r", "s"],
            key=[None, "k"],
        )
    )
    frame = pl.read_parquet(next(tmp_path.rglob("*.parquet")))
    assert frame["features"].struct.field("days").to_list() == [1.5, None]
    assert frame["outputs"].struct.field("prediction").to_list() == [True, False]
    assert frame.schema["version"] == pl.Int64


def test_find_opens_only_segments_that_may_hold_the_id(tmp_path: Path) -> None:
    folder = CountingFolder(tmp_path)
    store = FolderPredictionStore(folder)
    rows = [sample.prediction(name, seconds=second) for name in "ab" for second in range(0, 7200, 60)]
    for row in rows:
        store.append([row])
    assert store.find(rows[30].id) == rows[30]
    assert len(folder.read_names) == 1


def test_iter_opens_only_hours_near_the_range(tmp_path: Path) -> None:
    folder = CountingFolder(tmp_path)
    store = FolderPredictionStore(folder)
    rows = [sample.prediction(seconds=hour * 3600) for hour in range(48)]
    store.append(rows)
    assert list(store.iter("delay", start=rows[20].at, end=rows[21].at)) == [rows[20]]
    assert len(folder.read_names) <= 5


def test_half_written_segment_is_not_seen(store: FolderPredictionStore, tmp_path: Path) -> None:
    row = sample.prediction()
    store.append([row])
    segment = next(tmp_path.rglob("*.parquet"))
    (segment.parent / ".partial-x").write_bytes(segment.read_bytes()[:50])
    assert list(store.iter("delay")) == [row]


def test_segment_that_vanishes_while_reading_is_passed_over(tmp_path: Path) -> None:
    class Vanishing(LocalFolder):
        def read(self, name: str) -> bytes | None:
            self.delete(name)
            return super().read(name)

    row = sample.prediction()
    FolderPredictionStore(LocalFolder(tmp_path)).append([row])
    store = FolderPredictionStore(Vanishing(tmp_path))
    assert list(store.iter("delay")) == []
    assert store.find(row.id) is None
    assert list(store.iter_labels("delay")) == []


def test_damaged_segment_is_an_error_that_names_it(store: FolderPredictionStore, tmp_path: Path) -> None:
    row = sample.prediction()
    store.append([row])
    segment = next(tmp_path.rglob("*.parquet"))
    segment.write_bytes(b"x" * 100)
    with pytest.raises(IntegrityError, match=segment.name):
        list(store.iter("delay"))


def test_endpoint_without_a_name_is_refused(store: FolderPredictionStore) -> None:
    with pytest.raises(InvalidInputError, match="endpoint"):
        store.append([sample.prediction("")])
