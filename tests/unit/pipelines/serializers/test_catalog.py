from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from millwright.core.errors import IntegrityError
from millwright.pipelines.serializers import Adapter, ValueTypes


@dataclass
class Point:
    x: int


class Sealed:
    def __init__(self, text: str) -> None:
        self.text = text


class SealedSerializer:
    name = "sealed"

    def handles(self, value_type: type) -> bool:
        return value_type is Sealed

    def dumps(self, value: Any) -> bytes:
        return str(value.text).encode()

    def loads(self, data: bytes, annotation: Any) -> Any:
        del annotation
        return Sealed(data.decode())


@pytest.fixture
def types() -> ValueTypes:
    adapters = [
        Adapter(Point, pl.DataFrame, lambda p: pl.DataFrame({"x": [p.x]})),
        Adapter(Sealed, str, lambda s: s.text),
    ]
    return ValueTypes([SealedSerializer()], adapters)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (pl.DataFrame, "polars"),
        (pd.DataFrame, "pandas"),
        (np.ndarray, "npy"),
        (str, "text"),
        (bytes, "bytes"),
        (int, "json"),
        (type(None), "json"),
        (Point, "json"),
        (dict, "json"),
        (Sealed, "sealed"),
    ],
)
def test_type_finds_its_serializer(types: ValueTypes, kind: type, name: str) -> None:
    serializer = types.serializer_for(kind)
    assert serializer is not None
    assert serializer.name == name
    assert types.named(name) is serializer


def test_unknown_serializer_of_a_stored_value_is_an_error(types: ValueTypes) -> None:
    with pytest.raises(IntegrityError, match="needs the serializer 'later'"):
        types.named("later")
    assert types.serializer_for(object) is None


@pytest.mark.parametrize(
    ("hint", "problem"),
    [
        (int, ""),
        (Any, ""),
        (pl.DataFrame | None, ""),
        (Sealed, ""),
        (list[Point], ""),
        (pl.LazyFrame, "return frame.collect()"),
        (Path, "the file's bytes"),
        (type, "register a serializer"),
        (list[pl.DataFrame], "an output of its own"),
        (int | pl.LazyFrame, "return frame.collect()"),
    ],
)
def test_type_that_cannot_be_stored_is_told_with_advice(types: ValueTypes, hint: Any, problem: str) -> None:
    found = types.problem(hint)
    assert problem in found
    assert bool(found) is bool(problem)


@pytest.mark.parametrize(
    ("source", "target", "accepted"),
    [
        (int, int, True),
        (int, str, False),
        (pd.DataFrame, pl.DataFrame, True),
        (pl.DataFrame, pd.DataFrame | None, True),
        (Point, pl.DataFrame, True),
        (Sealed, str, True),
        (Sealed, int, False),
        (pl.DataFrame, Point, False),
    ],
)
def test_types_meet_when_they_fit_or_a_conversion_is_known(
    types: ValueTypes, source: Any, target: Any, accepted: bool
) -> None:
    assert types.accepts(source, target) is accepted


def test_stored_value_comes_in_the_type_asked_for(types: ValueTypes) -> None:
    def load(value: Any, stored: Any, wanted: Any) -> Any:
        serializer = types.serializer_for(type(value))
        assert serializer is not None
        return types.load(serializer.dumps(value), serializer.name, stored=stored, wanted=wanted)

    assert load(Point(1), Point, Point) == Point(1)
    assert load(Point(1), Point, Any) == Point(1)
    assert load(Point(1), Any, Any) == {"x": 1}
    assert load(Point(1), Any, Point) == Point(1)
    assert load(Point(1), Point, pl.DataFrame).to_dicts() == [{"x": 1}]
    assert load(Sealed("a"), Sealed, str) == "a"
    assert load(Sealed("a"), Any, str) == "a"
    assert load(pl.DataFrame({"x": [1]}), pl.DataFrame, pd.DataFrame)["x"].tolist() == [1]
    assert load([1], list[int], tuple[int, ...]) == (1,)


def test_value_that_nothing_converts_stays(types: ValueTypes) -> None:
    assert types.adapt("x", int) == "x"
