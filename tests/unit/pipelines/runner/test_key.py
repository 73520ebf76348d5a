from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
import polars as pl
import pytest

import millwright as mw
from millwright.core.clock import SystemClock
from millwright.core.digest import digest_bytes
from millwright.core.errors import NotFoundError
from millwright.core.ids import PipelineRunId, StepRunId
from millwright.core.records.pipeline import ValueRef
from millwright.pipelines.runner.key import KeyMaker, StepKey
from millwright.pipelines.serializers import ValueTypes

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.pipelines.graph import Graph


@mw.step
def source() -> pl.DataFrame:
    return pl.DataFrame()


@mw.step
def path() -> str:
    return "x"


@mw.step
def with_polars(frame: pl.DataFrame, n: int = 1) -> int:
    return 1


@mw.step
def with_pandas(frame: pd.DataFrame, n: int = 1) -> int:
    return 1


@mw.step
def with_anything(frame, n: int = 1) -> int:  # type: ignore[no-untyped-def]
    return 1


@mw.step
def reading(files: Annotated[list[str], mw.External()], one: Annotated[str | None, mw.External()] = None) -> int:
    return 1


def graph_of(*steps: Any) -> Graph:
    @mw.pipeline
    def demo() -> None:
        frame = source()
        for each in steps:
            each(frame)

    return demo.build()


def key_of(graph: Graph, name: str, folder: Path, ref: ValueRef | None = None) -> StepKey:
    node = graph.node(name)
    context = mw.StepContext(
        step=name,
        pipeline="demo",
        pipeline_run_id=PipelineRunId(""),
        step_run_id=StepRunId(""),
        clock=SystemClock(),
    )
    inputs = {link: ref for link in node.links if ref}
    return KeyMaker(graph.nodes, ValueTypes(), folder).key(node, inputs, context, {})


def ref(text: bytes = b"1", serializer: str = "polars") -> ValueRef:
    return ValueRef(name="result", serializer=serializer, digest=digest_bytes(text), size_bytes=1)


def test_key_follows_inputs_and_parameters(tmp_path: Path) -> None:
    graph = graph_of(with_polars, lambda frame: with_polars(frame, n=2), lambda frame: with_polars(frame, 1))
    one, two, three = (node.name for node in graph.nodes[1:])
    first = key_of(graph, one, tmp_path, ref()).digest
    assert first == key_of(graph, three, tmp_path, ref()).digest
    assert first != key_of(graph, two, tmp_path, ref()).digest
    assert first != key_of(graph, one, tmp_path, ref(b"2")).digest
    assert first != key_of(graph, one, tmp_path, ref(serializer="json")).digest


@pytest.mark.parametrize(
    ("step", "library"), [(with_polars, "polars"), (with_pandas, "pandas"), (with_anything, "polars")]
)
def test_library_whose_objects_a_step_is_given_counts_by_version(tmp_path: Path, step: Any, library: str) -> None:
    (found,) = key_of(graph_of(step), step.name, tmp_path, ref()).parts["libraries"]
    assert found.startswith(f"{library}==")


def test_files_count_by_content_and_url_cannot_be_cached(tmp_path: Path) -> None:
    def key(*names: str, one: str | None = None) -> StepKey:
        @mw.pipeline
        def demo() -> None:
            reading(list(names), one)

        return key_of(demo.build(), "reading", tmp_path)

    for name, text in (("a.csv", "1"), ("b.csv", "1"), ("c.csv", "2")):
        (tmp_path / name).write_text(text)
    assert key("a.csv").digest == key("b.csv").digest
    assert key("a.csv", "c.csv").digest != key("c.csv", "a.csv").digest
    assert key("a.csv").digest != key("a.csv", one="a.csv").digest
    assert key("s3://bucket/x.csv").digest is None
    assert [file.uri for file in key("a.csv", "c.csv").files["files"]] == ["a.csv", "c.csv"]


def test_missing_file_is_found_out_without_computing_a_key(tmp_path: Path) -> None:
    @mw.pipeline
    def demo() -> None:
        reading(["missing.csv"])

    graph = demo.build()
    maker = KeyMaker(graph.nodes, ValueTypes(), tmp_path)
    with pytest.raises(NotFoundError, match=r"missing\.csv"):
        maker.check_files(graph.nodes)
