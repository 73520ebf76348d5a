from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import millwright as mw
from millwright.pipelines.graph import GraphBuilder, building, current_builder


class Mode(Enum):
    FAST = "fast"


@dataclass(frozen=True)
class Canary:
    share: float = 0.5


@mw.step
def anything(ctx: mw.StepContext, value: Any, other: Any = None) -> int:
    return 1


@mw.step
def typed(number: float = 1.0, mode: Mode = Mode.FAST, path: Path = Path("x"), canary: Canary = Canary()) -> None:
    return


def build(*calls: Any) -> GraphBuilder:
    builder = GraphBuilder("demo")
    with building(builder):
        for call in calls:
            call()
    return builder


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (1, 1),
        ([1, "a", None], [1, "a", None]),
        ({"a": (1, 2)}, {"a": [1, 2]}),
        (Mode.FAST, "fast"),
        (Canary(), {"share": 0.5}),
        (Path("a/b"), "a/b"),
        ([], []),
    ],
)
def test_value_is_kept_as_it_is_and_as_json(value: Any, plain: Any) -> None:
    (node,) = build(lambda: anything(value)).graph({}).nodes
    assert node.values["value"] is value
    assert node.plain == {"value": plain, "other": None}


def test_values_are_coerced_to_what_the_step_asks_for() -> None:
    (node,) = build(lambda: typed(1, "fast", "a")).graph({}).nodes  # type: ignore[arg-type]
    assert node.values == {"number": 1.0, "mode": Mode.FAST, "path": Path("a"), "canary": Canary()}
    assert node.plain == {"number": 1.0, "mode": "fast", "path": "a", "canary": {"share": 0.5}}


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (anything, "lacks the argument 'value' (Any)"),
        (lambda: anything(1, 2, 3), "takes 2 arguments and was given 3"),
        (lambda: anything(1, valu=1), "has no parameter 'valu'. Did you mean 'value'?"),
        (lambda: anything(1, value=1), "was given 'value' twice"),
        (lambda: anything(1, ctx=None), "is given its context 'ctx' by the runner"),
        (lambda: anything(pl.DataFrame()), "a value that a graph cannot hold"),
        (lambda: anything(float("nan")), "nan has no JSON form"),
        (lambda: anything([anything(1), 2]), "mixes outputs of steps with values"),
        (lambda: anything(typed()), "step 'typed' returns nothing"),
    ],
)
def test_mistake_in_a_call_is_kept_with_its_place(call: Any, problem: str) -> None:
    (found,) = build(call).problems
    assert problem in found
    assert found.startswith("test_builder.py:")


def test_output_of_another_graph_is_refused() -> None:
    builder = GraphBuilder("first")
    with building(builder):
        foreign = anything(1)
    (found,) = build(lambda: anything(foreign)).problems
    assert "belongs to another pipeline's graph" in found


def test_names_are_made_unique() -> None:
    names = [node.name for node in build(*[lambda: anything(1)] * 3).graph({}).nodes]
    assert names == ["anything", "anything-2", "anything-3"]


def test_builder_is_the_present_one_only_inside_its_context() -> None:
    builder = GraphBuilder("demo")
    assert current_builder() is None
    with building(builder):
        assert current_builder() is builder
    assert current_builder() is None
