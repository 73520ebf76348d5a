from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import ConflictError, IntegrityError, StorageError
from millwright.data.datasets import delta
from millwright.data.datasets.delta import commit, read_version

if TYPE_CHECKING:
    from pathlib import Path

NUMBERS = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
TIMES = pl.DataFrame({"DSF Number(s), {all}": ["q"], "t": [datetime(2020, 1, 1)]})  # noqa: DTZ001 - naive on purpose


@pytest.fixture
def uri(tmp_path: Path) -> str:
    return str(tmp_path / "datasets" / "table")


def overwrite(uri: str, frame: pl.DataFrame) -> int:
    return commit(uri, frame, mode="overwrite", base=None)


def test_version_is_read_as_it_was_written_whatever_came_later(uri: str) -> None:
    versions = [overwrite(uri, frame) for frame in (NUMBERS, TIMES, NUMBERS.clear(), NUMBERS[:1])]
    assert len(set(versions)) == 4
    for version, frame in zip(versions, (NUMBERS, TIMES, NUMBERS.clear(), NUMBERS[:1]), strict=True):
        read = read_version(uri, version)
        assert read.schema == frame.schema
        assert read.equals(frame)


def test_aware_times_are_stored_in_utc(uri: str) -> None:
    frame = pl.DataFrame({"t": [datetime(2020, 1, 1, tzinfo=UTC)]}, schema={"t": pl.Datetime("us", "UTC")})
    from deltalake import DeltaTable

    assert read_version(uri, overwrite(uri, frame)).equals(frame)
    assert DeltaTable(uri).protocol().min_reader_version == 1


def test_rows_appended_stand_behind_the_base_version(uri: str) -> None:
    base = overwrite(uri, NUMBERS)
    longer = commit(uri, NUMBERS[:1], mode="append", base=base)
    longest = commit(uri, NUMBERS[1:], mode="append", base=longer)
    assert read_version(uri, longest).equals(pl.concat([NUMBERS, NUMBERS]))
    assert read_version(uri, base).equals(NUMBERS)


def test_rows_of_a_commit_that_no_record_names_are_not_appended_to(uri: str) -> None:
    base = overwrite(uri, NUMBERS)
    commit(uri, NUMBERS, mode="append", base=base)  # its writer died before recording it
    assert read_version(uri, commit(uri, NUMBERS[:1], mode="append", base=base)).rows() == [
        *NUMBERS.rows(),
        NUMBERS.row(0),
    ]


def test_rows_in_many_files_keep_their_order(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import deltalake

    original = deltalake.write_deltalake

    def small_files(*args: object, **options: object) -> None:
        original(*args, target_file_size=100_000, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(deltalake, "write_deltalake", small_files)
    frame = pl.DataFrame({"row": pl.int_range(300_000, eager=True).shuffle(seed=1)})
    version = overwrite(uri, frame)
    assert len(deltalake.DeltaTable(uri).file_uris()) > 5
    assert read_version(uri, version).equals(frame)


def test_table_never_clears_its_log_by_itself(uri: str) -> None:
    from deltalake import DeltaTable

    overwrite(uri, NUMBERS)
    assert DeltaTable(uri).metadata().configuration["delta.enableExpiredLogCleanup"] == "false"


def test_conflict_is_retried_and_then_told(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from deltalake.exceptions import CommitFailedError

    original, failures = delta._commit_once, [2]

    def failing(*args: object, **options: object) -> int:
        if failures[0]:
            failures[0] -= 1
            raise CommitFailedError
        return original(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(delta, "_commit_once", failing)
    assert read_version(uri, overwrite(uri, NUMBERS)).equals(NUMBERS)
    failures[0] = 99
    with pytest.raises(ConflictError, match="changed by others"):
        overwrite(uri, NUMBERS)


def test_version_that_is_gone_is_an_integrity_error(uri: str, tmp_path: Path) -> None:
    with pytest.raises(IntegrityError, match="not there"):
        read_version(uri, 0)
    version = overwrite(uri, NUMBERS)
    with pytest.raises(IntegrityError, match="version 7"):
        read_version(uri, 7)
    for file in (tmp_path / "datasets" / "table").glob("*.parquet"):
        file.unlink()
    with pytest.raises(IntegrityError, match="not there"):
        read_version(uri, version)


def test_place_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="Cannot use the table"):
        overwrite(str(tmp_path / "file" / "table"), NUMBERS)


@pytest.mark.parametrize("folder", ["my data", "Größe", "a*b", "100 %", "it's", "日本"])
def test_table_in_a_folder_of_any_name_is_read(folder: str, tmp_path: Path) -> None:
    place = str(tmp_path / folder / "table")
    version = overwrite(place, NUMBERS)
    assert commit(place, NUMBERS[:1], mode="append", base=version) == version + 1
    assert read_version(place, version).equals(NUMBERS)
    assert read_version(place, version + 1).rows() == [*NUMBERS.rows(), NUMBERS.row(0)]


def test_table_named_by_a_file_url_is_read(tmp_path: Path) -> None:
    place = (tmp_path / "my data" / "table").as_uri()
    assert read_version(place, overwrite(place, NUMBERS)).equals(NUMBERS)


@pytest.mark.parametrize("folder", ["a[1]b", "a%20b", "a#b", "a?b"])
def test_folder_that_delta_cannot_deal_with_is_a_storage_error(folder: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="in a folder's name"):
        overwrite(str(tmp_path / folder / "table"), NUMBERS)
