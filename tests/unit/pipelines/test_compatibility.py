from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, Literal, NewType, Protocol, TypedDict, TypeVar

import pytest

from millwright.pipelines.compatibility import is_compatible, is_instance, runtime_class

T = TypeVar("T")
Name = NewType("Name", str)


class Base: ...


class Derived(Base): ...


class Row(TypedDict):
    a: int


class Sized(Protocol):
    size: int


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (int, int),
        (bool, int),
        (int, float),
        (Derived, Base),
        (int, int | None),
        (int | None, int),
        (Any, int),
        (int, Any),
        (int, T),
        (int, object),
        (Name, str),
        (str, Name),
        (Annotated[int, "x"], int),
        (list[int], list[int]),
        (list[int], list[float]),
        (list[int], Sequence[int]),
        (list[int], tuple[int, ...]),
        (list, list[int]),
        (dict[str, int], Mapping[str, float]),
        (Row, dict),
        (dict, Row),
        (Literal["a"], str),
        (str, Literal["a", "b"]),
        (Literal["a"], Literal["a", "b"]),
        (Base, Sized),
        (None, int | None),
    ],
)
def test_types_that_fit_are_compatible(source: Any, target: Any) -> None:
    assert is_compatible(source, target)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (str, int),
        (float, int),
        (Base, Derived),
        (list[int], list[str]),
        (list[int], dict[str, int]),
        (dict[str, int], dict[str, str]),
        (int | None, str),
        (None, int),
        (Literal["a"], int),
        (Literal["a"], Literal["b"]),
        (int, Literal["a"]),
        (Row, int),
        (int, Row),
    ],
)
def test_types_that_do_not_fit_are_not_compatible(source: Any, target: Any) -> None:
    assert not is_compatible(source, target)


@pytest.mark.parametrize(
    ("value", "hint", "fits"),
    [
        (1, int, True),
        (1, float, True),
        (True, int, False),
        (True, bool, True),
        (1.0, int, False),
        (None, int | None, True),
        (None, int, False),
        ("a", Literal["a"], True),
        ("b", Literal["a"], False),
        (1, Literal[True], False),
        ([1], list[int], True),
        (["x"], list[int], True),  # only the outermost class is looked at
        ({"a": 1}, Row, True),
        (Derived(), Base, True),
        (Base(), Sized, True),
        (Colour.RED, Colour, True),
        (object(), Any, True),
        (object(), T, True),
    ],
)
def test_value_is_of_a_type_by_its_outermost_class(value: Any, hint: Any, fits: bool) -> None:
    assert is_instance(value, hint) is fits


def test_class_behind_a_type_is_none_when_there_is_none() -> None:
    assert runtime_class(list[int]) is list
    assert [runtime_class(hint) for hint in (Any, T, object, Literal["a"])] == [None] * 4
