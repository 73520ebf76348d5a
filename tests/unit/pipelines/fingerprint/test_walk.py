from __future__ import annotations

import argparse
import functools
import operator
import re
import threading
from array import array
from collections import ChainMap, UserDict, deque
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from millwright.pipelines.fingerprint.unit import UnitReader
from millwright.pipelines.fingerprint.walk import Walk

PATH = Path(__file__).parent / "data.csv"


class Rate(int):
    def __repr__(self) -> str:
        return "a rate"


class Name(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "a name"


class Day(date):
    pass


class Queue(deque[int]):
    pass


class Hidden:
    __slots__ = ("__value",)

    def __init__(self, value: int) -> None:
        self.__value = value

    def value(self) -> int:
        return self.__value


def lines(value: Any) -> list[str]:
    def root() -> Any:
        return value

    return Walk(UnitReader()).lines(root)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 2),
        (1, 1.0),
        (1, True),
        ("a", b"a"),
        ((1, 2), [1, 2]),
        ({"a": 1}, {"a": 2}),
        ({1, 2}, {1, 3}),
        (re.compile("a"), re.compile("b")),
        (re.compile("a"), re.compile("a", re.IGNORECASE)),
        (Decimal("1.0"), Decimal("1.00")),
        (date(2026, 1, 1), date(2026, 1, 2)),
        (np.array([1, 2]), np.array([1, 3])),
        (np.array([1, 2]), np.array([1.0, 2.0])),
        (functools.partial(max, 1), functools.partial(max, 2)),
        (functools.partial(max, 1), functools.partial(min, 1)),
        (str.upper, str.lower),
        ("a".upper, "b".upper),
        (operator.itemgetter("a"), operator.itemgetter("b")),
        (pl.col("a") > 1, pl.col("a") > 2),
        (list[int], list[str]),
        (int | None, str | None),
        (lambda x: x, lambda x: -x),
        (range(3), range(4)),
        (SimpleNamespace(a=1), SimpleNamespace(a=2)),
        (argparse.Namespace(a=1), argparse.Namespace(a=2)),
        (deque([1]), deque([1], maxlen=3)),
        (array("i", [1]), array("i", [2])),
        (ChainMap({"a": 1}), ChainMap({"a": 2})),
        (UserDict({"a": 1}), UserDict({"a": 2})),
        (Rate(1), Rate(2)),
        (Rate(1), 1),
        (Name("a"), Name("b")),
        (Day(2026, 1, 1), Day(2026, 1, 2)),
        (Queue([1]), Queue([2])),
        (Hidden(1), Hidden(2)),
        (None, ...),
    ],
)
def test_different_values_are_written_differently(one: Any, other: Any) -> None:
    assert lines(one) != lines(other)


@pytest.mark.parametrize(
    "value", [{"b": 1, "a": {"x", "y", "z"}}, frozenset("abcdef"), threading.Lock(), object(), print, (pl.col("a") > 1)]
)
def test_equal_values_are_written_alike(value: Any) -> None:
    assert lines(value) == lines(value)


def test_set_is_written_without_its_order() -> None:
    assert lines({"a", "b", "c"}) == lines({"c", "b", "a"})


def test_container_inside_itself_comes_to_an_end() -> None:
    loop: list[Any] = [1]
    loop.append(loop)
    assert "again" in "\n".join(lines(loop))
    queue = deque[Any]()
    queue.append(queue)
    assert "again" in "\n".join(lines(queue))


def test_state_of_what_is_derived_from_pythons_counts() -> None:
    one, other = Rate(1), Rate(1)
    one.unit, other.unit = "a", "b"  # type: ignore[attr-defined]
    assert lines(one) != lines(other)


def test_import_that_leads_nowhere_is_told() -> None:
    def root() -> Any:
        import not_there

        return not_there

    walk = Walk(UnitReader())
    walk.lines(root)  # type: ignore[arg-type]
    (warning,) = walk.warnings
    assert warning.startswith("'not_there' cannot be imported now")


def test_path_beside_the_file_is_written_relative_to_it() -> None:
    def root() -> Any:
        return PATH

    written = "\n".join(Walk(UnitReader()).lines(root))  # type: ignore[arg-type]
    assert "beside the file 'data.csv'" in written
    assert str(Path(__file__).parent) not in written


def test_expression_that_shows_itself_abridged_counts_whole() -> None:
    def lines(factor: int) -> list[str]:
        expression = (pl.col("a_name_of_some_length") + pl.col("another_one_of_some_length")) * factor

        def root() -> Any:
            return expression

        return Walk(UnitReader()).lines(root)  # type: ignore[arg-type]

    assert lines(2) == lines(2) != lines(3)


def test_package_and_value_that_cannot_be_looked_into_are_told() -> None:
    generator = np.random.default_rng(0)

    def root() -> Any:
        return generator, pl.col

    walk = Walk(UnitReader())
    walk.lines(root)  # type: ignore[arg-type]
    assert {name.partition("==")[0] for name in walk.packages} == {"polars", "numpy"}
    assert any("Generator" in warning for warning in walk.warnings)
