from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.models.typed import typed_rows, typed_table

_TABLE = pl.DataFrame(
    {
        "big": [2**53 + 1, None],
        "share": [0.5, float("nan")],
        "open": [True, None],
        "borough": ["Bronx", None],
        "start": [date(2024, 1, 2), None],
    }
)
_SIGNATURE = Signature.infer(_TABLE, pl.Series("y", [1.0, 2.0]), Task.REGRESSION)


def test_table_has_the_promised_types_and_keeps_every_digit_of_integers() -> None:
    typed = typed_table(_TABLE.with_columns(pl.lit(1).alias("other")), _SIGNATURE)

    assert typed.schema == {
        "big": pl.Int64, "share": pl.Float64, "open": pl.Boolean, "borough": pl.String, "start": pl.Datetime("us"),
    }  # fmt: skip
    assert typed.rows() == [(2**53 + 1, 0.5, True, "Bronx", datetime(2024, 1, 2)), (None,) * 5]  # noqa: DTZ001


def test_rows_become_the_same_table() -> None:
    rows = [
        {"big": 2**53 + 1, "share": 0.5, "open": True, "borough": "Bronx", "start": "2024-01-02"},
        {"big": None, "share": float("nan"), "open": None},
    ]

    assert typed_rows(rows, _SIGNATURE).equals(typed_table(_TABLE, _SIGNATURE))
    assert typed_rows([{"big": 3.0}], _SIGNATURE)["big"].to_list() == [3]


def test_integers_beyond_64_bits_with_a_sign_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="Column 'big' holds integers that need more than 64 bits"):
        typed_rows([{"big": 2**63}], _SIGNATURE)
    with pytest.raises(InvalidInputError, match="'big'"):
        typed_table(_TABLE.with_columns(pl.Series("big", [2**63, 1], dtype=pl.UInt64)), _SIGNATURE)
