from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.pipelines.serializers.arrow_file import is_ipc, read_table, write_table

MOMENT = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "column",
    [
        *(pa.array([1, 2, 3]).cast(kind) for kind in (pa.int8(), pa.int64(), pa.uint16(), pa.float32(), pa.float64())),
        pa.array(np.array([1, 2, 3], dtype="float16")),
        pa.array([MOMENT, MOMENT, MOMENT]),
        pa.array([MOMENT.date()] * 3),
        pa.array([timedelta(seconds=1)] * 3),
        pa.array([float("nan"), -0.0, float("inf")]),
    ],
)
def test_small_table_of_numbers_and_times_is_ipc(column: Any) -> None:
    table = pa.table({"a": column, "b": [1, 2, 3]}).replace_schema_metadata({"unit": "m"})
    data = write_table(table)
    assert is_ipc(data)
    found = read_table(data)
    assert found.schema.equals(table.schema, check_metadata=True)
    assert [str(row) for row in found.to_pylist()] == [str(row) for row in table.to_pylist()]  # NaN included
    assert pl.read_ipc(io.BytesIO(data)).rows() is not None
    assert pa.ipc.open_file(io.BytesIO(data)).num_record_batches == 1


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"a": [1, None, 3]}),
        pa.table({"a": [True, False]}),
        pa.table({"a": ["x", "y"]}),
        pa.table({"a": pa.array(["x", "y"]).dictionary_encode()}),
        pa.table({"a": [[1], [2]]}),
        pa.table({"a": pa.array([1, 2]), "b": ["x", "y"]}),
        pa.table({"a": pa.nulls(2)}),
        pa.table({"a": pa.array([], type=pa.int64())}),
        pa.table({}),
        pa.table({"a": np.zeros((1 << 15) + 1)}),
    ],
)
def test_other_tables_are_parquet(table: pa.Table) -> None:
    data = write_table(table)
    assert not is_ipc(data)
    assert pq.read_table(io.BytesIO(data)).equals(table)
    assert read_table(data).equals(table)


def test_table_is_ipc_up_to_a_quarter_of_a_mebibyte() -> None:
    assert is_ipc(write_table(pa.table({"a": np.zeros(1 << 14), "b": np.zeros(1 << 14)})))
    assert not is_ipc(write_table(pa.table({"a": np.zeros(1 << 14), "b": np.zeros(1 << 14), "c": np.zeros(1 << 14)})))


@given(
    st.lists(st.integers(0, 100), min_size=1, max_size=20),
    st.sampled_from([pa.int8(), pa.uint16(), pa.int32(), pa.int64(), pa.float32(), pa.float64(), pa.date32()]),
    st.integers(0, 5),
    st.integers(0, 5),
    st.integers(1, 20),
)
def test_bytes_do_not_depend_on_how_a_table_lies_in_memory(
    values: list[int], kind: pa.DataType, before: int, behind: int, cut: int
) -> None:
    def column(numbers: list[int]) -> pa.Array:
        return pa.array(numbers, type=pa.int32()).cast(kind)

    data = write_table(pa.table({"a": column(values)}))
    assert is_ipc(data)
    part = pa.table({"a": column([7] * before + values + [9] * behind)}).slice(before, len(values))
    chunked = pa.table({"a": pa.chunked_array([column(values[:cut]), column(values[cut:])])})
    masked = pa.table(
        {"a": pa.Array.from_buffers(kind, len(values), [pa.py_buffer(b"\xff" * 8), column(values).buffers()[1]])}
    )
    for same in (part, chunked, masked, read_table(data)):
        assert write_table(same) == data


def test_missing_value_that_was_cut_off_does_not_count() -> None:
    assert write_table(pa.table({"a": [None, 1, 2]}).slice(1)) == write_table(pa.table({"a": [1, 2]}))
