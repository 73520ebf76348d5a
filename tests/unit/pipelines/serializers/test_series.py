from __future__ import annotations

import io
from datetime import date
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from millwright.pipelines.serializers.series import PandasSeriesSerializer, PolarsSeriesSerializer

POLARS, PANDAS = PolarsSeriesSerializer(), PandasSeriesSerializer()


@pytest.mark.parametrize(
    "series",
    [
        pl.Series("a", [1, None, 3], dtype=pl.Int8),
        pl.Series([0.5, float("nan")]),
        pl.Series("größe", ["x", "y"], dtype=pl.Enum(["y", "x"])),
        pl.Series("d", [date(2026, 1, 1), None]),
        pl.Series("l", [[1], []]),
        pl.Series("empty", [], dtype=pl.Int64),
    ],
    ids=lambda series: series.name,
)
def test_polars_series_comes_back(series: pl.Series) -> None:
    data = POLARS.dumps(series)
    found = POLARS.loads(data, pl.Series)
    assert found.equals(series, check_names=True, check_dtypes=True)
    assert POLARS.dumps(pl.concat([series[:1], series[1:]], rechunk=False)) == data


@pytest.mark.parametrize(
    "series",
    [
        pd.Series([1, 2], name="a"),
        pd.Series([1.5, None]),
        pd.Series(["x"], index=pd.Index(["k"], name="key"), name="values"),
        pd.Series([1, 2], index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]), name=0),
        pd.Series(pd.Categorical(["x", "y", None]), name="c"),
        pd.Series(pd.to_datetime(["2026-01-01"]).tz_localize("Europe/Berlin"), name="t"),
    ],
    ids=lambda series: str(series.name),
)
def test_pandas_series_comes_back_with_its_index(series: pd.Series) -> None:
    data = PANDAS.dumps(series)
    found = PANDAS.loads(data, pd.Series)
    pd.testing.assert_series_equal(found, series)
    assert PANDAS.dumps(found) == data


def test_other_libraries_read_the_file() -> None:
    assert pq.read_table(io.BytesIO(POLARS.dumps(pl.Series("a", [1, 2])))).to_pydict() == {"a": [1, 2]}
    assert pl.read_ipc(io.BytesIO(PANDAS.dumps(pd.Series([1, 2])))).to_dict(as_series=False) == {"values": [1, 2]}
    texts = PANDAS.dumps(pd.Series(["x", None]))
    assert pl.read_parquet(io.BytesIO(texts)).to_dict(as_series=False) == {"values": ["x", None]}


def test_series_that_was_stored_as_parquet_is_read() -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(pd.Series([1.5, 2.5]).to_frame("a")), buffer)
    assert PANDAS.loads(buffer.getvalue(), Any).equals(pd.Series([1.5, 2.5], name="a"))


def test_each_library_has_its_own() -> None:
    assert [POLARS.handles(kind) for kind in (pl.Series, pd.Series, pl.DataFrame, dict)] == [True, False, False, False]
    assert [PANDAS.handles(kind) for kind in (pl.Series, pd.Series, pd.DataFrame, dict)] == [False, True, False, False]


def test_shared_series_keeps_changes_to_itself() -> None:
    for serializer, series in ((POLARS, pl.Series("a", [1, 2])), (PANDAS, pd.Series([1, 2]))):
        shared: Any = serializer.share(series)
        shared[0] = 9
        assert list(series) == [1, 2]
