from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import millwright as mw
from millwright.core.errors import InvalidInputError, NotFoundError, PipelineDefinitionError
from millwright.pipelines.source import load_pipeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ONE = """
import millwright as mw
from helper import VALUE

@mw.step
def work() -> int:
    import lazy
    return VALUE + lazy.VALUE

@mw.pipeline
def demo() -> None:
    work()
"""
TWO = """
import millwright as mw

@mw.step
def work() -> int:
    return 1

@mw.pipeline
def first() -> None:
    work()

@mw.pipeline(name="second-one")
def second() -> None:
    work()
"""


def run(pipeline: mw.Pipeline) -> int:
    graph = pipeline.build()
    with graph.scope.active():
        result = graph.node("work").spec.call({})
    assert isinstance(result, int)
    return result


Pipeline = mw.pipeline  # a name that is no pipeline object


def test_pipeline_is_loaded_with_its_helpers(write: Callable[..., Path]) -> None:
    path = write(pipeline=ONE, helper="VALUE = 1\n", lazy="VALUE = 10\n")
    loaded = load_pipeline(path)
    assert loaded.name == "demo"
    assert loaded.source_file == path
    assert loaded.build().node("work").spec.label == "pipeline.work"
    assert run(loaded) == 11
    assert str(path.parent) not in sys.path


def test_two_versions_of_a_project_live_side_by_side(write: Callable[..., Path]) -> None:
    path = write(pipeline=ONE, helper="VALUE = 1\n", lazy="VALUE = 10\n")
    old = load_pipeline(path)
    write(helper="VALUE = 2\n", lazy="VALUE = 20\n")
    new = load_pipeline(path)
    assert run(new) == 22
    # The old one's `lazy` is first imported now, so that it is today's; its `helper` is the one it was loaded with.
    assert run(old) == 21
    assert (run(new), run(old)) == (22, 21)


def test_two_projects_with_helpers_of_one_name_do_not_mix(tmp_path: Path) -> None:
    for folder, value in (("a", 1), ("b", 2)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "pipeline.py").write_text(ONE)
        (tmp_path / folder / "helper.py").write_text(f"VALUE = {value}\n")
        (tmp_path / folder / "lazy.py").write_text(f"VALUE = {10 * value}\n")
    a, b = load_pipeline(tmp_path / "a" / "pipeline.py"), load_pipeline(tmp_path / "b" / "pipeline.py")
    assert (run(a), run(b), run(a)) == (11, 22, 11)


def test_edit_within_the_same_second_is_seen(write: Callable[..., Path]) -> None:
    for value in range(5):
        path = write(pipeline=ONE, helper=f"VALUE = {value}\n", lazy="VALUE = 0\n")
        assert run(load_pipeline(path)) == value
    assert not list(path.parent.rglob("__pycache__"))


def test_pipeline_is_chosen_by_variable_or_name(write: Callable[..., Path]) -> None:
    path = write(pipeline=TWO)
    assert load_pipeline(f"{path}:second").name == "second-one"
    assert load_pipeline(path, "second-one").name == "second-one"
    assert load_pipeline(f"{path}:first").name == "first"


def test_several_pipelines_and_none_named_is_an_error_that_lists_them(write: Callable[..., Path]) -> None:
    with pytest.raises(InvalidInputError, match=r"holds 2 pipelines: first, second\.") as caught:
        load_pipeline(write(pipeline=TWO))
    assert caught.value.hint == "Say which: pipeline.py:first"


def test_imported_pipeline_counts_only_in_a_file_without_one_of_its_own(write: Callable[..., Path]) -> None:
    path = write(
        pipeline="from helper_other import second\nimport millwright as mw\n"
        + TWO.split("@mw.pipeline(", maxsplit=1)[0],
        helper_other=TWO,
    )
    assert load_pipeline(path).name == "first"
    path = write(pipeline="from helper_other import second\nalias = second\n")
    assert load_pipeline(path).name == "second-one"


def test_unknown_pipeline_names_the_closest(write: Callable[..., Path]) -> None:
    with pytest.raises(NotFoundError, match=r"no pipeline 'secnd'\. Did you mean 'second'"):
        load_pipeline(f"{write(pipeline=TWO)}:secnd")


def test_folder_means_the_pipeline_file_in_it(write: Callable[..., Path]) -> None:
    path = write(pipeline=TWO)
    assert load_pipeline(path.parent, "first").name == "first"


def test_file_in_a_package_may_import_relatively(write: Callable[..., Path]) -> None:
    path = write(
        project_package__helper="VALUE = 3\n",
        project_package__pipeline=ONE.replace("from helper", "from .helper").replace(
            "import lazy", "from . import lazy"
        ),
        project_package__lazy="VALUE = 4\n",
    )
    (path.parent / "project_package" / "__init__.py").touch()
    loaded = load_pipeline(path.parent / "project_package" / "pipeline.py")
    assert run(loaded) == 7
    assert loaded.build().node("work").spec.label == "project_package.pipeline.work"


def test_folder_without_init_is_a_package_of_the_project(write: Callable[..., Path]) -> None:
    path = write(
        pipeline=ONE.replace("from helper", "from helper_parts.deep").replace(
            "import lazy", "import helper_parts.lazy as lazy"
        ),
        helper_parts__deep="VALUE = 5\n",
        helper_parts__lazy="VALUE = 6\n",
        numpy__thing="VALUE = 7\n",  # a folder that happens to have the name of an installed package
    )
    path.write_text(path.read_text() + "\nimport numpy\nassert numpy.zeros(1).size == 1\n")
    assert run(load_pipeline(path)) == 11


def test_helper_may_import_the_pipelines_file(write: Callable[..., Path]) -> None:
    path = write(
        pipeline="LIMIT = 3\n" + ONE,
        helper="def late():\n    import pipeline\n    return pipeline.LIMIT\n\nVALUE = late()\n",
        lazy="VALUE = 0\n",
    )
    assert run(load_pipeline(path)) == 3


def test_helper_named_as_an_installed_module_comes_first(write: Callable[..., Path]) -> None:
    import msgspec

    path = write(pipeline=ONE.replace("helper", "msgspec"), msgspec="VALUE = 8\n", lazy="VALUE = 0\n")
    assert run(load_pipeline(path)) == 8
    assert sys.modules["msgspec"] is msgspec


def test_dataclasses_and_hints_of_a_loaded_file_are_resolved(write: Callable[..., Path]) -> None:
    path = write(
        pipeline="from __future__ import annotations\nfrom dataclasses import dataclass\nimport millwright as mw\n"
        "@dataclass\nclass Point:\n    x: int\n    next: Point | None = None\n"
        "@mw.step\ndef work(p: Point) -> Point:\n    return p\n"
        "@mw.pipeline\ndef demo(p: Point) -> None:\n    work(p)\n"
    )
    graph = load_pipeline(path).bind({"p": '{"x": 3}'})
    assert graph.params == {"p": {"x": 3, "next": None}}
    assert graph.nodes[0].spec.outputs[0].hint.__name__ == "Point"


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("def (:\n", InvalidInputError, r"pipeline\.py:1: invalid syntax"),
        ("\n\n1 / 0\n", PipelineDefinitionError, r"pipeline\.py:3: ZeroDivisionError: division by zero\."),
        ("import not_there\n", PipelineDefinitionError, r"pipeline\.py:1: ModuleNotFoundError: No module named"),
        ("from helper_broken import x\n", PipelineDefinitionError, r"helper_broken\.py:2: KeyError: 'x'\."),
        ("import helper_syntax\n", InvalidInputError, r"helper_syntax\.py:1: "),
        ("raise SystemExit(3)\n", PipelineDefinitionError, r"pipeline\.py:1: SystemExit: 3\."),
        ("x = 1\n", InvalidInputError, "'pipeline.py' holds no pipeline"),
        ("import millwright as mw\nmw.step(retry=3)\n", PipelineDefinitionError, "no setting 'retry'"),
    ],
)
def test_file_that_cannot_be_loaded_tells_the_line(
    write: Callable[..., Path], text: str, error: type[Exception], message: str
) -> None:
    path = write(pipeline=text, helper_broken="\n{}['x']\n", helper_syntax="def (")
    with pytest.raises(error, match=message):
        load_pipeline(path)


def test_missing_file_names_the_closest(write: Callable[..., Path]) -> None:
    path = write(pipeline=TWO)
    with pytest.raises(NotFoundError, match="There is no file") as caught:
        load_pipeline(path.with_name("pipelin.py"))
    assert caught.value.hint == "Did you mean 'pipeline.py'?"
    with pytest.raises(NotFoundError, match="There is no file or module 'nowhere_at_all'"):
        load_pipeline("nowhere_at_all:x")


def test_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data.csv").touch()
    with pytest.raises(InvalidInputError, match=r"Expected a Python file, found 'data\.csv'"):
        load_pipeline(tmp_path / "data.csv")
