from __future__ import annotations

from typing import Annotated, Any

import pytest

import millwright as mw
from millwright.pipelines.graph.spec import MISSING, StepOptions, read_spec


def spec_of(function: Any, **options: Any) -> Any:
    return read_spec(function, StepOptions(**options))


def test_signature_tells_parameters_context_and_output() -> None:
    def f(a: int, ctx: mw.StepContext, /, b: Annotated[str, mw.External()] = "x", *, c: Any = None) -> float: ...

    spec = spec_of(f)
    assert list(spec.parameters) == ["a", "b", "c"]
    assert spec.context == "ctx"
    assert (spec.parameters["a"].default, spec.parameters["b"].default) == (MISSING, "x")
    assert [parameter.external for parameter in spec.parameters.values()] == [False, True, False]
    assert [(output.name, output.hint) for output in spec.outputs] == [("result", float)]
    assert (spec.name, spec.is_tuple, spec.problems) == ("f", False, ())


def test_function_is_called_by_name_whatever_the_kinds_of_its_parameters() -> None:
    def f(a: int, /, b: int, *, c: int) -> tuple[int, int, int]:
        return a, b, c

    assert spec_of(f).call({"c": 3, "a": 1, "b": 2}) == (1, 2, 3)


@pytest.mark.parametrize(
    ("hint", "names"),
    [
        (None, []),
        (int, ["result"]),
        (tuple[int, str], ["0", "1"]),
        (tuple[int, ...], ["result"]),
        (tuple, ["result"]),
        (Annotated[tuple[int, str], "x"], ["0", "1"]),
        (Any, ["result"]),
    ],
)
def test_outputs_follow_from_the_return_annotation(hint: Any, names: list[str]) -> None:
    def f() -> Any: ...

    f.__annotations__["return"] = hint
    assert [output.name for output in spec_of(f).outputs] == names


def test_missing_annotation_means_anything() -> None:
    assert spec_of(lambda x: x).outputs[0].hint is Any


def test_function_that_cannot_be_a_step_is_told() -> None:
    async def later() -> None: ...

    def stream() -> Any:
        yield 1

    def many(*args: int, **kwargs: int) -> None: ...

    assert "async function" in spec_of(later).problems[0]
    assert "yields" in spec_of(stream).problems[0]
    assert [text.split(":")[0] for text in spec_of(many).problems] == [
        "Step 'many' takes *args",
        "Step 'many' takes **kwargs",
    ]


def test_name_of_the_options_comes_first() -> None:
    assert spec_of(lambda: 1, name="other").name == "other"
