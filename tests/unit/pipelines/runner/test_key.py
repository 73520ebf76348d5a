from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
import polars as pl
import pytest

import millwright as mw
from millwright.core.clock import SystemClock
from millwright.core.digest import digest_bytes
from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.ids import PipelineRunId, StepRunId
from millwright.core.records.pipeline import ValueRef
from millwright.pipelines.runner.difference import differences
from millwright.pipelines.runner.key import KeyMaker, StepKey
from millwright.pipelines.serializers import ValueTypes

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.pipelines.graph import Graph

CONTEXT = mw.StepContext(
    step="step", pipeline="demo", pipeline_run_id=PipelineRunId(""), step_run_id=StepRunId(""), clock=SystemClock()
)


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
    inputs = {link: ref for link in node.links if ref}
    return KeyMaker(graph.nodes, ValueTypes(), folder).key(node, inputs, CONTEXT, {})


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
    found = key_of(graph_of(step), step.name, tmp_path, ref()).parts["packages"]
    assert any(each.startswith(f"{library}==") for each in found)


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
    unknown = key("nosuch://bucket/x.csv")
    assert unknown.digest is None
    assert "nosuch://bucket/x.csv cannot be asked" in unknown.uncached
    assert [file.uri for file in key("a.csv", "c.csv").files["files"]] == ["a.csv", "c.csv"]


def test_missing_file_is_found_out_without_computing_a_key(tmp_path: Path) -> None:
    @mw.pipeline
    def demo() -> None:
        reading(["missing.csv"])

    graph = demo.build()
    maker = KeyMaker(graph.nodes, ValueTypes(), tmp_path)
    with pytest.raises(NotFoundError, match=r"missing\.csv"):
        maker.check_files(graph.nodes)


def declared(folder: Path, *, packages: Any = (), environ: Any = (), **more: Any) -> StepKey:
    @mw.step(packages=packages, environ=environ, **more)
    def step() -> int:
        return 1

    @mw.pipeline
    def demo() -> None:
        step()

    return key_of(demo.build(), "step", folder)


def test_declared_packages_and_variables_are_part_of_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MW_TEST_REGION", "north-secret")
    bare, with_package = declared(tmp_path), declared(tmp_path, packages="numpy")
    assert bare.digest != with_package.digest == declared(tmp_path, packages=["NumPy"]).digest
    north = declared(tmp_path, environ="MW_TEST_REGION")
    assert bare.digest != north.digest == declared(tmp_path, environ="MW_TEST_REGION").digest
    monkeypatch.setenv("MW_TEST_REGION", "south")
    south = declared(tmp_path, environ="MW_TEST_REGION")
    monkeypatch.delenv("MW_TEST_REGION")
    nowhere = declared(tmp_path, environ="MW_TEST_REGION")
    assert len({north.digest, south.digest, nowhere.digest}) == 3
    assert "north-secret" not in json.dumps(north.parts)
    assert differences(north.parts, south.parts) == ["environment variable MW_TEST_REGION changed"]
    assert differences(bare.parts, with_package.parts)[0].startswith("package numpy is new")


def test_package_that_is_not_installed_is_told_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="declares the package 'nummpy'"):
        declared(tmp_path, packages=["nummpy"])


def test_parts_are_json_and_small_and_say_where_inputs_come_from(tmp_path: Path) -> None:
    parts = key_of(graph_of(with_polars), "with_polars", tmp_path, ref()).parts
    assert json.loads(json.dumps(parts)) == parts
    assert parts["from"] == {"frame": "source"}
    assert parts["inputs"]["frame"][0] == "polars"
    assert parts["params"] == {"n": 1}
    assert parts["function"].endswith("with_polars")


def test_node_that_stands_for_an_item_has_the_code_of_its_step(tmp_path: Path) -> None:
    graph = graph_of(with_polars)
    node = graph.node("with_polars")
    item = replace(node, name="with_polars[3]")
    maker = KeyMaker(graph.nodes, ValueTypes(), tmp_path)
    keys = [maker.key(each, {"frame": ref()}, CONTEXT, {}).digest for each in (node, item)]
    assert keys[0] == keys[1]


def test_modules_are_those_of_the_project_that_are_loaded(tmp_path: Path) -> None:
    modules = KeyMaker(graph_of(with_polars).nodes, ValueTypes(), tmp_path).modules
    assert __name__ in modules
    assert {"polars", "json", "millwright"}.isdisjoint(modules)


def test_external_argument_counts_by_content_and_is_no_parameter(tmp_path: Path) -> None:
    def key(*names: str) -> StepKey:
        value = [mw.external(name) for name in names]
        node = graph_of(with_anything).node("with_anything")
        node = replace(node, links={}, values={"frame": value, "n": 1}, plain={"frame": None, "n": 1})
        return KeyMaker([node], ValueTypes(), tmp_path).key(node, {}, CONTEXT, {})

    for name, text in (("a.csv", "1"), ("b.csv", "1"), ("c.csv", "2")):
        (tmp_path / name).write_text(text)
    assert key("a.csv").digest == key("b.csv").digest != key("c.csv").digest
    found = key("a.csv", "c.csv")
    assert [file.path for file in found.files["frame"]] == [tmp_path / "a.csv", tmp_path / "c.csv"]
    assert [name for name, _ in found.parts["files"]["frame"]] == ["a.csv", "c.csv"]
    assert "frame" not in found.parts["params"]


@mw.step
def reads_by_itself() -> pl.DataFrame:
    return pl.read_csv("data.csv").vstack(pl.read_csv("missing.csv")).vstack(pl.read_csv("https://example.com/a.csv"))


def test_files_that_the_code_names_and_that_are_there_are_known(tmp_path: Path) -> None:
    @mw.pipeline
    def demo() -> None:
        reads_by_itself()

    (tmp_path / "data.csv").write_text("a")
    graph = demo.build()
    maker = KeyMaker(graph.nodes, ValueTypes(), tmp_path)
    assert maker.named_files(graph.nodes[0]) == (tmp_path / "data.csv",)
