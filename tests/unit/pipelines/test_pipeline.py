from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import pytest

import millwright as mw
from millwright.core.errors import InvalidInputError, PipelineDefinitionError
from millwright.pipelines.annotations import is_external
from millwright.pipelines.graph import Graph
from millwright.pipelines.pipeline import Pipeline
from millwright.pipelines.serializers import ValueTypes


@mw.step
def number(n: int) -> int:
    return n


@mw.step
def text(n: int, suffix: str = "") -> str:
    return f"{n}{suffix}"


@mw.step
def lazy(n: str) -> pl.LazyFrame:
    return pl.LazyFrame({"n": [n]})


@mw.pipeline
def simple(n: int = 1, suffix: str = "!") -> Any:
    return text(number(n), suffix)


@mw.pipeline(name="nightly", schedule="0 2 * * *", on=["dataset:a"])
def scheduled() -> None:
    number(1)


def test_graph_is_built_from_values_or_text() -> None:
    graph = simple.bind({"n": "5"})
    assert isinstance(graph, Graph)
    assert [node.name for node in graph.nodes] == ["number", "text"]
    assert graph.params == {"n": 5, "suffix": "!"}
    assert graph.node("text").plain == {"suffix": "!"}
    assert simple.build(n=5).nodes == graph.nodes
    assert simple(5).nodes == graph.nodes


def test_declaration_is_kept() -> None:
    assert (scheduled.name, scheduled.schedule, scheduled.on) == ("nightly", "0 2 * * *", ("dataset:a",))
    assert simple.name == "simple"
    assert simple.parameter_names == ("n", "suffix")
    assert simple.source_file == Path(__file__)
    assert simple.describe_parameters()[0].startswith("--n a whole number")


def test_body_may_decide_by_its_parameters() -> None:
    @mw.pipeline
    def deciding(n: int) -> None:
        for _ in range(n):
            number(n)

    assert [node.name for node in deciding.build(n=3).nodes] == ["number", "number-2", "number-3"]


def test_pipeline_in_a_pipeline_becomes_part_of_its_graph() -> None:
    @mw.pipeline
    def outer() -> None:
        text.with_options(name="last")(3, simple(2))

    graph = outer.build()
    assert [node.name for node in graph.nodes] == ["number", "text", "last"]
    assert graph.node("last").links["suffix"].step == "text"


def test_file_that_a_pipeline_declares_counts_for_every_step_that_is_given_it() -> None:
    @mw.step
    def read(source: Path) -> str:
        return source.read_text()

    @mw.step
    def named(name: str) -> str:
        return name

    @mw.pipeline
    def reading(source: Annotated[str, mw.External()] = "b.csv") -> Any:
        return read(source)

    @mw.pipeline
    def outer(source: Annotated[str, mw.External()], more: Annotated[list[str], mw.External()], name: str) -> None:
        read(source)
        read.map(more)
        reading(source)
        reading()
        named(name)

    graph = outer.bind({"source": "a.csv", "more": "c.csv,d.csv", "name": "a.csv"}, types=ValueTypes())
    values = {node.name: next(iter(node.values.values())) for node in graph.nodes}
    assert {name for name, value in values.items() if is_external(value)} == {"read", "read-2", "read-3", "read-4"}
    assert (values["read-2"], values["read-3"], values["read-4"]) == (["c.csv", "d.csv"], "a.csv", "b.csv")
    assert graph.params == {"source": "a.csv", "more": ["c.csv", "d.csv"], "name": "a.csv"}
    assert type(graph.values["source"]) is str


def test_wrong_parameters_are_told_before_the_body_runs() -> None:
    with pytest.raises(InvalidInputError, match="Did you mean 'suffix'"):
        simple.build(sufix="x")
    with pytest.raises(PipelineDefinitionError, match="too many positional arguments"):
        simple(1, "x", 3)


def test_every_mistake_of_a_body_is_told_at_once() -> None:
    @mw.pipeline
    def wrong() -> None:
        found = number()  # type: ignore[call-arg]
        text(found, sufix="x")  # type: ignore[call-arg]
        text("many")  # type: ignore[arg-type]
        lazy(found)  # type: ignore[arg-type]
        if found > 3:
            number(1)

    with pytest.raises(PipelineDefinitionError) as caught:
        wrong.bind({}, types=ValueTypes())
    problems = caught.value.details["problems"]
    assert len(problems) == 6
    assert "step 'number' lacks the argument 'n' (int)" in problems[0]
    assert "step 'text' has no parameter 'sufix'. Did you mean 'suffix'?" in problems[1]
    assert "expects a whole number for 'n', found 'many'" in problems[2]
    assert "LazyFrame cannot be stored (return frame.collect())" in problems[3]
    assert "step 'lazy' expects str for 'n', and step 'number' gives int" in problems[4]
    assert "was used like a value: it was compared" in problems[5]
    assert all(problem.startswith("test_pipeline.py:") for problem in problems)
    assert caught.value.message.startswith("Pipeline 'wrong' cannot run: 6 mistakes:\n  1. ")


def test_exception_in_a_body_is_told_with_its_line() -> None:
    @mw.pipeline
    def broken() -> None:
        raise KeyError("x")

    with pytest.raises(PipelineDefinitionError, match=r"'broken' cannot run: test_pipeline\.py:\d+: KeyError: 'x'"):
        broken.build()


def test_mistake_that_a_library_finds_is_told_with_the_line_of_the_body() -> None:
    @mw.pipeline
    def broken() -> None:
        json.loads("{")

    with pytest.raises(PipelineDefinitionError, match=r"cannot run: test_pipeline\.py:\d+: JSONDecodeError"):
        broken.build()


def test_pipeline_shows_itself_by_its_name() -> None:
    assert repr(simple) == "<pipeline simple>"


def test_error_of_ours_in_a_body_stays_what_it_is() -> None:
    @mw.pipeline
    def refusing() -> None:
        raise InvalidInputError("Not like that.")

    with pytest.raises(InvalidInputError, match=r"Not like that\."):
        refusing.build()


def test_body_without_steps_is_a_mistake() -> None:
    @mw.pipeline
    def empty() -> None: ...

    with pytest.raises(PipelineDefinitionError, match="its body calls no step"):
        empty.build()


def test_steps_called_after_a_failed_build_are_just_called() -> None:
    @mw.pipeline
    def broken() -> None:
        raise ValueError

    with pytest.raises(PipelineDefinitionError):
        broken.build()
    assert number(3) == 3
    assert isinstance(broken, Pipeline)


@mw.pipeline
def ping(n: int = 1) -> None:
    pong(number(n))


@mw.pipeline
def pong(n: int = 1) -> None:
    ping(number(n))


@mw.pipeline
def itself(n: int = 1) -> None:
    itself(n)


@mw.pipeline
def countdown(n: int = 3) -> None:
    if n:
        countdown(n - 1)
    number(n)


def circle() -> None:
    a = number(b)  # noqa: F821 - it is made below
    b = number(a)  # noqa: F841


@pytest.mark.parametrize(
    ("pipeline", "path"), [(ping, r"(ping → pong → ping|pong → ping → pong)"), (itself, "itself → itself")]
)
def test_pipeline_that_calls_itself_without_end_is_a_cycle(pipeline: Pipeline, path: str) -> None:
    wanted = rf"cannot run: .*test_pipeline\.py:\d+: cycle: pipeline '\w+' calls itself without end \({path}\)\."
    with pytest.raises(PipelineDefinitionError, match=wanted):
        pipeline.bind({})


def test_pipeline_may_call_itself_when_that_comes_to_an_end() -> None:
    assert len(countdown.bind({}).nodes) == 4


def test_steps_that_need_each_other_are_a_cycle_with_its_line() -> None:
    line = circle.__code__.co_firstlineno + 1
    with pytest.raises(PipelineDefinitionError) as caught:
        mw.pipeline(circle).bind({})
    assert f"test_pipeline.py:{line}: uses 'b' before it is made" in str(caught.value)
    assert "form no cycle" in str(caught.value)


def test_name_that_a_branch_did_not_make_is_told_as_python_does() -> None:
    @mw.pipeline
    def parted(n: int = 1) -> None:
        if n > 1:
            found = number(n)
        number(found)

    with pytest.raises(PipelineDefinitionError, match=r"test_pipeline\.py:\d+: UnboundLocalError: cannot access local"):
        parted.bind({})
