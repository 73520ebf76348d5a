from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import millwright as mw
from millwright.core.errors import InvalidInputError
from millwright.pipelines.runner.encoding import ValueEncoder
from millwright.pipelines.serializers import ValueTypes

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores


@dataclass(frozen=True)
class Parts:
    train: pl.DataFrame
    rows: int


@mw.step
def one() -> int:
    return 1


@mw.step
def two() -> tuple[int, str]:
    return 1, ""


@mw.step
def named() -> Parts:
    return Parts(pl.DataFrame(), 1)


@mw.step
def nothing() -> None: ...


@pytest.fixture
def encoder(stores: Stores) -> ValueEncoder:
    return ValueEncoder(stores.artifacts, ValueTypes())


def test_each_output_has_its_bytes(encoder: ValueEncoder) -> None:
    found = encoder.encode("x", named.spec, Parts(pl.DataFrame({"a": [1]}), 7))
    assert [(encoded.output, encoded.serializer) for encoded, _ in found] == [("train", "polars"), ("rows", "json")]
    assert found[1][0].data == b"7"
    assert encoder.encode("x", nothing.spec, None) == []


@pytest.mark.parametrize(
    ("step", "returned", "message"),
    [
        (one, "text", "annotated to return int, and returned str"),
        (two, (1,), "annotated to return a tuple of 2, and returned a tuple of 1"),
        (two, 1, "annotated to return a tuple of 2, and returned int"),
        (named, 1, "Parts, and returned int"),
        (nothing, 1, "annotated to return None, and returned int"),
    ],
)
def test_another_value_than_promised_is_refused(encoder: ValueEncoder, step: Any, returned: Any, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        encoder.encode("x", step.spec, returned)


@mw.step
def holds() -> bool:
    return True


@mw.step
def share() -> float | None:
    return None


@mw.step
def table() -> pd.DataFrame:
    return pd.DataFrame()


@pytest.mark.parametrize(
    ("step", "returned", "plain"),
    [
        (one, np.int64(3), 3),
        (one, np.array(3), 3),
        (holds, np.True_, True),
        (share, np.float32(0.5), 0.5),
    ],
)
def test_number_of_numpy_becomes_pythons_where_that_is_promised(
    encoder: ValueEncoder, step: Any, returned: Any, plain: Any
) -> None:
    ((_, value),) = encoder.encode(step.name, step.spec, returned)
    assert (type(value), value) == (type(plain), plain)


def test_number_of_numpy_of_another_kind_is_refused(encoder: ValueEncoder) -> None:
    with pytest.raises(InvalidInputError, match=r"annotated to return int, and returned numpy\.float64"):
        encoder.encode("one", one.spec, np.float64(3.5))


def test_table_that_cannot_be_stored_says_which_column_without_advice_to_return_a_table(encoder: ValueEncoder) -> None:
    with pytest.raises(
        InvalidInputError, match="Expected bytes, got a 'int' object; Conversion failed for column a"
    ) as caught:
        encoder.encode("table", table.spec, pd.DataFrame({"a": ["x", 2]}))
    assert caught.value.hint == ""


def test_log_is_stored_when_there_is_one(encoder: ValueEncoder, stores: Stores) -> None:
    digest = encoder.log(b"hello")
    assert digest is not None
    assert stores.artifacts.get(digest) == b"hello"
    assert encoder.log(b"") is None
