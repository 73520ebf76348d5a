from __future__ import annotations

import ast
import enum
import functools
from dataclasses import dataclass
from typing import Any, NamedTuple, TypedDict

import pytest
from pydantic import BaseModel

from millwright.pipelines.fingerprint.lookup import Global, Unknown
from millwright.pipelines.fingerprint.members import annotations_act, cells, functions_of, members
from millwright.pipelines.fingerprint.naming import GlobalNames
from millwright.pipelines.fingerprint.source_file import SourceFile


def helper() -> int:
    return 1


class Mode(enum.Enum):
    FAST = 1
    QUICK = FAST

    @classmethod
    def pick(cls) -> Mode:
        return cls(helper())

    @enum.property
    def size(self) -> int:
        return helper()


class Kind:
    limit = 3

    @functools.singledispatchmethod
    def of(self, value: object) -> int:
        return helper() + len(str(value))

    @of.register
    def _(self, value: int) -> int:
        return value


class Hooked:
    def __init_subclass__(cls) -> None:
        cls.seen = True  # type: ignore[attr-defined]


class Meta(type):
    pass


@dataclass
class Data:
    x: int


class Point(NamedTuple):
    x: int


class Row(TypedDict):
    x: int


class Model(BaseModel):
    x: int


def found(kind: type) -> list[tuple[str, Any]]:
    return list(members(kind, SourceFile.read(__file__), GlobalNames(globals())))


def test_enumeration_has_its_members_and_what_its_methods_reach() -> None:
    references = found(Mode)
    assert references[0] == ("members", {"FAST": 1, "QUICK": 1})
    assert [value for _, value in references].count(Global(globals(), "helper", helper)) == 2
    assert {name for name, _ in references} == {"members", "<helper>", "pick defaults", "size defaults"}


def test_method_by_type_has_its_types() -> None:
    references = dict(found(Kind))
    assert set(references["of"]) == {object, int}
    assert references["limit"] == 3
    assert references["<helper>"] == Global(globals(), "helper", helper)


def test_functions_of_an_attribute() -> None:
    assert list(functions_of(helper)) == [helper]
    assert list(functions_of(staticmethod(helper))) == [helper]
    assert list(functions_of(property(helper, helper))) == [helper, helper]
    assert list(functions_of(functools.lru_cache(helper))) == [helper]
    assert list(functions_of(functools.partialmethod(helper))) == [helper]
    assert list(functions_of(1)) == []


@pytest.mark.parametrize(
    ("kind", "acts"),
    [
        (Kind, False),
        (Mode, False),
        (type("Later", (Kind,), {}), False),
        (type("Sub", (Hooked,), {}), True),
        (Meta("Made", (), {}), True),
        (Data, True),
        (Point, True),
        (Row, True),
        (Model, True),
    ],
)
def test_annotations_act_where_somebody_reads_them(kind: type, acts: bool) -> None:
    assert annotations_act(kind, []) is acts


def test_annotations_of_a_decorated_class_act() -> None:
    nodes = [node for node in ast.parse("@d\nclass A:\n    x: int").body if isinstance(node, ast.ClassDef)]
    assert annotations_act(Kind, nodes)


def test_cells_that_are_not_filled_are_unknown() -> None:
    def outer() -> list[tuple[str, Any]]:
        def inner() -> int:
            return later + now

        now = 1
        seen = list(cells(inner))
        later = 2
        return seen

    assert outer() == [("later", Unknown("later")), ("now", 1)]
