from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.ids import StepRunId
from millwright.core.records.audit import NodeKind
from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.storage.catalog import Stores

FRAME = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
APPEND = WriteOptions(mode="append")
STEP = StepRunId("0" * 32)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "schedules.csv"
    path.write_text("id,Cost \n007,1.50\n008,\n")
    return path


def origins(stores: Stores, ref: str) -> list[tuple[NodeKind, str, str]]:
    return [(e.source_kind, e.source_id, e.relation) for e in stores.lineage.upstream(NodeKind.DATASET, ref)]


def test_ingest_records_version_lineage_and_audit(catalog: DatasetCatalog, stores: Stores, source: Path) -> None:
    record = catalog.ingest(str(source), "schedules", step_run_id=STEP).record
    assert (record.ref, record.kind, record.rows) == ("schedules@1", DatasetKind.SOURCE, 2)
    assert [(c.name, c.dtype, c.nullable) for c in record.columns] == [
        ("id", "String", False),
        ("Cost", "String", True),
    ]
    assert (record.source_uri, record.produced_by) == (str(source), STEP)
    assert record.details == {"format": "csv", "added": 2, "updated": 0, "removed": 0, "unchanged": 0}
    assert origins(stores, "schedules@1") == [
        (NodeKind.SOURCE, f"{source}#{record.source_digest}", "read"),
        (NodeKind.STEP_RUN, STEP, "wrote"),
    ]
    (event,) = stores.audit.list(subject="schedules@1")
    assert (event.actor, event.action, event.details["digest"]) == ("ada", "dataset.write", record.digest)


def test_ingest_of_the_same_bytes_gives_the_version_that_is_there(catalog: DatasetCatalog, source: Path) -> None:
    first = catalog.ingest(str(source), "schedules")
    changed = source.with_name("changed.csv")
    changed.write_text("id,Cost\n009,3\n")
    assert catalog.ingest(str(changed), "schedules").record.version == 2
    assert catalog.ingest(str(source), "schedules") == first
    assert catalog.get("schedules").record.version == 2


def test_ingest_of_the_same_rows_from_other_bytes_adds_the_source_alone(
    catalog: DatasetCatalog, stores: Stores, source: Path
) -> None:
    first = catalog.ingest(str(source), "schedules")
    other = source.with_name("other.csv")
    other.write_bytes(source.read_bytes().replace(b",", b";").replace(b"\n", b"\r\n"))
    assert catalog.ingest(str(other), "schedules") == first
    assert [uri.partition("#")[0] for _, uri, _ in origins(stores, "schedules@1")] == [str(source), str(other)]
    assert len(catalog.versions("schedules")) == 1


def test_same_source_in_another_dataset_is_a_version_there(catalog: DatasetCatalog, source: Path) -> None:
    catalog.ingest(str(source), "one")
    assert catalog.ingest(str(source), "two").record.ref == "two@1"


def test_quarantine_of_the_same_source_does_not_hide_other_rows(catalog: DatasetCatalog, source: Path) -> None:
    record = catalog.ingest(str(source), "schedules").record
    options = WriteOptions(source_uri=record.source_uri, source_digest=record.source_digest)
    first = catalog.write(FRAME, "schedules.quarantine", kind=DatasetKind.QUARANTINE, options=options)
    second = catalog.write(FRAME[:1], "schedules.quarantine", kind=DatasetKind.QUARANTINE, options=options)
    assert (first.record.version, second.record.version) == (1, 2)
    assert catalog.ingest(str(source), "schedules.quarantine").record.kind is DatasetKind.SOURCE


def test_write_names_what_the_rows_were_made_of(catalog: DatasetCatalog, stores: Stores) -> None:
    catalog.write(FRAME, "a", kind=DatasetKind.SOURCE)
    options = WriteOptions(derived_from=("a@1",), details={"reasons": {"x": 1}})
    record = catalog.write(FRAME, "b", kind=DatasetKind.QUARANTINE, options=options).record
    assert origins(stores, "b@1") == [(NodeKind.DATASET, "a@1", "derived")]
    assert catalog.get("b").record == record
    assert record.details["reasons"] == {"x": 1}


def test_versions_keep_their_rows_when_later_ones_have_other_columns(catalog: DatasetCatalog) -> None:
    frames = [FRAME, FRAME.select("a"), FRAME.clear(), FRAME.with_columns(a=pl.col("a").cast(pl.String))]
    for frame in frames:
        catalog.write(frame, "d", kind=DatasetKind.SOURCE)
    for version, frame in enumerate(frames, start=1):
        read = catalog.get(f"d@{version}").verify()
        assert read.schema == frame.schema
        assert read.equals(frame)
    assert [dataset.record.version for dataset in catalog.versions("d")] == [4, 3, 2, 1]


def test_append_makes_a_version_of_all_rows(catalog: DatasetCatalog) -> None:
    catalog.write(FRAME, "d", kind=DatasetKind.SOURCE, options=APPEND)
    longer = catalog.write(FRAME, "d", kind=DatasetKind.SOURCE, options=APPEND)
    assert longer.record.rows == 4
    assert longer.verify().equals(pl.concat([FRAME, FRAME]))
    assert catalog.get("d@1").verify().equals(FRAME)
    with pytest.raises(InvalidInputError, match="column 'b': expected String, found none"):
        catalog.write(pl.DataFrame({"a": ["1"]}), "d", kind=DatasetKind.SOURCE, options=APPEND)


def test_list_names_the_latest_versions(catalog: DatasetCatalog) -> None:
    for name in ("b", "a"):
        catalog.write(FRAME, name, kind=DatasetKind.SOURCE)
    catalog.write(FRAME[:1], "b", kind=DatasetKind.SOURCE)
    assert [dataset.record.ref for dataset in catalog.list()] == ["a@1", "b@2"]


def test_unknown_dataset_names_the_closest(catalog: DatasetCatalog) -> None:
    catalog.write(FRAME, "schedules", kind=DatasetKind.SOURCE)
    with pytest.raises(NotFoundError, match="Did you mean 'schedules'"):
        catalog.get("schedule")
    with pytest.raises(NotFoundError, match="no version 2"):
        catalog.get("schedules@2")


def test_name_that_could_be_a_path_writes_nothing(catalog: DatasetCatalog, source: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="Expected a dataset name"):
        catalog.ingest(str(source), "../evil")
    with pytest.raises(InvalidInputError, match="Expected a dataset name"):
        catalog.write(FRAME, "a/b", kind=DatasetKind.SOURCE)
    assert not (tmp_path / "evil").exists()


def test_writer_that_dies_between_rows_and_record_leaves_the_former_version(
    catalog: DatasetCatalog, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = catalog.write(FRAME, "d", kind=DatasetKind.SOURCE)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(stores.audit), "append", die)
        for options in (WriteOptions(), APPEND):
            with pytest.raises(KeyboardInterrupt):
                catalog.write(FRAME[:1], "d", kind=DatasetKind.SOURCE, options=options)
    assert catalog.get("d") == first
    assert first.verify().equals(FRAME)
    assert origins(stores, "d@2") == []
    longer = catalog.write(FRAME[:1], "d", kind=DatasetKind.SOURCE, options=APPEND)
    assert longer.record.version == 2
    assert longer.verify().rows() == [*FRAME.rows(), FRAME.row(0)]


WRITER = """
import sys
import polars as pl
from millwright.core.clock import SystemClock
from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions
from millwright.storage.catalog import open_stores
folder, name = sys.argv[1:]
stores = open_stores(
    records_url=f"sqlite:///{folder}/records.db",
    artifacts_url=f"{folder}/artifacts",
    predictions_url=f"{folder}/predictions",
)
catalog = DatasetCatalog(stores=stores, root_url=f"{folder}/datasets", clock=SystemClock(), actor=name)
for number in range(5):
    frame = pl.DataFrame({"writer": [name], "number": [number]})
    catalog.write(frame, "d", kind=DatasetKind.SOURCE, options=WriteOptions(mode="append"))
"""


def test_two_processes_that_append_at_once_lose_nothing(catalog: DatasetCatalog, tmp_path: Path) -> None:
    catalog.list()  # makes the database before both come
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name]) for name in ("a", "b")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    rows = catalog.get("d").verify()
    assert catalog.get("d").record.version == 10
    assert sorted(rows.rows()) == [(name, number) for name in ("a", "b") for number in range(5)]
    assert all(rows.filter(writer=name)["number"].is_sorted() for name in ("a", "b"))
    assert [dataset.verify().height for dataset in catalog.versions("d")] == list(range(10, 0, -1))


KILLED = """
import os, signal, sys
import polars as pl
from millwright.core.clock import SystemClock
from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets.catalog import DatasetCatalog
from millwright.storage.catalog import open_stores
folder = sys.argv[1]
stores = open_stores(
    records_url=f"sqlite:///{folder}/records.db",
    artifacts_url=f"{folder}/artifacts",
    predictions_url=f"{folder}/predictions",
)
type(stores.audit).append = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
catalog = DatasetCatalog(stores=stores, root_url=f"{folder}/datasets", clock=SystemClock(), actor="x")
catalog.write(pl.DataFrame({"a": [7]}), "d", kind=DatasetKind.SOURCE)
"""


def test_writer_that_is_killed_leaves_the_former_version_and_blocks_nobody(
    catalog: DatasetCatalog, tmp_path: Path
) -> None:
    import deltalake

    first = catalog.write(FRAME, "d", kind=DatasetKind.SOURCE)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert deltalake.DeltaTable(first.record.table_uri).version() == 2  # its rows are there, and nobody sees them
    assert catalog.get("d") == first
    assert first.verify().equals(FRAME)
    second = catalog.write(FRAME[:1], "d", kind=DatasetKind.SOURCE, options=WriteOptions(mode="append", wait_s=0))
    assert second.record.version == 2
    assert second.verify().rows() == [*FRAME.rows(), FRAME.row(0)]


def test_versions_are_read_from_where_the_tables_are_now_when_a_workspace_was_moved(
    catalog: DatasetCatalog, stores: Stores, clock: ManualClock, tmp_path: Path
) -> None:
    catalog.write(FRAME, "d", kind=DatasetKind.SOURCE)
    (tmp_path / "datasets").rename(tmp_path / "elsewhere")
    moved = DatasetCatalog(stores=stores, root_url=str(tmp_path / "elsewhere"), clock=clock, actor="ada")
    assert moved.get("d@1").verify().equals(FRAME)
    appended = moved.write(FRAME[:1], "d", kind=DatasetKind.SOURCE, options=APPEND)
    assert appended.verify().rows() == [*FRAME.rows(), FRAME.row(0)]
    assert [found.read().height for found in moved.versions("d")] == [3, 2]
