from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from millwright.core.errors import ConfigurationError, IntegrityError
from millwright.pipelines.folder import Folder
from millwright.pipelines.serializers import Adapter, DumpedValue, ValueTypes

if TYPE_CHECKING:
    from millwright.storage.base import ArtifactStore
    from millwright.storage.catalog import Stores


@dataclass
class Point:
    x: int


class Steps(Enum):
    FIRST = (1, 2)


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
def artifacts(stores: Stores) -> ArtifactStore:
    return stores.artifacts


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
        (pl.Series, "polars-series"),
        (pd.Series, "pandas-series"),
        (np.ndarray, "npy"),
        (sparse.csr_array, "sparse"),
        (Folder, "folder"),
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
        (Folder, ""),
        (dict[str, np.ndarray], ""),
        (dict[str, np.ndarray] | None, ""),
        (Path, "return mw.Folder(path)"),
        (type, "register a serializer"),
        (type, "allow_pickle = true under [pipelines] in millwright.toml lets it be pickled"),
        (deque, "return a list"),
        (Counter, "return a dict"),
        (Steps, "all members values that are texts"),
        (list[pl.DataFrame], "an output of its own"),
        (list[np.ndarray], "under names as a dict[str, …]"),
        (list[Sealed], "allow_pickle = true"),
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


def test_value_is_stored_by_what_it_holds(types: ValueTypes, artifacts: ArtifactStore, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.txt").write_text("alpha", encoding="utf-8")

    def round_trip(value: Any, hint: Any) -> tuple[DumpedValue, Any]:
        dumped = types.dump(value, artifacts)
        found = types.load(dumped.data, dumped.serializer, stored=hint, wanted=Any, artifacts=artifacts)
        return dumped, found

    arrays, found = round_trip({"a": np.arange(2)}, dict[str, np.ndarray])
    assert (arrays.serializer, arrays.parts, found["a"].tolist()) == ("npz", (), [0, 1])
    none, found = round_trip({}, dict[str, np.ndarray])
    assert (none.serializer, found) == ("json", {})
    plain, found = round_trip({"a": 1}, dict[str, int])
    assert (plain.serializer, found) == ("json", {"a": 1})
    folder, found = round_trip(Folder(tmp_path / "folder"), Folder)
    assert (folder.serializer, len(folder.parts)) == ("folder", 1)
    assert (found / "a.txt").read_text(encoding="utf-8") == "alpha"
    with pytest.raises(TypeError, match="read with its parts"):
        types.load(folder.data, "folder", stored=Folder, wanted=Folder)


@pytest.mark.parametrize("value", [object(), [object()], np.array([object()]), {"a": np.zeros(1), "b": 1}, Steps.FIRST])
def test_value_that_cannot_be_stored_is_refused_and_the_setting_named(
    types: ValueTypes, artifacts: ArtifactStore, value: Any
) -> None:
    with pytest.raises(TypeError, match=r"allow_pickle = true under \[pipelines\] in millwright.toml"):
        types.dump(value, artifacts)


def test_pickle_takes_what_has_no_open_form_where_it_is_allowed(artifacts: ArtifactStore, tmp_path: Path) -> None:
    types = ValueTypes([SealedSerializer()], allow_pickle=True)
    for value, name in ((1 + 2j, "pickle"), ([1 + 2j], "pickle"), (Steps.FIRST, "pickle"), ([1], "json"),
                        (np.array([1 + 2j, None]), "pickle"), (np.zeros(1), "npy")):  # fmt: skip
        dumped = types.dump(value, artifacts)
        assert dumped.serializer == name
        found = types.load(dumped.data, name, stored=type(value), wanted=Any)
        assert np.array_equal(found, value) if isinstance(value, np.ndarray) else found == value
    assert types.problem(list[Sealed]) == types.problem(complex) == ""
    assert "frame.collect()" in types.problem(pl.LazyFrame)
    for refused in (pl.LazyFrame(), tmp_path):
        with pytest.raises(TypeError, match=r"return (frame.collect\(\)|mw.Folder\(path\))"):
            types.dump(refused, artifacts)
    with pytest.raises(AttributeError):  # a mistake of a serializer that was given is not covered up
        ValueTypes([SealedSerializer()], allow_pickle=True).dump(Sealed.__new__(Sealed), artifacts)


def test_pickle_is_not_read_where_it_is_not_allowed(artifacts: ArtifactStore) -> None:
    dumped = ValueTypes(allow_pickle=True).dump(1 + 2j, artifacts)
    types = ValueTypes()
    assert not types.can_read(dumped.serializer)
    assert types.can_read("json")
    with pytest.raises(IntegrityError, match=r"is a pickle.*allow_pickle = true under \[pipelines\]"):
        types.load(dumped.data, dumped.serializer, stored=complex, wanted=Any)


def test_two_serializers_with_one_name_are_refused() -> None:
    class Other(SealedSerializer):
        name = "polars"

    with pytest.raises(ConfigurationError, match=r"one serializer named 'polars'.*Other.*PolarsSerializer"):
        ValueTypes([Other()])


def test_value_that_nothing_converts_stays(types: ValueTypes) -> None:
    assert types.adapt("x", int) == "x"
