from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.models.encoder import MAX_CATEGORIES, Encoder
from millwright.models.signature import Signature
from millwright.models.task import Task


def _fitted(frame: pl.DataFrame) -> tuple[Signature, Encoder]:
    signature = Signature.infer(frame, pl.Series("y", [0.0] * frame.height), Task.REGRESSION)
    return signature, Encoder.fit(frame, signature)


def test_encoder_makes_the_columns_that_it_states(encoder: Encoder) -> None:
    assert [column.name for column in encoder.columns] == [
        "amount of $",
        "amount of $__missing",
        "floors.count",
        "is 'big'",
        "borough\n",
        "__start__days",
        "__start__month",
        "__start__weekday",
        "note__length",
    ]
    assert encoder.category_indexes == (4,)
    assert encoder.number_indexes == (0, 1, 2, 3, 5, 6, 7, 8)


def test_encoder_gives_the_values_that_it_states() -> None:
    signature, encoder = _fitted(
        pl.DataFrame(
            {
                "n": [1.0, None, 3.0],
                "b": [True, False, None],
                "c": ["a", "a", "b"],
                "d": [date(1970, 1, 2), date(1970, 2, 1), None],
            }
        )
    )
    matrix = encoder.encode(
        pl.DataFrame({"n": [2.0, None], "b": [True, None], "c": ["b", None], "d": [date(1970, 2, 1), None]}), signature
    )

    nan = np.nan
    assert matrix.dtype == np.float32
    assert matrix.flags.c_contiguous
    np.testing.assert_array_equal(matrix, [[2, 0, 1, 3, 31, 2, 7], [nan, 1, nan, 0, nan, nan, nan]])


def test_encoder_tells_unseen_and_rare_categories_as_other() -> None:
    many = [f"c{index:03}" for index in range(MAX_CATEGORIES + 5)]
    frame = pl.DataFrame({"c": many * 3 + many[:-5]})
    signature, encoder = _fitted(frame)

    codes = encoder.encode(pl.DataFrame({"c": [many[0], many[-1], "never", ""]}), signature)[:, 0]

    np.testing.assert_array_equal(codes, [2, 1, 1, 1])


def test_encoder_draws_in_numbers_far_outside_the_range() -> None:
    signature, encoder = _fitted(pl.DataFrame({"n": [0.0, 10.0]}))

    matrix = encoder.encode(pl.DataFrame({"n": [-1e300, 1e300, 110.0, 111.0]}), signature)

    np.testing.assert_array_equal(matrix[:, 0], [-100, 110, 110, 110])


_ROW = st.fixed_dictionaries(
    {
        "amount of $": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "floors.count": st.integers(-(2**62), 2**62),
        "is 'big'": st.booleans(),
        "borough\n": st.none() | st.sampled_from(["Bronx", "Queens", "Königsberg"]) | st.text(),
        "__start": st.dates(),
        "note": st.text(),
    }
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(_ROW, min_size=1, max_size=4))
def test_rows_and_tables_encode_alike_to_the_last_bit(
    rows: list[dict[str, object]], frame: pl.DataFrame, signature: Signature, encoder: Encoder
) -> None:
    table = pl.DataFrame(rows, schema=frame.schema)

    np.testing.assert_array_equal(encoder.encode_rows(rows), encoder.encode(table, signature))


def test_encoder_survives_json(encoder: Encoder) -> None:
    assert Encoder.from_json(json.loads(json.dumps(encoder.to_json()))) == encoder


def test_encoder_is_refused_when_its_json_is_something_else() -> None:
    with pytest.raises(InvalidInputError, match="Expected an encoder as JSON"):
        Encoder.from_json({"columns": [{"name": "x"}]})


def test_encoder_takes_a_table_without_rows(frame: pl.DataFrame, signature: Signature, encoder: Encoder) -> None:
    assert encoder.encode(frame.clear(), signature).shape == (0, len(encoder.columns))


def test_encoder_treats_nulls_in_columns_that_had_none(
    frame: pl.DataFrame, signature: Signature, encoder: Encoder
) -> None:
    lenient = replace(signature, inputs=tuple(replace(column, required=False) for column in signature.inputs))
    matrix = encoder.encode(frame.clear(3).select(frame.columns), lenient)

    assert np.isnan(matrix[:, 2]).all()
