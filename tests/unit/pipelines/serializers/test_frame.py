from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.pipelines.serializers.frame import (
    ArrowSerializer,
    PandasSerializer,
    PolarsSerializer,
    frame_kind,
)

if TYPE_CHECKING:
    from pathlib import Path

POLARS, ARROW, PANDAS = PolarsSerializer(), ArrowSerializer(), PandasSerializer()

EVERY_TYPE = pl.DataFrame(
    {
        "int": pl.Series([1, None, 3], dtype=pl.Int8),
        "float": [0.5, float("nan"), None],
        "text": ["a", None, "größe"],
        "flag": [True, None, False],
        "day": [date(2026, 1, 1), None, date(1900, 1, 1)],
        "moment": [datetime(2026, 1, 1, tzinfo=UTC), None, datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC)],
        "span": [timedelta(seconds=1), None, timedelta(days=-1)],
        "category": pl.Series(["a", None, "b"], dtype=pl.Categorical),
        "choice": pl.Series(["y", None, "x"], dtype=pl.Enum(["x", "y"])),
        "list": [[1, 2], None, []],
        "struct": [{"a": 1, "b": "x"}, None, {"a": None, "b": "y"}],
        "raw": [b"a", None, b""],
        "nothing": [None, None, None],
    }
)


def test_polars_frame_comes_back_with_all_its_types() -> None:
    found = POLARS.loads(POLARS.dumps(EVERY_TYPE), pl.DataFrame)
    assert found.schema == EVERY_TYPE.schema
    assert found.equals(EVERY_TYPE)
    assert POLARS.loads(POLARS.dumps(pl.DataFrame()), Any).shape == (0, 0)


def test_bytes_do_not_depend_on_how_a_frame_lies_in_memory() -> None:
    data = POLARS.dumps(EVERY_TYPE)
    chunked = pl.concat([EVERY_TYPE[:1], EVERY_TYPE[1:]], rechunk=False)
    sliced = pl.concat([EVERY_TYPE[2:], EVERY_TYPE])[1:]
    for same in (chunked, sliced, EVERY_TYPE.clone(), POLARS.loads(data, Any)):
        assert POLARS.dumps(same) == data
    ordered = pl.DataFrame({"a": [1, 2, 3]})
    assert POLARS.dumps(ordered.sort("a")) == POLARS.dumps(ordered)


@given(st.lists(st.tuples(st.integers(-5, 5) | st.none(), st.text(max_size=3) | st.none()), max_size=30))
def test_equal_frames_have_equal_bytes(rows: list[tuple[int | None, str | None]]) -> None:
    def make() -> pl.DataFrame:
        return pl.DataFrame(rows, schema={"a": pl.Int64, "b": pl.String}, orient="row")

    assert POLARS.dumps(make()) == POLARS.dumps(make())
    assert POLARS.loads(POLARS.dumps(make()), Any).equals(make())


def test_bytes_do_not_depend_on_the_number_of_threads() -> None:
    script = (
        "import polars as pl, hashlib\nfrom millwright.pipelines.serializers.frame import PolarsSerializer\n"
        "frame = pl.DataFrame({'a': range(600_000)}).with_columns(b=(pl.col('a') % 7).cast(pl.String))\n"
        "print(hashlib.sha256(PolarsSerializer().dumps(frame)).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "POLARS_MAX_THREADS": threads},
        ).stdout
        for threads in ("1", "4")
    }
    assert len(found) == 1


@pytest.mark.parametrize(
    ("serializer", "frame"),
    [
        (POLARS, pl.DataFrame({"a": [1, 2], "b": ["x", None]})),
        (ARROW, pa.table({"a": [1, 2], "b": ["x", None]})),
        (PANDAS, pd.DataFrame({"a": [1, 2], "b": ["x", None]})),
    ],
)
def test_table_of_one_library_can_be_asked_for_as_anothers(serializer: Any, frame: Any) -> None:
    data = serializer.dumps(frame)
    assert type(serializer.loads(data, Any)) is type(frame)
    assert serializer.loads(data, pl.DataFrame)["a"].to_list() == [1, 2]
    assert serializer.loads(data, pd.DataFrame | None)["a"].tolist() == [1, 2]
    assert serializer.loads(data, pa.Table).column("a").to_pylist() == [1, 2]
    assert serializer.dumps(serializer.loads(data, type(frame))) == data


def test_other_readers_read_the_files(tmp_path: Path) -> None:
    for number, (serializer, frame) in enumerate(
        (
            (POLARS, pl.DataFrame({"a": [1, 2], "b": ["x", None]})),
            (ARROW, pa.table({"a": [1, 2], "b": ["x", None]})),
            (PANDAS, pd.DataFrame({"a": [1, 2], "b": ["x", None]})),
        )
    ):
        path = tmp_path / f"{number}.parquet"
        path.write_bytes(serializer.dumps(frame))
        assert pq.read_table(path).to_pydict() == {"a": [1, 2], "b": ["x", None]}
        assert pd.read_parquet(path)["a"].tolist() == [1, 2]
        assert pl.read_parquet(path)["b"].to_list() == ["x", None]


NUMBERS = pd.DataFrame({"a": [1.5, 2.5], "b": [3, 4], "at": pd.to_datetime(["2026-01-02", "2026-01-03"])})


def test_other_readers_read_small_tables_of_numbers(tmp_path: Path) -> None:
    path = tmp_path / "numbers.arrow"
    path.write_bytes(PANDAS.dumps(NUMBERS))
    pd.testing.assert_frame_equal(pd.read_feather(path), NUMBERS)
    assert pl.read_ipc(path)["a"].to_list() == [1.5, 2.5]


@pytest.mark.parametrize("frame", [NUMBERS, NUMBERS.assign(b=["x", None])])
def test_library_is_given_the_same_whichever_format_a_table_was_stored_in(frame: pd.DataFrame) -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame), buffer)  # as all tables were stored once
    data, before = PANDAS.dumps(frame), buffer.getvalue()
    pd.testing.assert_frame_equal(PANDAS.loads(data, pd.DataFrame), PANDAS.loads(before, pd.DataFrame))
    assert PANDAS.loads(data, pl.DataFrame).equals(PANDAS.loads(before, pl.DataFrame))
    assert PANDAS.loads(data, pl.DataFrame).schema == PANDAS.loads(before, pl.DataFrame).schema
    assert PANDAS.loads(data, pa.Table).equals(PANDAS.loads(before, pa.Table))


@pytest.mark.parametrize("columns", [["a"], ["a", "c"], ["b"]])
def test_frame_that_was_read_can_be_changed_and_its_bytes_stay(columns: list[str]) -> None:
    data = PANDAS.dumps(NUMBERS.assign(c=0.5)[columns])
    kept = bytes(bytearray(data))
    found = PANDAS.loads(data, pd.DataFrame)
    found.iloc[0, 0] = 9
    found += 1
    assert found.iloc[0, 0] == 10
    polars = PANDAS.loads(data, pl.DataFrame)
    polars[0, 0] = 9
    assert data == kept


def test_pandas_index_comes_back() -> None:
    frame = pd.DataFrame({"a": [1.5, 2.5]}, index=pd.Index(["x", "y"], name="key"))
    pd.testing.assert_frame_equal(PANDAS.loads(PANDAS.dumps(frame), pd.DataFrame), frame)


def test_shared_frame_keeps_changes_to_itself() -> None:
    for serializer, frame in ((POLARS, pl.DataFrame({"a": [1, 2]})), (PANDAS, pd.DataFrame({"a": [1, 2]}))):
        shared = serializer.share(frame)
        if isinstance(shared, pl.DataFrame):
            shared[0, "a"] = 9
            shared.drop_in_place("a")
        else:
            shared.loc[0, "a"] = 9
        assert list(frame["a"]) == [1, 2]
    table = pa.table({"a": [1]})
    assert ARROW.share(table) is table


def test_frame_of_python_objects_is_refused_by_name_of_the_column() -> None:
    with pytest.raises(TypeError, match="columns of Python objects have no stored form: thing"):
        POLARS.dumps(pl.DataFrame({"a": [1], "thing": [object()]}))


def test_tables_are_told_from_other_types() -> None:
    class Mine(pd.DataFrame): ...

    assert frame_kind(pl.DataFrame) == ("polars", "DataFrame")
    assert frame_kind(Mine) == ("pandas", "DataFrame")
    assert [frame_kind(kind) for kind in (pl.LazyFrame, pl.Series, dict, pa.Array)] == [None] * 4
    assert POLARS.handles(pl.DataFrame)
    assert not POLARS.handles(pd.DataFrame)
