from __future__ import annotations

import re
from typing import Annotated, Any

import pandas as pd
import polars as pl
import pytest

import millwright as mw
from millwright.pipelines.graph import definition_error, type_problems
from millwright.pipelines.graph.check import wanted_hint
from millwright.pipelines.hint import describe
from millwright.pipelines.serializers import Adapter, ValueTypes


class Dataset: ...


class DatasetSerializer:
    name = "dataset"

    def handles(self, value_type: type) -> bool:
        return value_type is Dataset

    def dumps(self, value: Any) -> bytes:
        return type(value).__name__.encode()

    def loads(self, data: bytes, annotation: Any) -> Any:
        assert (data, annotation) == (b"Dataset", Dataset)
        return Dataset()


@mw.step
def frame() -> pl.DataFrame:
    return pl.DataFrame()


@mw.step
def dataset() -> Dataset:
    return Dataset()


@mw.step
def name() -> str:
    return ""


@mw.step
def use_frame(frame: pl.DataFrame) -> int:
    return 1


@mw.step
def use_pandas(frame: pd.DataFrame | None) -> int:
    return 1


@mw.step
def use_many(frames: list[pl.DataFrame], untyped: list, path: Annotated[str, mw.External()]) -> int:  # type: ignore[type-arg]
    return 1


@mw.pipeline
def demo() -> None:
    use_frame(dataset())  # type: ignore[arg-type]
    use_pandas(frame())  # type: ignore[arg-type]
    use_many([frame(), name()], [name()], name())  # type: ignore[list-item]


def test_types_that_do_not_fit_are_told_where_they_meet() -> None:
    types = ValueTypes([DatasetSerializer()])
    problems = type_problems(demo.build(), types)
    assert [text.partition(": ")[2] for text in problems] == [
        f"step 'use_frame' expects polars.DataFrame for 'frame', and step 'dataset' gives {describe(Dataset)}.",
        "step 'use_many' expects polars.DataFrame for 'frames[1]', and step 'name' gives str.",
    ]


def test_adapter_makes_types_fit() -> None:
    types = ValueTypes([DatasetSerializer()], [Adapter(Dataset, pl.DataFrame, lambda _: pl.DataFrame())])
    assert len(type_problems(demo.build(), types)) == 1


def test_type_that_cannot_be_stored_is_told() -> None:
    @mw.pipeline
    def twice() -> None:
        dataset()
        dataset.with_options(name="again")()

    (problem,) = type_problems(twice.build(), ValueTypes())
    assert re.match(r"test_check\.py:\d+: step 'dataset' returns what cannot be kept: ", problem)


def test_item_of_a_list_has_the_type_of_its_items() -> None:
    node = demo.build().node("use_many")
    assert wanted_hint(node, "frames[1]") is pl.DataFrame
    assert wanted_hint(node, "untyped[0]") is Any


@pytest.mark.parametrize(
    ("problems", "message"),
    [
        (["a."], "Pipeline 'p' cannot run: a."),
        (["a.", "b."], "Pipeline 'p' cannot run: 2 mistakes:\n  1. a.\n  2. b."),
        (
            ["a.", "p.py:10: b.", "p.py:9: c."],
            "Pipeline 'p' cannot run: 3 mistakes:\n  1. p.py:9: c.\n  2. p.py:10: b.\n  3. a.",
        ),
    ],
)
def test_error_lists_every_mistake(problems: list[str], message: str) -> None:
    error = definition_error("p", problems)
    assert error.message == message
    assert error.details["problems"] == sorted(problems, key=error.message.index)  # as they are listed
