from __future__ import annotations

import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypedDict

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.pipelines.serializers.plain import (
    BytesSerializer,
    PlainSerializer,
    TextSerializer,
    to_plain,
    unstorable_part,
)

PLAIN = PlainSerializer()


class Mode(Enum):
    FAST = "fast"


@dataclass(frozen=True, slots=True)
class Slice:
    name: str
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    rows: int
    at: datetime
    mode: Mode
    slices: tuple[Slice, ...]
    note: str | None = None
    path: Path = Path("x")


class Row(TypedDict):
    a: int


class Point(NamedTuple):
    x: int
    y: float


class Packed(msgspec.Struct):
    a: int


REPORT = Report(
    rows=3,
    at=datetime(2026, 1, 1, tzinfo=UTC),
    mode=Mode.FAST,
    slices=(Slice("a", {"f1": 0.5, "auc": math.inf}), Slice("b")),
)


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (None, None),
        (True, bool),
        (3, int),
        (0.1, float),
        ([1, [2]], list[Any]),
        ({"a": {"b": None}}, dict[str, Any]),
        ({1: "a"}, dict[int, str]),
        ({"b", "a"}, set[str]),
        ((1, "a"), tuple[int, str]),
        (date(2026, 1, 2), date),
        (datetime(2026, 1, 2, tzinfo=UTC), datetime),
        (uuid.UUID(int=3), uuid.UUID),
        (Decimal("1.10"), Decimal),
        (Mode.FAST, Mode),
        ("a", Literal["a", "b"]),
        (REPORT, Report),
        ([REPORT], list[Report]),
        (Row(a=1), Row),
        (Point(1, 2.5), Point),
        (Packed(1), Packed),
    ],
)
def test_value_comes_back_as_it_was(value: Any, hint: Any) -> None:
    assert PLAIN.handles(type(value))
    found = PLAIN.loads(PLAIN.dumps(value), hint)
    assert found == value
    assert type(found) is type(value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_any_json_value_comes_back_and_has_one_form(value: Any) -> None:
    data = PLAIN.dumps(value)
    found = PLAIN.loads(data, Any)
    assert PLAIN.dumps(found) == data
    assert repr(found) == repr(PLAIN.loads(PLAIN.dumps(found), Any))


def test_equal_values_have_equal_bytes_whatever_their_order() -> None:
    assert PLAIN.dumps({"a": 1, "b": 2}) == PLAIN.dumps({"b": 2, "a": 1})
    assert PLAIN.dumps({"x", "y", "z"}) == PLAIN.dumps({"z", "y", "x"})


def test_value_that_was_read_back_has_the_same_bytes() -> None:
    @dataclass
    class Loose:
        a: int
        b: int | None = None

    data = PLAIN.dumps(Loose(1))
    assert data == b'{"a":1,"b":null}'
    assert PLAIN.dumps(PLAIN.loads(data, Loose)) == PLAIN.dumps(PLAIN.loads(b'{"a":1}', Loose)) == data
    assert PLAIN.dumps(PLAIN.loads(PLAIN.dumps(REPORT), Report)) == PLAIN.dumps(REPORT)


def test_nan_and_infinity_come_back() -> None:
    low, nan = PLAIN.loads(PLAIN.dumps([-math.inf, math.nan]), list[float])
    assert low == -math.inf
    assert math.isnan(nan)


def test_numpy_numbers_are_numbers() -> None:
    for value, back in ((np.float64(0.5), 0.5), (np.int32(3), 3), (np.bool_(True), True)):
        assert PLAIN.handles(type(value))
        assert PLAIN.loads(PLAIN.dumps({"a": value}), Any) == {"a": back}
    assert isinstance(PLAIN.loads(PLAIN.dumps(np.float64(1)), np.float64), np.float64)


@pytest.mark.parametrize("kind", [object, type, Path, bytes, np.ndarray, pl.DataFrame, range])
def test_other_types_are_not_its_own(kind: type) -> None:
    assert not PLAIN.handles(kind)


@pytest.mark.parametrize("value", [{"a": object()}, [pl.DataFrame()], {"a": np.zeros(2)}])
def test_value_with_something_else_inside_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="no JSON form"):
        PLAIN.dumps(value)


def test_plain_form_has_lists_and_text_keys_and_no_nan() -> None:
    assert to_plain({1: (1, (2,)), "a": {Mode.FAST}}) == {"1": [1, [2]], "a": ["fast"]}
    with pytest.raises(ValueError, match="nan has no JSON form"):
        to_plain({"a": [math.nan]})
    assert math.isnan(to_plain([math.nan], allow_nan=True)[0])


@dataclass
class WithFrame:
    frames: dict[str, pl.DataFrame]


@dataclass
class Recursive:
    inner: list[Recursive]


@pytest.mark.parametrize(
    ("hint", "part"),
    [
        (list[int], ""),
        (Report, ""),
        (Recursive, ""),
        (dict[str, Any], ""),
        (list[pl.DataFrame], "polars.DataFrame inside it"),
        (WithFrame, "polars.DataFrame inside it"),
        (Report | WithFrame, "may not contain more than one dataclass"),
    ],
)
def test_part_of_a_type_that_cannot_be_stored_is_told(hint: Any, part: str) -> None:
    assert part in unstorable_part(hint)
    assert bool(unstorable_part(hint)) is bool(part)


def test_text_and_bytes_are_stored_as_they_are() -> None:
    text, raw = TextSerializer(), BytesSerializer()
    assert text.dumps("größe") == "größe".encode()
    assert text.loads("größe".encode(), str) == "größe"
    assert text.loads(b"fast", Mode) is Mode.FAST
    assert raw.loads(raw.dumps(bytearray(b"x")), bytearray) == bytearray(b"x")
    assert raw.loads(raw.dumps(b"x"), Any) == b"x"
    changing = bytearray(b"x")
    assert raw.share(changing) is not changing
    assert (text.handles(str), text.handles(Mode), raw.handles(bytes), raw.handles(str)) == (True, False, True, False)
