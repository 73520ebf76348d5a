from __future__ import annotations

import functools
import operator
import re
import threading
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from millwright.pipelines.fingerprint.unit import UnitReader
from millwright.pipelines.fingerprint.walk import Walk

PATH = Path(__file__).parent / "data.csv"


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


def test_path_beside_the_file_is_written_relative_to_it() -> None:
    def root() -> Any:
        return PATH

    written = "\n".join(Walk(UnitReader()).lines(root))  # type: ignore[arg-type]
    assert "beside the file 'data.csv'" in written
    assert str(Path(__file__).parent) not in written


def test_package_and_value_that_cannot_be_looked_into_are_told() -> None:
    generator = np.random.default_rng(0)

    def root() -> Any:
        return generator, pl.col

    walk = Walk(UnitReader())
    walk.lines(root)  # type: ignore[arg-type]
    assert {name.partition("==")[0] for name in walk.packages} == {"polars", "numpy"}
    assert any("Generator" in warning for warning in walk.warnings)
