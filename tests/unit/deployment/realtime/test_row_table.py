from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.deployment.realtime.row_decoder import RowDecoder
from millwright.deployment.realtime.row_table import LEAST_ROWS, RowTables, row_tables
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.policy import NanPolicy, UnseenPolicy
from millwright.models.signature import Signature
from millwright.models.task import Task

VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "a", "7", "Queens", "Atlantis", "2026-01-31", "2026-02-30", "2026-01-31T10:00:00Z"])
    | st.just([1])
)
NUMBERS = Signature(
    inputs=tuple(SignatureColumn(name=name, type=ColumnType.NUMBER) for name in "ab"),
    outputs=(SignatureColumn(name="prediction", type=ColumnType.NUMBER),),
    target="y",
    task=Task.REGRESSION,
)


GOOD = {"days": 12.5, "crews": 3, "permit": True, "borough": "Queens", "start": "2026-01-31", "note": "roof first"}


def made(signature: Signature) -> RowTables:
    tables = row_tables(signature)
    assert tables is not None
    return tables


@pytest.fixture(
    params=[
        {},
        {"nan": NanPolicy.ALLOW},
        {"nan": NanPolicy.DEFAULT},
        {"nan": NanPolicy.REFUSE},
        {"unseen": UnseenPolicy.REFUSE},
        {"unseen": UnseenPolicy.DEFAULT},
    ],
    ids=str,
    scope="module",
)
def policed(request, signature) -> Signature:
    return replace(signature, **request.param)


def test_good_rows_become_a_table_of_them(signature, row):
    rows = [row] * LEAST_ROWS
    for table in (
        made(signature).from_rows(rows),
        made(signature).from_json(json.dumps(rows).encode()),
        made(signature).from_columns({name: [each[name] for each in rows] for name in row}),
    ):
        assert table.to_dicts() == RowDecoder(signature).check(rows)


def test_few_rows_stay_rows(signature, row):
    rows = [row] * (LEAST_ROWS - 1)
    assert made(signature).from_rows(rows) is None
    assert made(signature).from_json(json.dumps(rows).encode()) is None
    assert made(signature).from_columns({name: [each[name] for each in rows] for name in row}) is None


@given(data=st.data())
def test_table_takes_nothing_that_rows_would_refuse_and_reads_it_alike(policed, data):
    rows = [dict(GOOD) for _ in range(LEAST_ROWS)]
    for _ in range(data.draw(st.integers(0, 2))):
        rows[data.draw(st.integers(0, len(rows) - 1))][data.draw(st.sampled_from(list(GOOD)))] = data.draw(VALUES)
    columns = {name: [each[name] for each in rows] for name in GOOD}
    for table in (made(policed).from_rows(rows), made(policed).from_columns(columns)):
        if table is not None:
            assert table.to_dicts() == RowDecoder(policed).check(rows)


@given(values=st.lists(st.floats(width=32) | st.integers(-(2**70), 2**70), min_size=LEAST_ROWS, max_size=LEAST_ROWS))
def test_numbers_are_taken_as_rows_take_them(values):
    rows = [{"a": value, "b": 1} for value in values]
    table = made(NUMBERS).from_rows(rows)
    try:
        expected = RowDecoder(NUMBERS).check(rows)
    except InvalidInputError:
        assert table is None
    else:
        assert table.to_dicts() == expected


@pytest.mark.parametrize("dtype", ["f2", "<f4", "<f8", "u1", "i2", "<i8", "<u8"])
def test_arrays_of_real_numbers_are_numbers(dtype):
    values = np.arange(LEAST_ROWS).astype(dtype)
    table = made(NUMBERS).from_columns({"a": values, "b": values})
    assert table["a"].to_list() == list(map(float, range(LEAST_ROWS)))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_array_with_a_number_that_is_none_goes_row_by_row(bad):
    values = np.zeros(LEAST_ROWS)
    values[3] = bad
    assert made(NUMBERS).from_columns({"a": values, "b": np.zeros(LEAST_ROWS)}) is None


@pytest.mark.parametrize("names", ["a", "abc", "ac"])
def test_columns_that_are_not_those_of_the_signature_go_row_by_row(names):
    assert made(NUMBERS).from_columns({name: [1.0] * LEAST_ROWS for name in names}) is None


def test_columns_of_other_lengths_go_row_by_row():
    assert made(NUMBERS).from_columns({"a": [1.0] * LEAST_ROWS, "b": [1.0] * (LEAST_ROWS + 1)}) is None


def test_models_without_plain_columns_get_no_tables():
    tensor = SignatureColumn(name="t", type=ColumnType.TENSOR, shape=(2,), dtype="float32")
    assert row_tables(replace(NUMBERS, inputs=(tensor,))) is None
    assert row_tables(replace(NUMBERS, inputs=())) is None
    assert row_tables(replace(NUMBERS, inputs=(SignatureColumn(name="c", type=ColumnType.CATEGORY),))) is None
