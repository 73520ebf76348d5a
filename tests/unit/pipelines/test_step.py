from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import millwright as mw
from millwright.core.errors import PipelineDefinitionError
from millwright.pipelines.graph import GraphBuilder, StepOutput, building
from millwright.pipelines.step import Step


@mw.step(retries=2, timeout="10m", resources=mw.Resources(cpu=2), cache=False, name="adding")
def add(a: int, b: int = 1) -> int:
    """Adds."""
    return a + b


def test_step_is_just_called_outside_a_pipeline() -> None:
    assert add(1) == 2
    assert add(a=1, b=2) == 3
    assert add.__doc__ == "Adds."
    assert add.__name__ == "add"
    assert add.function(2, 2) == 4


def test_settings_are_kept() -> None:
    assert add.name == "adding"
    assert (add.options.retries, add.options.timeout_s, add.options.cache) == (2, 600.0, False)
    assert add.options.resources.cpu == 2


def test_step_adds_a_node_while_a_graph_is_built() -> None:
    builder = GraphBuilder("demo")
    with building(builder):
        assert isinstance(add(1), StepOutput)
        with building(None):
            assert add(1) == 2
    assert [node.name for node in builder.graph({}).nodes] == ["adding"]


def test_step_with_other_options_is_another_step() -> None:
    other = add.with_options(name="more", retries=0)
    assert isinstance(other, Step)
    assert (other.name, other.options.retries, other.options.timeout_s) == ("more", 0, 600.0)
    assert add.name == "adding"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"retry": 1}, "no setting 'retry'"),
        ({"retries": -1}, "expected a number from 0"),
        ({"timeout": "soon"}, "expected a duration"),
    ],
)
def test_wrong_setting_is_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(PipelineDefinitionError, match=message):
        mw.step(**settings)  # type: ignore[call-overload]


@pytest.mark.slow
def test_type_checker_sees_what_a_step_takes_and_returns(tmp_path: Path) -> None:
    source = textwrap.dedent("""
        from __future__ import annotations
        import millwright as mw

        @mw.step
        def plain(a: int, b: str = "x") -> list[int]:
            return [a]

        @mw.step(retries=2, timeout="10m")
        def told(ctx: mw.StepContext, values: list[int]) -> tuple[int, str]:
            return 1, "a"

        @mw.pipeline
        def demo(n: int = 1) -> None:
            values = plain(n, b="y")
            reveal_type(values)
            number, text = told(values)
            reveal_type(text)
            plain("wrong")
            told(3)
            plain(n, c=1)

        reveal_type(demo.build(n=1).nodes[0].name)
    """)
    (tmp_path / "user.py").write_text(source)
    # Third-party packages are left out: reading them takes most of the time.
    options = [
        "--strict",
        "--config-file=",
        "--no-site-packages",
        "--ignore-missing-imports",
        "--follow-imports=silent",
    ]
    command = [sys.executable, "-m", "mypy", *options, "--cache-dir", str(tmp_path / "cache"), "user.py"]
    environment = {**os.environ, "MYPYPATH": str(Path(mw.__file__).parents[1])}
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment).stdout
    lines = [line for line in found.splitlines() if line.startswith("user.py") and 'note: "__call__"' not in line]
    told = [line.split(": ", 2)[-1] for line in lines]
    assert told == [
        'Revealed type is "list[int]"',
        'Revealed type is "str"',
        'Argument 1 to "__call__" of "Step" has incompatible type "str"; expected "int"  [arg-type]',
        'Argument 1 to "__call__" of "Step" has incompatible type "int"; expected "list[int]"  [arg-type]',
        'Unexpected keyword argument "c" for "__call__" of "Step"  [call-arg]',
        'Revealed type is "str"',
    ], found
