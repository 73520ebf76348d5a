from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import StorageError
from millwright.core.progress import SilentProgress
from millwright.deployment.batch.spool import spooled

if TYPE_CHECKING:
    from collections.abc import Iterator


def frames():
    yield pl.DataFrame({"a": [None, None, None]})
    yield pl.DataFrame({"a": [1, 2]})
    yield pl.DataFrame({"a": [1.5]})


def test_rows_are_kept_and_not_asked_for_twice(tmp_path):
    def never() -> Iterator[pl.DataFrame]:
        raise AssertionError("asked for again")

    for read in (frames, never):
        chunks = spooled(read, tmp_path, 4, SilentProgress())
        assert (chunks.columns, chunks.rows) == (("a",), 6)
        assert [frame["a"].to_list() for frame in chunks.frames] == [[None, None, None, 1.0], [2.0, 1.5]]


def test_rows_that_stopped_coming_are_asked_for_again(tmp_path):
    def broken() -> Iterator[pl.DataFrame]:
        yield pl.DataFrame({"a": [7]})
        raise StorageError("the database is away")

    with pytest.raises(StorageError):
        spooled(broken, tmp_path, 4, SilentProgress())
    assert spooled(frames, tmp_path, 4, SilentProgress()).rows == 6


def test_no_rows_are_no_chunks(tmp_path):
    chunks = spooled(lambda: iter([pl.DataFrame({"a": []})]), tmp_path, 4, SilentProgress())
    assert (chunks.columns, chunks.rows, list(chunks.frames)) == (("a",), 0, [])
