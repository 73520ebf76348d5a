from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.data.datasets.data_file import known_file
from millwright.data.datasets.pruning import files_with
from millwright.data.datasets.snapshot import Snapshot


def snapshot(frames: list[pl.DataFrame], *, bounded: bool = True) -> Snapshot:
    """A table whose files are named by their numbers."""
    rows = [
        {
            "path": str(number),
            "min": {name: frame[name].min() for name in frame.columns} if bounded else None,
            "max": {name: frame[name].max() for name in frame.columns} if bounded else None,
        }
        for number, frame in enumerate(frames)
    ]
    files = tuple(known_file(str(number), rows=frame.height, size_bytes=1) for number, frame in enumerate(frames))
    return Snapshot(uri="", version=0, schema=frames[0].schema, files=files, bounds=pl.DataFrame(rows), table=None)


def test_files_whose_bounds_rule_every_key_out_are_left_out() -> None:
    frames = [pl.DataFrame({"a": [low, low + 9], "b": ["m", "p"]}) for low in (0, 10, 20)]
    assert [file.path for file in files_with(snapshot(frames), pl.DataFrame({"a": [5, 29]}))] == ["0", "2"]
    both = pl.DataFrame({"a": [5, 15], "b": ["a", "z"]})
    assert files_with(snapshot(frames), both) == []
    assert files_with(snapshot(frames), pl.DataFrame({"a": []}, schema={"a": pl.Int64})) == []


def test_files_without_bounds_may_hold_anything() -> None:
    frames = [pl.DataFrame({"a": [1]})] * 2
    assert len(files_with(snapshot(frames, bounded=False), pl.DataFrame({"a": [5]}))) == 2


moments = st.integers(0, 60).map(lambda days: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days))


@pytest.mark.parametrize("values", [st.integers(-5, 5), st.text("ab", max_size=3), moments, st.floats(-2, 2)])
@given(data=st.data())
def test_no_file_with_a_key_is_left_out(values: st.SearchStrategy[Any], data: st.DataObject) -> None:
    frames = data.draw(st.lists(st.lists(values, min_size=1, max_size=4), min_size=1, max_size=4))
    keys = data.draw(st.lists(values, max_size=4))
    tables = [pl.DataFrame({"a": frame}) for frame in frames]
    wanted = pl.DataFrame({"a": keys}, schema=tables[0].schema)
    found = {file.path for file in files_with(snapshot(tables), wanted)}
    assert {str(number) for number, frame in enumerate(frames) if set(frame) & set(keys)} <= found
