from __future__ import annotations

import shutil
from datetime import UTC, datetime

import polars as pl
import pytest

from millwright.core.clock import ManualClock
from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.progress import SilentProgress
from millwright.core.records.audit import NodeKind
from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets.catalog import DatasetCatalog
from millwright.data.sources.request import SourceOptions
from millwright.deployment.batch.input import find_source, open_input
from millwright.storage.catalog import open_stores
from millwright.storage.query_write import Destination, write_rows

FRAME = pl.DataFrame({"id": range(10), "name": list("abcdefghij")})
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def datasets(tmp_path):
    stores = open_stores(
        records_url=f"sqlite:///{tmp_path}/records.db",
        artifacts_url=f"{tmp_path}/artifacts",
        predictions_url=f"{tmp_path}/predictions",
    )
    yield DatasetCatalog(stores=stores, root_url=f"{tmp_path}/datasets", clock=ManualClock(NOW), actor="user:ada")
    stores.close()


def read(source, folder, reading=None, *, chunk_rows=4):
    with open_input(source, reading or SourceOptions(), chunk_rows=chunk_rows) as found:
        chunks = found.read(folder, SilentProgress())
        frames = list(chunks.frames)
    return found, chunks, frames


def test_dataset_version_is_read_in_chunks(tmp_path, datasets):
    dataset = datasets.write(FRAME, "visits", kind=DatasetKind.TABLE)
    found, chunks, frames = read(dataset, tmp_path)
    assert (found.kind, found.node_id, found.uri) == (NodeKind.DATASET, "visits@1", "visits@1")
    assert (chunks.columns, chunks.rows) == (("id", "name"), 10)
    assert [frame.height for frame in frames] == [4, 4, 2]
    assert pl.concat(frames).equals(FRAME)


def test_names_are_places_before_they_are_datasets(tmp_path, datasets, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, second = (
        datasets.write(FRAME, "visits", kind=DatasetKind.TABLE),
        datasets.write(FRAME.head(3), "visits", kind=DatasetKind.TABLE),
    )
    assert find_source("visits", datasets).record.ref == second.record.ref
    assert find_source("visits@1", datasets).record.ref == first.record.ref
    with pytest.raises(NotFoundError):
        find_source("visits@9", datasets)
    FRAME.write_csv(tmp_path / "visits")
    assert find_source("visits", datasets) == "visits"
    assert find_source("visit.csv", datasets) == "visit.csv"
    assert find_source("a/b@1", datasets) == "a/b@1"
    assert find_source("in/*.csv", datasets, folder=tmp_path) == str(tmp_path / "in/*.csv")
    assert find_source("https://host/t.csv", datasets, folder=tmp_path) == "https://host/t.csv"
    assert find_source("visits@1", datasets, SourceOptions(format="csv")) == "visits@1"


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_files_of_a_pattern_are_one_table_in_the_order_of_their_paths(tmp_path, ending):
    parts = {"day=2/b": FRAME[6:], "day=1/a": FRAME[:6]}
    for name, frame in parts.items():
        path = tmp_path / f"{name}.{ending}"
        path.parent.mkdir()
        {"csv": frame.write_csv, "parquet": frame.write_parquet, "jsonl": frame.write_ndjson}[ending](path)
    found, chunks, frames = read(f"{tmp_path}/*/*.{ending}", tmp_path)
    assert chunks.columns == ("id", "name", "day")
    assert [frame.height for frame in frames] == [4, 2, 4]
    assert "".join(pl.concat(frames)["name"]) == "abcdefghij"
    assert "".join(pl.concat(frames)["day"]) == "1111112222"
    assert found.node_id == f"{tmp_path}/*/*.{ending}#{found.identity}"
    (tmp_path / "day=3").mkdir()
    shutil.copy(tmp_path / f"day=1/a.{ending}", tmp_path / f"day=3/c.{ending}")
    assert read(f"{tmp_path}/*/*.{ending}", tmp_path)[0].identity != found.identity


def test_files_with_other_columns_are_told(tmp_path):
    FRAME.write_parquet(tmp_path / "1.parquet")
    FRAME.rename({"name": "nom"}).cast({"id": pl.String}).write_parquet(tmp_path / "2.parquet")
    with pytest.raises(InvalidInputError, match=r"'name' is absent, 'nom' is not in the first, 'id' is String instead"):
        read(str(tmp_path), tmp_path)


def test_file_that_changes_while_it_is_read_is_told(tmp_path):
    FRAME.write_csv(tmp_path / "in.csv")
    with (
        pytest.raises(InvalidInputError, match="was changed while it was read"),
        open_input(str(tmp_path / "in.csv"), chunk_rows=4),
    ):
        FRAME.head(3).write_csv(tmp_path / "in.csv")


def test_packed_file_is_read(tmp_path):
    import gzip

    (tmp_path / "in.csv.gz").write_bytes(gzip.compress(FRAME.write_csv().encode()))
    assert [frame.height for frame in read(str(tmp_path / "in.csv.gz"), tmp_path)[2]] == [4, 4, 2]


def test_database_is_read_once_and_kept(tmp_path):
    url, folder = f"sqlite:///{tmp_path}/shop.db", tmp_path / "job"
    folder.mkdir()
    write_rows(Destination(url=url, table="visits"), iter([FRAME]), "made")
    reading = SourceOptions(query="SELECT id, name FROM visits WHERE id > 2 ORDER BY id DESC")
    found, chunks, frames = read(url, folder, reading)
    assert (chunks.columns, chunks.rows) == (("id", "name"), 7)
    assert pl.concat(frames)["id"].to_list() == [9, 8, 7, 6, 5, 4, 3]
    write_rows(Destination(url=url, table="visits", mode="append"), iter([FRAME]), "more")
    again, _, frames = read(url, folder, reading)
    assert again.identity == found.identity
    assert pl.concat(frames).height == 7
    assert read(url, folder, SourceOptions(table="visits"))[0].identity != found.identity


def test_frame_is_never_the_same_job(tmp_path):
    assert read(FRAME, tmp_path)[0].identity != read(FRAME, tmp_path)[0].identity
    assert read(FRAME, tmp_path)[0].kind is None


def test_options_of_another_kind_are_refused(tmp_path):
    FRAME.write_csv(tmp_path / "in.csv")
    with (
        pytest.raises(InvalidInputError, match="for 'delta'"),
        open_input(str(tmp_path / "in.csv"), SourceOptions(format="csv", version=1), chunk_rows=4),
    ):
        pass
