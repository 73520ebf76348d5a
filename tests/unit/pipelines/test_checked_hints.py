from __future__ import annotations

import threading
from types import GenericAlias, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, NewType, TypeVar, Union

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

import millwright as mw
from millwright.core.errors import PipelineDefinitionError
from millwright.pipelines.checked_hints import checked_hints
from millwright.pipelines.serializers import ValueTypes

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal  # noqa: F401 - named as text below
    from pathlib import Path

    from nowhere import Missing  # type: ignore[import-not-found]  # noqa: TC004 - that it is not there is the matter

T = TypeVar("T")
Name = NewType("Name", str)


def annotated(annotation: Any) -> Callable[..., Any]:
    def f(n: Any) -> Any:
        return n

    f.__annotations__ = {"n": annotation}
    return f


WRONG = """
import polars as pl

def f(
    a: "Missing",
    b: int,
    c: "pl.DataFrme" = None,
) -> lambda x: x: ...
"""


def from_file(text: str, file: Path) -> dict[str, Any]:
    file.write_text(text)
    namespace: dict[str, Any] = {}
    exec(compile(text, str(file), "exec"), namespace)  # noqa: S102 - the test's own text
    return namespace


def test_annotation_that_names_nothing_is_told_with_its_name_and_place(tmp_path: Path) -> None:
    f = from_file(WRONG, tmp_path / "u.py")["f"]
    hints, problems = checked_hints(f, "step 'f'")
    assert hints == {"a": Any, "b": int, "c": Any, "return": Any}
    told = [problem.removeprefix("u.py:").removesuffix(", or annotate Any.") for problem in problems]
    missing = "names 'Missing', which is not there at run time: import or define it in this file"
    absent = "raises AttributeError (module 'polars' has no attribute 'DataFrme'): correct it"
    no_type = "is a function and no type: name the class of the value"
    assert told == [
        f"5: step 'f': the annotation `Missing` of 'a' {missing}",
        f"7: step 'f': the annotation `pl.DataFrme` of 'c' {absent}",
        f"8: step 'f': the annotation `lambda x: x` of what it returns {no_type}",
    ]
    assert checked_hints(f, "step 'f'", with_result=False)[1] == problems[:2]


def test_place_is_the_line_of_the_annotation() -> None:
    @mw.step(
        cache=False,
    )
    def f(
        a: int,
        b: Missing,
    ) -> int:
        return 1

    first = f.function.__code__.co_firstlineno
    (problem,) = checked_hints(f.function, "step 'f'")[1]
    assert problem.startswith(f"test_checked_hints.py:{first + 5}: ")


@pytest.mark.parametrize(
    "hint",
    [
        *(int, None, "int", "Decimal", Any, object, pl.DataFrame, threading.Thread, UnionType),
        *(int | None, list[int], dict[str, Any], tuple[int, ...], Union[int, str], Literal["a", 3], list),  # noqa: UP007
        *(Annotated[str, mw.External()], Name, T, list[T], npt.NDArray[np.float64], npt.ArrayLike, "type[int]"),
    ],
)
def test_types_are_no_mistakes(hint: Any) -> None:
    assert checked_hints(annotated(hint), "step 'f'")[1] == []


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        (max, "is a function and no type: name the class of the value"),
        (np.array, "is a function and no type: name the class of the value"),
        (GenericAlias(list, (max,)), "is a function and no type: name the class of the value"),
        (np, "is a module and no type: name the class of the value"),
        ((int, str), "is no type: write tuple[…]"),
        ([int], "is no type: write list[…]"),
        (3, "is an object of int and no type: name the class of the value"),
    ],
)
def test_what_is_no_type_is_said_to_be_none(hint: Any, said: str) -> None:
    (problem,) = checked_hints(annotated(hint), "step 'f'")[1]
    assert said in problem


def test_function_without_source_is_told_by_its_first_line() -> None:
    namespace: dict[str, Any] = {}
    exec("def f(n: Missing): ...", namespace)  # noqa: S102 - its annotations are text, as this file's are
    (problem,) = checked_hints(namespace["f"], "step 'f'")[1]
    assert problem.startswith("<string>:1: step 'f': the annotation `Missing` of 'n' names 'Missing'")


@mw.step
def use(n: Missing) -> int:
    return 1


@mw.step
def lock() -> threading.Lock:  # a function before Python 3.13
    return threading.Lock()


@mw.step
def anything(x: int) -> object:
    return x


@mw.pipeline
def wrong() -> None:
    use(1)
    lock()
    anything("x")  # type: ignore[arg-type]


@mw.pipeline
def undefined(n: Missing = 1) -> None:
    anything(n)


def test_all_wrong_annotations_of_a_pipeline_are_told_at_once_before_it_runs() -> None:
    with pytest.raises(PipelineDefinitionError) as caught:
        wrong.bind({}, types=ValueTypes())
    text = str(caught.value)
    assert "4 mistakes" in text
    assert "`Missing` of 'n' names 'Missing'" in text
    assert "Lock" in text
    assert "step 'anything' returns what cannot be kept: object may be anything (name the type, or write Any" in text
    assert "step 'anything' expects a whole number for 'x'" in text


def test_parameter_of_a_pipeline_has_a_type_too() -> None:
    with pytest.raises(PipelineDefinitionError, match=r"test_checked_hints\.py:\d+: pipeline 'undefined': the annot"):
        undefined.bind({})
