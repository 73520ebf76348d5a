from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypedDict
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
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
    SLOW = "größe"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


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


@dataclass(frozen=True)
class Leaf:
    number: int
    ratio: float | None
    price: Decimal
    at: datetime
    local: datetime
    day: date
    span: timedelta
    clock: time
    mode: Mode
    level: Level
    ident: uuid.UUID
    raw: bytes
    pair: tuple[int, str]
    tags: frozenset[str]


@dataclass
class Tree:
    leaf: Leaf | None
    by_name: dict[str, Leaf]
    by_number: dict[int, list[str]]
    inner: list[Tree]


# Offsets that do not change: Python calls a moment that a clock shows twice, or never, equal to none of another zone.
zones = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45)), timezone(timedelta(minutes=-90))])
texts = st.text(max_size=5)
leaves = st.builds(
    Leaf,
    number=st.integers() | st.integers(-(10**40), 10**40),
    ratio=st.none() | st.floats(allow_nan=False),
    price=st.decimals(allow_nan=False),
    at=st.datetimes(timezones=zones),
    local=st.datetimes(),
    day=st.dates(),
    span=st.timedeltas(),
    clock=st.times(),
    mode=st.sampled_from(Mode),
    level=st.sampled_from(Level),
    ident=st.uuids(),
    raw=st.binary(max_size=5),
    pair=st.tuples(st.integers(), texts),
    tags=st.frozensets(texts, max_size=3),
)
trees = st.deferred(
    lambda: st.builds(
        Tree,
        leaf=st.none() | leaves,
        by_name=st.dictionaries(texts, leaves, max_size=2),
        by_number=st.dictionaries(st.integers(), st.lists(texts, max_size=2), max_size=2),
        inner=st.lists(trees, max_size=1),
    )
)


@settings(deadline=None)
@given(trees)
def test_any_dataclass_comes_back(tree: Tree) -> None:
    data = PLAIN.dumps(tree)
    found = PLAIN.loads(data, Tree)
    assert found == tree
    assert PLAIN.dumps(found) == data
    json.loads(data)


@given(st.lists(st.none() | st.integers() | texts), st.sets(st.integers()), st.tuples(st.booleans(), texts))
def test_annotation_says_which_sequence_comes_back(one: list[Any], many: set[int], pair: tuple[bool, str]) -> None:
    assert PLAIN.loads(PLAIN.dumps(one), list[int | str | None]) == one
    assert PLAIN.loads(PLAIN.dumps(many), set[int]) == many
    assert PLAIN.loads(PLAIN.dumps(many), Any) == sorted(many, key=str)
    assert PLAIN.loads(PLAIN.dumps(pair), tuple[bool, str]) == pair
    assert PLAIN.loads(PLAIN.dumps(pair), Any) == list(pair)


@given(st.datetimes(timezones=st.timezones()))
def test_moment_stays_the_same_moment(moment: datetime) -> None:
    for found in (
        PLAIN.loads(PLAIN.dumps(moment), datetime),
        *PLAIN.loads(PLAIN.dumps({moment: 1}), dict[datetime, int]),
    ):
        assert found.astimezone(UTC) == moment.astimezone(UTC)


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


def test_bytes_are_the_same_in_every_process() -> None:
    script = (
        "from millwright.pipelines.serializers.plain import PlainSerializer\n"
        "words = {'a', 'b', 'größe', 'd', 'e'}\n"
        "print(PlainSerializer().dumps({'set': words, 'sets': {frozenset({x, 'z'}) for x in words}, 'dict': "
        "dict.fromkeys(words, 1), 'mixed': {1, 'a', None, (2, 'b')}}))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(found) == 1


def test_keys_that_are_one_as_text_are_refused() -> None:
    with pytest.raises(ValueError, match="two keys of a dictionary have one form as text"):
        PLAIN.dumps({1: "a", "1": "b"})


def test_value_that_holds_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(ValueError, match="holds itself"):
        PLAIN.dumps(value)


@pytest.mark.parametrize("value", ["\ud800", ["\ud800"], 10**5000], ids=["text", "list", "number"])
def test_text_and_numbers_without_a_form_are_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"surrogates|limit"):
        PLAIN.dumps(value)


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


def test_text_of_a_derived_class_is_text() -> None:
    class Name(str):
        __slots__ = ()

        def __str__(self) -> str:
            return "another"

    assert to_plain([Name("a"), np.str_("b")]) == ["a", "b"]
    assert all(type(each) is str for each in to_plain([Name("a"), np.str_("b")]))


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
        (list[np.ndarray], "several under names as a dict"),
        (OrderedDict[str, int], "return a dict"),
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
    assert text.loads(b"x", Annotated[str, ["unhashable"]]) == text.loads(b"x", str | None) == "x"
    assert raw.loads(b"x", bytearray | None) == bytearray(b"x")
    assert raw.loads(raw.dumps(bytearray(b"x")), bytearray) == bytearray(b"x")
    assert raw.loads(raw.dumps(b"x"), Any) == b"x"
    changing = bytearray(b"x")
    assert raw.share(changing) is not changing
    assert (text.handles(str), text.handles(Mode), raw.handles(bytes), raw.handles(str)) == (True, False, True, False)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu"])
def test_moment_of_a_zone_comes_back_as_the_same_moment(zone: str) -> None:
    for year in (1850, 1920, 2026):  # before 1893 Berlin's offset had seconds
        moment = datetime(year, 7, 1, 12, tzinfo=ZoneInfo(zone))
        assert PLAIN.loads(PLAIN.dumps(moment), datetime) == moment


def test_moment_that_utc_cannot_tell_is_refused() -> None:
    with pytest.raises(ValueError, match="outside the years 1 to 9999 in UTC"):
        PLAIN.dumps(datetime(1, 1, 1, tzinfo=ZoneInfo("Europe/Berlin")))
