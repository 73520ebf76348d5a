"""What can be written batch by batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.datasets.row_batches import frames_of, joined

if TYPE_CHECKING:
    from pathlib import Path

ROWS = pl.DataFrame({"id": range(5)})


def test_frames_lazy_frames_and_files_give_their_rows_in_order(tmp_path: Path) -> None:
    ROWS[:3].write_parquet(tmp_path / "a.parquet")
    ROWS[3:].write_parquet(tmp_path / "b.parquet")
    several = [str(tmp_path / "a.parquet"), tmp_path / "b.parquet"]
    for rows in (ROWS.lazy(), tmp_path, several, [ROWS[:1], ROWS[1:]], iter([ROWS])):
        assert pl.concat(frames_of(rows)).equals(ROWS)
    assert pl.concat(frames_of(tmp_path / "b.parquet")).equals(ROWS[3:])


def test_no_rows_have_columns() -> None:
    assert [frame.schema for frame in frames_of(ROWS.clear().lazy())] == [ROWS.schema]


def test_folder_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="Expected Parquet files in"):
        next(frames_of(tmp_path))


def test_joined_frames_have_the_columns_of_the_first() -> None:
    one = pl.DataFrame({"a": [None], "b": [1]})
    both = joined([one, pl.DataFrame({"b": [2.5], "a": ["x"]})])
    assert both.to_dict(as_series=False) == {"a": [None, "x"], "b": [1.0, 2.5]}
    with pytest.raises(InvalidInputError, match="columns of the first rows"):
        joined([one, pl.DataFrame({"a": ["x"]})])
    with pytest.raises(InvalidInputError, match="Expected one type in the column 'b' of all rows, found Int64, String"):
        joined([one, pl.DataFrame({"a": [1], "b": ["x"]})])
