from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import ConflictError, IntegrityError, StorageError
from millwright.data.datasets.delta import ensure_table, replace_all, replace_some, restore
from millwright.data.datasets.layout import write_rows
from millwright.data.datasets.snapshot import open_snapshot

if TYPE_CHECKING:
    from pathlib import Path

NUMBERS = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
TIMES = pl.DataFrame({"DSF Number(s), {all}": ["q"], "t": [datetime(2020, 1, 1)]})  # noqa: DTZ001 - naive on purpose


@pytest.fixture
def uri(tmp_path: Path) -> str:
    return str(tmp_path / "datasets" / "table")


def overwrite(uri: str, frame: pl.DataFrame) -> int:
    ensure_table(uri, frame.schema)
    return replace_all(uri, frame.schema, write_rows(uri, frame, place=1))


def append(uri: str, frame: pl.DataFrame, base: int) -> int:
    snapshot = open_snapshot(uri, base)
    schema = pl.Schema({**snapshot.schema, **frame.schema})
    place = max((file.place for file in snapshot.files), default=0) + 1
    return replace_some(snapshot, schema, added=write_rows(uri, frame, place=place), removed=[])


def read(uri: str, version: int) -> pl.DataFrame:
    return open_snapshot(uri, version).read()


def test_version_is_read_as_it_was_written_whatever_came_later(uri: str) -> None:
    versions = [overwrite(uri, frame) for frame in (NUMBERS, TIMES, NUMBERS.clear(), NUMBERS[:1])]
    assert len(set(versions)) == 4
    for version, frame in zip(versions, (NUMBERS, TIMES, NUMBERS.clear(), NUMBERS[:1]), strict=True):
        found = read(uri, version)
        assert found.schema == frame.schema
        assert found.equals(frame)


def test_every_type_comes_back(uri: str) -> None:
    frame = pl.DataFrame(
        {
            "tiny": pl.Series([1, None], dtype=pl.Int8),
            "single": pl.Series([1.5, float("nan")], dtype=pl.Float32),
            "bytes": [b"\0x", None],
            "money": [Decimal("1.50"), None],
            "flag": [True, None],
            "list": [[1, None], None],
            "record": [{"p": 1, "q": [datetime(2020, 1, 1)]}, None],  # noqa: DTZ001 - naive on purpose
        },
    )
    found = read(uri, overwrite(uri, frame))
    assert found.schema == frame.schema
    assert found.equals(frame)


def test_aware_times_are_stored_in_utc_by_a_protocol_that_every_reader_knows(uri: str) -> None:
    frame = pl.DataFrame({"t": [datetime(2020, 1, 1, tzinfo=UTC)]}, schema={"t": pl.Datetime("us", "UTC")})
    from deltalake import DeltaTable

    assert read(uri, overwrite(uri, frame)).equals(frame)
    assert DeltaTable(uri).protocol().min_reader_version == 1


def test_times_without_a_zone_may_come_into_a_table_later(uri: str) -> None:
    base = overwrite(uri, NUMBERS)
    wider = append(uri, NUMBERS.with_columns(t=TIMES["t"].extend_constant(None, 1)), base)
    assert read(uri, wider)["t"].to_list() == [None, None, datetime(2020, 1, 1), None]  # noqa: DTZ001
    assert read(uri, base).equals(NUMBERS)


def test_rows_appended_stand_behind_the_base_version(uri: str) -> None:
    base = overwrite(uri, NUMBERS)
    longer = append(uri, NUMBERS[:1], base)
    longest = append(uri, NUMBERS[1:], longer)
    assert read(uri, longest).equals(pl.concat([NUMBERS, NUMBERS]))
    assert read(uri, base).equals(NUMBERS)


def test_rows_of_a_commit_that_no_record_names_are_not_appended_to(uri: str) -> None:
    base = overwrite(uri, NUMBERS)
    append(uri, NUMBERS, base)  # its writer died before recording it
    assert read(uri, append(uri, NUMBERS[:1], base)).rows() == [*NUMBERS.rows(), NUMBERS.row(0)]
    append(uri, NUMBERS.with_columns(c=1), base)  # and one of other columns
    assert read(uri, append(uri, NUMBERS[:1], base)).equals(pl.concat([NUMBERS, NUMBERS[:1]]))


def test_file_takes_the_place_of_another(uri: str) -> None:
    base = append(uri, NUMBERS, overwrite(uri, NUMBERS))
    snapshot = open_snapshot(uri, base)
    first = write_rows(uri, NUMBERS[1:], place=snapshot.files[0].place)
    changed = replace_some(snapshot, NUMBERS.schema, added=first, removed=snapshot.files[:1])
    assert read(uri, changed).equals(pl.concat([NUMBERS[1:], NUMBERS]))
    assert read(uri, base).equals(pl.concat([NUMBERS, NUMBERS]))


def test_restored_version_has_the_columns_and_rows_of_the_former(uri: str) -> None:
    first = overwrite(uri, NUMBERS)
    second = overwrite(uri, TIMES)
    assert restore(uri, second) == second
    again = restore(uri, first)
    assert again == second + 1
    assert read(uri, again).equals(NUMBERS)
    assert read(uri, restore(uri, second)).equals(TIMES)


def test_table_never_clears_its_log_by_itself(uri: str) -> None:
    from deltalake import DeltaTable

    overwrite(uri, NUMBERS)
    assert DeltaTable(uri).metadata().configuration["delta.enableExpiredLogCleanup"] == "false"


def test_commit_that_another_overtook_is_refused(uri: str) -> None:
    from deltalake.exceptions import CommitFailedError

    from millwright.data.datasets import delta

    base = overwrite(uri, NUMBERS)
    slow = open_snapshot(uri, base).table
    append(uri, NUMBERS, base)
    for mode in ("append", "overwrite"):
        with pytest.raises(CommitFailedError):
            delta._write(slow, [], mode, delta._delta_schema(NUMBERS.schema))  # type: ignore[arg-type]


def test_table_that_others_keep_changing_is_a_conflict(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from deltalake.exceptions import CommitFailedError

    from millwright.data.datasets import delta

    base = overwrite(uri, NUMBERS)

    def failing(*_: object) -> int:
        raise CommitFailedError

    monkeypatch.setattr(delta, "_write", failing)
    with pytest.raises(ConflictError, match="changed by others"):
        append(uri, NUMBERS, base)


def test_version_that_is_gone_is_an_integrity_error(uri: str, tmp_path: Path) -> None:
    with pytest.raises(IntegrityError, match="not there"):
        read(uri, 0)
    version = overwrite(uri, NUMBERS)
    overwrite(uri, TIMES)
    with pytest.raises(IntegrityError, match="version 7"):
        read(uri, 7)
    for file in (tmp_path / "datasets" / "table").glob("*.parquet"):
        file.unlink()
    with pytest.raises(IntegrityError, match="not there"):
        read(uri, version)
    with pytest.raises(IntegrityError, match="not there"):
        restore(uri, version)


def test_place_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="Cannot use the table"):
        overwrite(str(tmp_path / "file" / "table"), NUMBERS)


@pytest.mark.parametrize("folder", ["my data", "Größe", "a*b", "100 %", "it's", "日本"])
def test_table_in_a_folder_of_any_name_is_read(folder: str, tmp_path: Path) -> None:
    place = str(tmp_path / folder / "table")
    version = overwrite(place, NUMBERS)
    assert append(place, NUMBERS[:1], version) == version + 1
    assert read(place, version).equals(NUMBERS)
    assert read(place, version + 1).rows() == [*NUMBERS.rows(), NUMBERS.row(0)]
    assert open_snapshot(place, version).read_file(open_snapshot(place, version).files[0]).equals(NUMBERS)


def test_table_named_by_a_file_url_is_read(tmp_path: Path) -> None:
    place = (tmp_path / "my data" / "table").as_uri()
    version = overwrite(place, NUMBERS)
    assert read(place, append(place, NUMBERS, version)).equals(pl.concat([NUMBERS, NUMBERS]))


@pytest.mark.parametrize("folder", ["a[1]b", "a%20b", "a#b", "a?b"])
def test_folder_that_delta_cannot_deal_with_is_a_storage_error(folder: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="in a folder's name"):
        overwrite(str(tmp_path / folder / "table"), NUMBERS)
