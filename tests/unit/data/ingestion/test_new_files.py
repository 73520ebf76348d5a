from __future__ import annotations

from typing import TYPE_CHECKING

import fsspec
import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.progress import SilentProgress
from millwright.data.ingestion.new_files import read_new_files
from millwright.data.sources.request import PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.data.ingestion.increment import Increment

SOURCE = "memory://new-files/*.csv"


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    filesystem = fsspec.filesystem("memory")
    filesystem.pipe_file("/new-files/1.csv", b"a\n1\n")
    yield filesystem
    filesystem.rm("/new-files", recursive=True)


def read(position: dict[str, object], *, may_change: bool = False) -> Increment | None:
    with SilentProgress().task("") as task:
        return read_new_files(SOURCE, PLAIN, position, task, may_change=may_change)


def test_files_of_an_object_store_are_told_apart_without_reading_them(
    memory: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read({})
    assert first is not None
    assert set(first.position["files"]) == {"1.csv"}
    assert [file.uri for file in first.files] == ["memory:///new-files/1.csv"]
    memory.pipe_file("/new-files/2.csv", b"a\n2\n")
    fetched: list[str] = []
    real = type(memory).get_file

    def noted(self: object, path: str, *given: object, **named: object) -> object:
        fetched.append(path)
        return real(self, path, *given, **named)

    monkeypatch.setattr(type(memory), "get_file", noted)
    second = read(dict(first.position))
    assert second is not None
    assert second.frame["a"].to_list() == ["2"]
    assert fetched == ["/new-files/2.csv"]
    assert read(dict(second.position)) is None


def test_file_that_was_only_touched_moves_the_cursor_and_no_rows(memory: fsspec.AbstractFileSystem) -> None:
    first = read({})
    assert first is not None
    memory.pipe_file("/new-files/1.csv", b"a\n1\n")
    touched = read(dict(first.position))
    assert touched is not None
    assert touched.frame.is_empty()
    assert read(dict(touched.position)) is None


def test_changed_file_is_refused_or_read_again(memory: fsspec.AbstractFileSystem) -> None:
    first = read({})
    assert first is not None
    memory.pipe_file("/new-files/1.csv", b"a\n2\n")
    with pytest.raises(InvalidInputError, match=r"memory:///new-files/1\.csv changed"):
        read(dict(first.position))
    again = read(dict(first.position), may_change=True)
    assert again is not None
    assert again.frame["a"].to_list() == ["2"]
