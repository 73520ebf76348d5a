"""SIGKILL at any moment of an ingestion: no row of a source is in the dataset twice, and none is left out."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from e2e.workplace import HERE, Workplace, finish

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

KILL_AT = (str(HERE / "kill_at.py"),)
POINTS = {
    "the rows are in the table, no version names them": ("call", "VersionWriter._record", 1),
    "the version is written, not committed": ("return", "SqlDatasetStore.create_version", 1),
    "the cursor is written, not committed": ("return", "CursorMove.put", 1),
    "all is committed, and nobody was told": ("return", "VersionWriter.write", 1),
}


def kill(workplace: Workplace, point: str, *words: str) -> None:
    event, name, number = POINTS[point]
    ended = workplace.mw(event, name, str(number), *words, code=None, program=KILL_AT)
    assert ended.code == -9, f"{point}: {ended}"


def values(workplace: Workplace, column: str = "a") -> list[str]:
    with workplace.open() as workspace:
        return [str(value) for value in workspace.datasets.get("t").read()[column].to_list()]


def test_new_files_are_read_once_each(workplace: Workplace) -> None:
    lake = workplace.folder / "lake"
    lake.mkdir()
    add = ("data", "add", "lake/*.csv", "--name", "t", "--incremental", "files", "--json")
    expected: list[str] = []
    for number, point in enumerate(POINTS):
        (lake / f"{number}.csv").write_text(f"a\n{number}\n")
        expected.append(str(number))
        kill(workplace, point, *add)
        workplace.mw(*add)
        assert values(workplace) == expected, point
    assert not workplace.mw(*add).json["is_new"]


def test_rows_behind_a_cursor_are_read_once_each(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path)
    path = workplace.folder / "shop.db"
    add = ("data", "add", f"sqlite:///{path}", "--table", "orders", "--name", "t", "--incremental", "column",
           "--cursor", "a", "--json")  # fmt: skip
    for number, point in enumerate(POINTS):
        put(path, number)
        kill(workplace, point, *add)
        workplace.mw(*add)
        assert values(workplace) == [str(one) for one in range(number + 1)], point


def put(path: Path, number: int) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS orders (a INTEGER)")
        connection.execute("INSERT INTO orders VALUES (?)", (number,))
    connection.close()


def test_changes_of_a_table_are_followed_whole(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path)
    uri = str(workplace.folder / "theirs")
    add = ("data", "add", "theirs", "--name", "t", "--incremental", "changes", "--key", "id", "--json")
    write_deltalake(uri, pl.DataFrame({"id": [0, 1, 2], "a": ["x", "y", "z"]}))
    workplace.mw(*add)
    for number, point in enumerate(POINTS):
        DeltaTable(uri).delete(f"id = {number}")
        write_deltalake(uri, pl.DataFrame({"id": [number + 3], "a": ["new"]}), mode="append")
        kill(workplace, point, *add)
        workplace.mw(*add)
        with workplace.open() as workspace:
            found = sorted(workspace.datasets.get("t").read()["id"].to_list())
        assert found == list(range(number + 1, number + 4)), point


def test_two_processes_at_once_read_each_file_once(workplace: Workplace) -> None:
    lake = workplace.folder / "lake"
    lake.mkdir()
    add = ("data", "add", "lake", "--name", "t", "--incremental", "files", "--json")
    workplace.mw("data", "list")
    for turn in range(2):
        (lake / f"{turn}.csv").write_text("a\n" + f"{turn}\n" * 10)
        running = [workplace.start(*add) for _ in range(2)]
        answers = [json.loads(finish(process, code=0).out) for process in running]
        assert sorted(answer["rows_read"] for answer in answers) == [0, 10]
        assert {answer["rows"] for answer in answers} == {10 * (turn + 1)}
