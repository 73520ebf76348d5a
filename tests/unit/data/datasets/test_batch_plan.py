"""Rows that come in batches become the versions that they would as one frame, a few of them in memory at a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

from millwright.core.errors import ConflictError, InvalidInputError
from millwright.core.records.dataset import DatasetKind, DatasetOperation
from millwright.data.datasets import batch_plan, layout
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions
from millwright.data.datasets.table_digest import is_by_files

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = pl.DataFrame({"id": range(10), "name": [None, *(f"n{number}" for number in range(9))]})
APPEND = WriteOptions(mode="append")


@pytest.fixture(autouse=True)
def _everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_plan, "WHOLE_BYTES", 0)
    monkeypatch.setattr(layout, "rows_per_file_like", lambda _: 3)


def cut(frame: pl.DataFrame, *sizes: int) -> list[pl.DataFrame]:
    """A frame in pieces; the rest is one."""
    pieces, start = [], 0
    for size in sizes:
        pieces.append(frame[start : start + size])
        start += size
    return [*pieces, frame[start:]]


def files(catalog: DatasetCatalog) -> set[str]:
    return {path.name for path in Path(catalog.get("d").record.table_uri).glob("*.parquet")}


class TestOverwrite:
    def test_frames_one_after_the_other_are_a_table(self, catalog) -> None:
        made = catalog.write(iter(cut(ROWS, 4, 0, 1)), "d", kind=DatasetKind.TABLE)
        assert made.verify().equals(ROWS)
        assert (made.record.operation, made.record.rows, made.record.parent) == (DatasetOperation.OVERWRITE, 10, None)
        assert [column.nullable for column in made.record.columns] == [False, True]
        assert [pl.scan_parquet(uri).select(pl.len()).collect().item() for uri in made.files()] == [3, 3, 3, 1]
        assert is_by_files(made.record.details)
        assert catalog.profile("d").rows == 10

    def test_lazy_frames_and_files_are_taken_too(self, catalog, tmp_path) -> None:
        folder = tmp_path / "parts"
        folder.mkdir()
        ROWS[:7].write_parquet(folder / "a.parquet")
        ROWS[7:].write_parquet(folder / "b.parquet")
        first = catalog.write(ROWS.lazy(), "d", kind=DatasetKind.TABLE)
        for same in (folder, [folder / "a.parquet", str(folder / "b.parquet")], cut(ROWS, 5)):
            assert catalog.write(same, "d", kind=DatasetKind.TABLE).record == first.record
        assert first.verify().equals(ROWS)

    def test_same_rows_make_no_version_and_leave_no_file(self, catalog) -> None:
        whole = catalog.write(ROWS, "d", kind=DatasetKind.TABLE)  # in one file, and by the digest of its rows
        before = files(catalog)
        assert catalog.write(cut(ROWS, 4), "d", kind=DatasetKind.TABLE).record == whole.record
        assert files(catalog) == before
        other = catalog.write(cut(ROWS.reverse(), 4), "d", kind=DatasetKind.TABLE)
        assert other.record.version == 2
        assert catalog.write(ROWS.reverse(), "d", kind=DatasetKind.TABLE).record == other.record
        assert catalog.write(cut(ROWS.head(9), 4), "d", kind=DatasetKind.TABLE).record.version == 3
        assert catalog.write(cut(ROWS.reverse(), 2), "d", kind=DatasetKind.TABLE).record == other.record  # an older one

    def test_few_rows_are_written_as_one_frame(self, catalog, monkeypatch) -> None:
        monkeypatch.setattr(batch_plan, "WHOLE_BYTES", 1 << 20)
        made = catalog.write(cut(ROWS, 4), "d", kind=DatasetKind.TABLE)
        assert not is_by_files(made.record.details)
        assert made.record == catalog.write(ROWS, "d", kind=DatasetKind.TABLE).record
        assert catalog.write(ROWS.clear().lazy(), "d", kind=DatasetKind.TABLE).record.rows == 0

    @pytest.mark.parametrize(
        ("rows", "message"),
        [
            ([ROWS, ROWS.select("id")], "Expected the columns of d, found others: column 'name'"),
            ([ROWS, ROWS.with_columns(id=pl.lit("x"))], "column 'id': expected Int64, found String"),
            ([ROWS, 1], "Expected Polars frames, a lazy frame or paths of Parquet files, found int"),
            (7, "found int"),
            ("rows.parquet", "found str"),
            ([], "Expected rows or files"),
            (iter(()), "Expected a frame, found none"),
            (Path("nowhere.parquet"), "cannot be computed"),
            (ROWS.lazy().select(pl.col("name").cast(pl.Int64)), "cannot be computed"),
        ],
    )
    def test_what_does_not_fit_leaves_the_former_version_and_no_file(self, catalog, rows, message) -> None:
        catalog.write(ROWS.tail(2), "d", kind=DatasetKind.TABLE)
        before = files(catalog)
        with pytest.raises(InvalidInputError, match=message):
            catalog.write(rows, "d", kind=DatasetKind.TABLE)
        assert files(catalog) == before
        assert catalog.get("d").record.version == 1

    def test_keys_are_refused(self, catalog) -> None:
        for options in (WriteOptions(mode="merge", key=("id",)), WriteOptions(key=("id",))):
            with pytest.raises(InvalidInputError, match="without a key"):
                catalog.write(ROWS.lazy(), "d", kind=DatasetKind.TABLE, options=options)

    def test_expected_version_has_to_be_the_latest(self, catalog) -> None:
        catalog.write(ROWS, "d", kind=DatasetKind.TABLE)
        catalog.write(ROWS.tail(2), "d", kind=DatasetKind.TABLE)
        with pytest.raises(ConflictError):
            catalog.write([ROWS.head(4)], "d", kind=DatasetKind.TABLE, options=WriteOptions(expected=1))


class TestAppend:
    def test_rows_stand_behind_those_that_are_there(self, catalog) -> None:
        first = catalog.write(iter(cut(ROWS[:4], 1)), "d", kind=DatasetKind.TABLE, options=APPEND)
        second = catalog.write(iter(cut(ROWS[4:], 1)), "d", kind=DatasetKind.TABLE, options=APPEND)
        assert second.verify().equals(ROWS)
        assert (second.record.parent, second.record.operation) == (1, DatasetOperation.APPEND)
        assert (second.record.details["added"], second.record.details["unchanged"]) == (6, 4)
        assert set(first.files()) < set(second.files())

    def test_columns_may_be_added_and_widened_on_request(self, catalog) -> None:
        narrow = ROWS.with_columns(pl.col("id").cast(pl.Int16))
        catalog.write(narrow, "d", kind=DatasetKind.TABLE)
        wider = ROWS.with_columns(extra=pl.lit(1.5))
        with pytest.raises(InvalidInputError, match="evolve=True"):
            catalog.write([wider], "d", kind=DatasetKind.TABLE, options=APPEND)
        evolving = WriteOptions(mode="append", evolve=True)
        made = catalog.write(iter([wider]), "d", kind=DatasetKind.TABLE, options=evolving)
        assert made.verify().equals(pl.concat([ROWS, wider], how="diagonal"))
        assert {column.name: column.nullable for column in made.record.columns} == {
            "id": False,
            "name": True,
            "extra": True,
        }

    def test_another_that_wrote_meanwhile_is_gone_on_from(self, catalog) -> None:
        catalog.write(ROWS[:2], "d", kind=DatasetKind.TABLE)

        def slowly() -> Iterator[pl.DataFrame]:
            yield ROWS[2:6]
            catalog.write([ROWS[8:]], "d", kind=DatasetKind.TABLE, options=APPEND)
            yield ROWS[6:8]

        made = catalog.write(slowly(), "d", kind=DatasetKind.TABLE, options=APPEND)
        assert made.verify()["id"].to_list() == [0, 1, 8, 9, 2, 3, 4, 5, 6, 7]
        assert made.record.version == 3

    def test_commit_that_was_refused_is_tried_again_with_other_files(self, catalog, monkeypatch) -> None:
        catalog.write(ROWS[:2], "d", kind=DatasetKind.TABLE)
        commit, tried = batch_plan.Change.commit, []

        def refused_once(change: Any, uri: str) -> int:
            version = commit(change, uri)
            tried.append({file.path for file in change.added})
            if len(tried) == 1:
                raise ConflictError("Others came first.", hint="Try again.")
            return version

        monkeypatch.setattr(batch_plan.Change, "commit", refused_once)
        for mode, expected in (("append", ROWS), ("overwrite", ROWS[2:])):
            tried.clear()
            made = catalog.write(iter(cut(ROWS[2:], 5)), "d", kind=DatasetKind.TABLE, options=WriteOptions(mode=mode))
            assert made.verify().equals(expected)
            assert not tried[0] & tried[1]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(0, 6), max_size=6), step=st.integers(1, 7))
def test_however_rows_are_cut_they_are_the_same_version(catalog, sizes, step) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "rows_per_file_like", lambda _: step)
        made = catalog.write(iter(cut(ROWS, *sizes)), f"d{step}", kind=DatasetKind.TABLE)
    assert made.record.version == 1
    assert made.verify().equals(ROWS)
