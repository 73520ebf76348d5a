from __future__ import annotations

import resource
import tempfile
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal, assert_series_equal

from millwright.core.errors import StorageError
from millwright.monitoring.joined_table import joined
from millwright.monitoring.spooled_table import Spool, SpooledTable

if TYPE_CHECKING:
    from pathlib import Path

PIECES = [
    pl.DataFrame({"a": [1, 2, 3], "b": ["x", None, "zz"], "v": [[1.0], [2.0, 3.0], None]}),
    pl.DataFrame({"a": [1.5], "c": [True], "v": [[4.0]]}),
    pl.DataFrame({"a": [None, 7, 8, 9], "b": ["é", "", "m", "n"], "v": [None, None, [5.0], []]}),
]
WHOLE = joined(PIECES)
ORDER = np.array([7, 0, 3, 2, 2])


def spooled(order: Any = None) -> SpooledTable:
    spool = Spool()
    for piece in PIECES:
        spool.add(piece)
    return spool.table({name: name for name in WHOLE.columns}, order)


@pytest.mark.parametrize("order", [None, ORDER])
def test_spooled_table_answers_as_the_table_does(order: Any):
    table, expected = spooled(order), WHOLE if order is None else WHOLE[order]
    assert (table.height, table.width, table.columns) == (expected.height, expected.width, expected.columns)
    for name in expected.columns:
        assert_series_equal(table[name], expected[name])
        assert_series_equal(table.get_column(name), expected[name])
    assert_frame_equal(table.select(["c", "a"]), expected.select("c", "a"))
    assert_frame_equal(table.tail(2), expected.tail(2))
    assert_frame_equal(table.tail(100), expected)
    assert_frame_equal(table.sample(3, seed=5), expected.sample(3, seed=5))


@pytest.mark.parametrize("rows", [[], [4], [4, 0, 4, 3], [3], [2, 1, 0]])
@pytest.mark.parametrize("order", [None, ORDER])
def test_rows_of_pieces_are_given_in_the_order_they_are_asked_for(rows: list[int], order: Any):
    table, expected = spooled(order), WHOLE if order is None else WHOLE[order]
    asked = np.array(rows, dtype=np.int64)
    for name in WHOLE.columns:
        assert_series_equal(table.take(name, asked), expected[name].gather(asked))


def test_pieces_that_are_kept_move_to_a_smaller_file():
    spool = Spool()
    for piece in PIECES * 5:
        spool.add(piece)
    before = spool.size_bytes
    spool.keep([0, 14])
    assert spool.size_bytes < before / 3
    assert_series_equal(spool.table({"a": "a"})["a"], pl.concat([PIECES[0]["a"], PIECES[2]["a"]]))


def test_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(StorageError, match=r"cannot be kept in .*gone: No such file") as raised:
        Spool()
    assert "TMPDIR" in raised.value.hint


def test_disk_that_is_full_is_told():
    spool = Spool()
    spool.add(PIECES[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))  # of a file, which a full disk looks like
    try:
        with pytest.raises(StorageError, match="cannot be kept in"):
            spool.add(pl.DataFrame({"a": np.random.default_rng(0).random(100_000)}))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
