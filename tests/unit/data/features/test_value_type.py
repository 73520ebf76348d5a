"""Types of features."""

from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.features.value_type import type_name, value_type


@pytest.mark.parametrize(
    ("given", "dtype"),
    [
        (pl.Int64, pl.Int64()),
        ("Boolean", pl.Boolean()),
        (pl.List(pl.Float32), pl.List(pl.Float32())),
        ("List(List(Int8))", pl.List(pl.List(pl.Int8()))),
        (pl.Datetime, pl.Datetime("us", "UTC")),
        ("Datetime", pl.Datetime("us", "UTC")),
        (pl.Datetime("us"), pl.Datetime("us")),
        (pl.Date(), pl.Date()),
    ],
)
def test_type_is_found_by_its_name(given, dtype) -> None:
    assert value_type(type_name(given)) == dtype
    assert type_name(type_name(given)) == type_name(given)


@pytest.mark.parametrize("given", ["Struct", pl.Object, "", "List()", pl.Struct({"a": pl.Int8}), "int", 3])
def test_what_features_cannot_be_is_refused(given) -> None:
    with pytest.raises(InvalidInputError, match="Features cannot have the type"):
        type_name(given)
