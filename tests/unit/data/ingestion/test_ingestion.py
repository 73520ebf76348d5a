from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from millwright.core.errors import ConflictError, InvalidInputError
from millwright.core.records.audit import NodeKind
from millwright.core.records.dataset import DatasetKind, DatasetOperation
from millwright.data.datasets import batch_plan
from millwright.data.datasets.catalog import DatasetCatalog
from millwright.data.ingestion import ingestion as module
from millwright.data.ingestion.ingestion import Ingestion
from millwright.data.ingestion.request import IngestOptions
from millwright.data.sources import table_file, text_table
from millwright.data.sources.request import SourceOptions

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.storage.catalog import Stores

FILES = IngestOptions(incremental="files")


@pytest.fixture
def catalog(stores: Stores, tmp_path: Path, clock: ManualClock) -> DatasetCatalog:
    return DatasetCatalog(stores=stores, root_url=str(tmp_path / "datasets"), clock=clock, actor="ann")


@pytest.fixture
def ingestion(catalog: DatasetCatalog, stores: Stores, clock: ManualClock) -> Ingestion:
    return Ingestion(catalog=catalog, stores=stores, clock=clock)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    folder = tmp_path / "lake"
    folder.mkdir()
    return folder


def rows(ingested: Any, column: str = "a") -> list[Any]:
    return ingested.dataset.read()[column].to_list()


def test_same_source_twice_makes_one_version(ingestion: Ingestion, lake: Path) -> None:
    (lake / "t.csv").write_text("a\n1\n")
    first = ingestion.add(str(lake / "t.csv"), "t")
    again = ingestion.add(str(lake / "t.csv"), "t")
    assert first.is_new
    assert not again.is_new
    assert again.dataset.record == first.dataset.record
    assert first.dataset.record.kind is DatasetKind.SOURCE


def test_file_is_appended_once(ingestion: Ingestion, lake: Path) -> None:
    for name in ("a", "b"):
        (lake / f"{name}.csv").write_text(f"a\n{name}\n")
    append = IngestOptions(mode="append")
    for name in ("a", "b", "b", "a"):
        last = ingestion.add(str(lake / f"{name}.csv"), "t", append)
    assert rows(last) == ["a", "b"]
    assert last.dataset.record.version == 2
    # Read whole, the second file is not the version that has it behind the first.
    assert rows(ingestion.add(str(lake / "b.csv"), "t")) == ["b"]
    assert rows(ingestion.add(str(lake / "a.csv"), "t", append)) == ["b", "a"]


def test_database_twice_makes_one_version_and_the_same_rows_by_merge_none(ingestion: Ingestion, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("CREATE TABLE t (a INTEGER, b TEXT)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [(2, "x"), (1, "y")])
    connection.close()
    url, asked = f"sqlite:///{tmp_path / 'shop.db'}", SourceOptions(table="t")
    first = ingestion.add(url, "t", IngestOptions(reading=asked))
    assert not ingestion.add(url, "t", IngestOptions(reading=asked)).is_new
    assert not ingestion.add(url, "t", IngestOptions(reading=asked, key=("a",))).is_new
    assert first.dataset.record.source_uri == f"{url}#table=t"


def test_frame_twice_makes_one_version(ingestion: Ingestion) -> None:
    frame = pl.DataFrame({"a": [1, 2]})
    assert ingestion.add(frame, "t").is_new
    assert not ingestion.add(frame.to_arrow(), "t").is_new
    with pytest.raises(InvalidInputError, match="for a table in memory"):
        ingestion.add(frame, "t", FILES)


def test_merge_by_key_keeps_one_row_each(ingestion: Ingestion, lake: Path) -> None:
    (lake / "1.csv").write_text("id,a\n1,x\n2,y\n")
    (lake / "2.csv").write_text("id,a\n2,z\n3,w\n")
    options = IngestOptions(key=("id",))
    ingestion.add(str(lake / "1.csv"), "t", options)
    merged = ingestion.add(str(lake / "2.csv"), "t", options)
    assert rows(merged) == ["x", "z", "w"]
    assert merged.dataset.record.operation is DatasetOperation.MERGE
    assert merged.dataset.record.kind is DatasetKind.TABLE


def test_only_new_files_are_read(ingestion: Ingestion, lake: Path, stores: Stores) -> None:
    (lake / "1.csv").write_text("a\n1\n")
    assert rows(ingestion.add(f"{lake}/*.csv", "t", FILES)) == ["1"]
    assert not ingestion.add(f"{lake}/*.csv", "t", FILES).is_new
    (lake / "2.csv").write_text("a\n2\n")
    (lake / "0.csv").write_text("a\n0\n")
    third = ingestion.add(f"{lake}/*.csv", "t", FILES)
    assert (third.rows, rows(third)) == (2, ["1", "0", "2"])
    sources = {edge.source_id.partition("#")[0] for edge in stores.lineage.upstream(NodeKind.DATASET, "t@2")}
    assert sources == {f"{lake}/*.csv", f"{lake}/0.csv", f"{lake}/2.csv", "t@1"}


def test_touched_file_is_not_read_again_and_a_changed_one_is_an_error(ingestion: Ingestion, lake: Path) -> None:
    path = lake / "1.csv"
    path.write_text("a,b\n1,x\n")
    ingestion.add(str(lake), "t", FILES)
    path.unlink()
    path.write_text("a,b\n1,x\n")
    assert not ingestion.add(str(lake), "t", FILES).is_new
    path.write_text("a,b\n1,y\n")
    with pytest.raises(InvalidInputError, match=r"1\.csv changed: .*--key"):
        ingestion.add(str(lake), "t", FILES)
    merged = ingestion.add(str(lake), "t", replace(FILES, key=("a",)))
    assert rows(merged, "b") == ["y"]


def test_whole_read_in_between_is_where_the_next_increment_goes_on(ingestion: Ingestion, lake: Path) -> None:
    (lake / "1.csv").write_text("a\n1\n")
    ingestion.add(str(lake), "t", FILES)
    (lake / "1.csv").write_text("a\n9\n")
    (lake / "2.csv").write_text("a\n2\n")
    assert rows(ingestion.add(str(lake), "t")) == ["9", "2"]
    assert not ingestion.add(str(lake), "t", FILES).is_new
    (lake / "3.csv").write_text("a\n3\n")
    assert rows(ingestion.add(str(lake), "t", FILES)) == ["9", "2", "3"]


def test_file_that_goes_leaves_its_rows(ingestion: Ingestion, lake: Path) -> None:
    for name in "12":
        (lake / f"{name}.csv").write_text(f"a\n{name}\n")
    ingestion.add(str(lake), "t", FILES)
    (lake / "1.csv").unlink()
    assert rows(ingestion.add(str(lake), "t", FILES)) == ["1", "2"]


def test_single_file_has_no_new_files(ingestion: Ingestion, lake: Path) -> None:
    (lake / "1.csv").write_text("a\n1\n")
    with pytest.raises(InvalidInputError, match="Expected a folder or a pattern"):
        ingestion.add(str(lake / "1.csv"), "t", FILES)


def test_rows_above_the_cursor_are_read_from_a_database(ingestion: Ingestion, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    options = IngestOptions(reading=SourceOptions(table="t"), incremental="column", column="at")

    def put(*values: tuple[str, int | None]) -> None:
        with sqlite3.connect(tmp_path / "shop.db") as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS t (at TEXT, n INTEGER)")
            connection.executemany("INSERT INTO t VALUES (?, ?)", values)
        connection.close()

    put(("2026-01-02", 2), ("2026-01-01", 1))
    assert rows(ingestion.add(url, "t", options), "n") == [1, 2]
    assert not ingestion.add(url, "t", options).is_new
    put(("2026-01-02", 3), ("2026-01-03", None), ("2026-01-01", 9))
    again = ingestion.add(url, "t", options)
    assert rows(again, "n") == [1, 2, 3, None]  # late at the highest value counts, below it does not
    put(("2026-01-03", None))
    assert rows(ingestion.add(url, "t", options), "n") == [1, 2, 3, None, None]  # a row like another is another
    assert not ingestion.add(url, "t", options).is_new
    with pytest.raises(InvalidInputError, match="Expected the cursor column 'at'"):
        ingestion.add(url, "t", replace(options, column="n"))
    with pytest.raises(InvalidInputError, match="--incremental column"):
        ingestion.add(url, "t", replace(options, incremental="changes", column=""))


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_rows_above_the_cursor_are_read_from_a_file(ingestion: Ingestion, lake: Path, name: str) -> None:
    options = IngestOptions(incremental="column", column="n")

    def put(*values: int) -> None:
        frame = pl.DataFrame({"n": values})
        frame.write_csv(lake / name) if name.endswith("csv") else frame.write_parquet(lake / name)

    put(9, 8)
    ingestion.add(str(lake / name), "t", options)
    put(9, 8, 10, 7)  # as texts, 10 is less than 8
    last = ingestion.add(str(lake / name), "t", options)
    assert [int(n) for n in rows(last, "n")] == [9, 8, 10]


@pytest.fixture
def orders(tmp_path: Path) -> str:
    uri = str(tmp_path / "orders")
    write_deltalake(uri, pl.DataFrame({"id": [1, 2, 3], "a": ["x", "y", "z"]}))
    return uri


def test_changes_of_a_delta_table_are_followed(ingestion: Ingestion, orders: str) -> None:
    options = IngestOptions(incremental="changes", key=("id",))
    assert rows(ingestion.add(orders, "t", options)) == ["x", "y", "z"]
    assert not ingestion.add(orders, "t", options).is_new
    write_deltalake(orders, pl.DataFrame({"id": [4], "a": ["w"]}), mode="append")
    DeltaTable(orders).update(predicate="id = 2", updates={"a": "'Y'"})
    followed = ingestion.add(orders, "t", options)
    assert rows(followed) == ["x", "Y", "z", "w"]
    DeltaTable(orders).delete("id = 1")
    write_deltalake(orders, pl.DataFrame({"id": [5], "a": ["v"]}), mode="append")
    assert rows(ingestion.add(orders, "t", options)) == ["Y", "z", "w", "v"]
    DeltaTable(orders).delete("id = 5")
    DeltaTable(orders).optimize.compact()
    assert rows(ingestion.add(orders, "t", options)) == ["Y", "z", "w"]
    DeltaTable(orders).delete("id = 4")
    write_deltalake(orders, pl.DataFrame({"id": [4], "a": ["w"]}), mode="append")
    assert not ingestion.add(orders, "t", options).is_new
    assert rows(ingestion.add(orders, "t", options)) == ["Y", "z", "w"]


def test_appended_rows_need_no_key_and_changed_ones_do(ingestion: Ingestion, orders: str) -> None:
    options = IngestOptions(incremental="changes")
    ingestion.add(orders, "t", options)
    write_deltalake(orders, pl.DataFrame({"id": [4], "a": ["w"]}), mode="append")
    assert rows(ingestion.add(orders, "t", options)) == ["x", "y", "z", "w"]
    DeltaTable(orders).delete("id = 1")
    with pytest.raises(InvalidInputError, match=r"found 1 changed or removed.*--key"):
        ingestion.add(orders, "t", options)


def test_source_without_changes_to_follow_is_an_error(ingestion: Ingestion, lake: Path) -> None:
    (lake / "1.csv").write_text("a\n1\n")
    with pytest.raises(InvalidInputError, match="whose changes can be followed"):
        ingestion.add(str(lake / "1.csv"), "t", IngestOptions(incremental="changes"))


def test_increment_takes_the_types_that_are_there(ingestion: Ingestion, lake: Path) -> None:
    (lake / "1.jsonl").write_text('{"a": 1.5, "b": "x"}')
    ingestion.add(str(lake), "t", FILES)
    (lake / "2.jsonl").write_text('{"a": 2, "b": null}')
    assert rows(ingestion.add(str(lake), "t", FILES)) == [1.5, 2.0]


def test_two_that_read_at_once_leave_no_row_twice(
    ingestion: Ingestion, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lake / "1.csv").write_text("a\n1\n")
    real, calls = module.read_new_files, []

    def slow(*given: Any, **named: Any) -> Any:
        found = real(*given, **named)
        if not calls:
            calls.append(1)
            ingestion.add(str(lake), "t", FILES)  # another is faster
        return found

    monkeypatch.setattr(module, "read_new_files", slow)
    last = ingestion.add(str(lake), "t", FILES)
    assert rows(last) == ["1"]
    assert last.dataset.record.version == 1


def test_reader_that_is_overtaken_again_and_again_gives_up(
    ingestion: Ingestion, lake: Path, stores: Stores, monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> None:
    (lake / "1.csv").write_text("a\n1\n")
    real = module.read_new_files

    def overtaken(*given: Any, **named: Any) -> Any:
        found = real(lake.as_posix(), given[1], {}, given[3], **named)
        cursor = module.SourceCursorRecord(
            dataset="t", source=str(lake), kind="files", position={"n": clock.now().timestamp()}, updated_at=clock.now()
        )
        stores.datasets.put_cursor(cursor)
        clock.advance(timedelta(seconds=1))
        return found

    monkeypatch.setattr(module, "read_new_files", overtaken)
    with pytest.raises(ConflictError, match="has read on"):
        ingestion.add(str(lake), "t", FILES)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (IngestOptions(mode="merge"), "key by which to merge"),
        (IngestOptions(mode="overwrite", incremental="files"), "append or merge"),
        (IngestOptions(incremental="column"), "cursor column"),
        (IngestOptions(column="a"), "cursor column"),
        (IngestOptions(mode="apend"), "Did you mean 'append'"),  # type: ignore[arg-type]
        (IngestOptions(incremental="file"), "Did you mean 'files'"),  # type: ignore[arg-type]
    ],
)
def test_options_that_do_not_go_together_are_an_error(
    ingestion: Ingestion, options: IngestOptions, message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        ingestion.add("x.csv", "t", options)


class TestLargeSources:
    """Above a size, files are read and written batch by batch."""

    @pytest.fixture(autouse=True)
    def _everything_is_large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(table_file, "LARGE_BYTES", 0)
        monkeypatch.setattr(text_table, "_MAPPED_BYTES", 0)
        monkeypatch.setattr(batch_plan, "WHOLE_BYTES", 0)

    @pytest.fixture
    def frames(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing is read whole."""

        def fail(*_: Any) -> None:
            raise AssertionError

        monkeypatch.setattr(module, "load", fail)

    @pytest.mark.usefixtures("frames")
    @pytest.mark.parametrize("suffix", ["csv", "parquet"])
    def test_file_is_the_table_that_it_is_when_read_whole(self, ingestion, tmp_path, suffix) -> None:
        rows = pl.DataFrame({" Project  Type": ["a", None, "b,c"] * 40_000, "Cost": ["1", "2", "03"] * 40_000})
        path = tmp_path / f"rows.{suffix}"
        rows.write_csv(path) if suffix == "csv" else rows.write_parquet(path)
        made = ingestion.add(str(path), "d")
        assert (made.rows, made.is_new, made.dataset.record.kind) == (120_000, True, DatasetKind.SOURCE)
        assert made.dataset.verify().equals(rows.rename({" Project  Type": "Project Type"}))
        assert made.dataset.record.details["format"] == suffix
        assert not ingestion.add(str(path), "d").is_new
        more = ingestion.add(str(path), "e", IngestOptions(mode="append"))
        assert more.rows == 120_000

    @pytest.mark.usefixtures("frames")
    def test_files_of_a_folder_come_one_after_the_other(self, ingestion, tmp_path) -> None:
        for year in (2025, 2026):
            (tmp_path / f"in/year={year}").mkdir(parents=True)
            pl.DataFrame({"id": [year, year + 1]}).write_parquet(tmp_path / f"in/year={year}/a.parquet")
        made = ingestion.add(str(tmp_path / "in"), "d")
        assert made.dataset.read().rows() == [(2025, "2025"), (2026, "2025"), (2026, "2026"), (2027, "2026")]
        assert made.dataset.record.details["format"] == "parquet"

    @pytest.mark.parametrize("text", ["a,b\n1,2\n\n3,4\n", 'a,b\n1,x"y\n3,4\n'])
    def test_text_that_has_to_be_read_whole_is(self, ingestion, tmp_path, text) -> None:
        (tmp_path / "rows.csv").write_text(text)
        assert ingestion.add(str(tmp_path / "rows.csv"), "d").rows == 2
