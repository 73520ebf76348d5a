"""Rows as data files before a version names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.datasets.staged_rows import blocks, stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = pl.DataFrame({"id": range(7), "name": ["a", None, "b", "c", "d", "e", "f"]})


def test_files_follow_one_another_and_tell_their_rows(tmp_path: Path) -> None:
    staged = stage(str(tmp_path), [ROWS[:2], ROWS[2:]], ROWS.schema, place=4, step=3, ref="d")
    assert [(file.place, file.rows) for file in staged.files] == [(4, 3), (5, 3), (6, 1)]
    assert pl.concat(staged.frames()).equals(ROWS)
    assert (staged.rows, staged.nullable) == (7, {"name"})
    assert staged.equals(ROWS.lazy())
    assert not staged.equals(ROWS.lazy().with_columns(pl.col("id") + pl.col("id") // 6))
    staged.discard()
    assert not list(tmp_path.iterdir())


def test_rows_that_fail_midway_leave_no_file(tmp_path: Path) -> None:
    def failing() -> Iterator[pl.DataFrame]:
        yield ROWS
        yield ROWS.drop("name")

    with pytest.raises(InvalidInputError, match="column 'name'"):
        stage(str(tmp_path), failing(), ROWS.schema, place=1, step=2, ref="d")
    assert not list(tmp_path.iterdir())


def test_blocks_have_the_same_rows_however_frames_are_cut() -> None:
    whole = [block.rows() for block in blocks([ROWS], 3)]
    assert [len(rows) for rows in whole] == [3, 3, 1]
    for cut in (1, 2, 4, 6):
        assert [block.rows() for block in blocks([ROWS[:cut], ROWS.clear(), ROWS[cut:]], 3)] == whole
    assert not list(blocks([ROWS.clear()], 3))
