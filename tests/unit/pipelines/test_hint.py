from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated, Any, NewType, Optional

import numpy as np
import pytest

from millwright.pipelines.hint import alternatives, describe, metadata, resolve_hints, strip

if TYPE_CHECKING:
    from collections import OrderedDict as Ordered
    from decimal import Decimal

    import numpy.typing as npt
    import polars as pl
    from nowhere import Missing  # type: ignore[import-not-found]

Name = NewType("Name", str)


def test_hints_imported_for_the_type_checker_only_are_found() -> None:
    def f(a: pl.DataFrame, b: Decimal | None, c: Ordered[str, int], d: npt.NDArray[np.float64]) -> pl.DataFrame: ...

    import collections
    import decimal

    import polars as frames  # noqa: ICN001 - `pl` is the name that must be found

    hints = resolve_hints(f)
    assert hints["a"] is frames.DataFrame
    assert hints["return"] is frames.DataFrame
    assert alternatives(hints["b"]) == (decimal.Decimal, type(None))
    assert hints["c"] == collections.OrderedDict[str, int]


def test_hint_that_cannot_be_found_is_any_and_spoils_no_other() -> None:
    def f(a: Missing, b: int, c: Missing.inner, d: Missing) -> str: ...

    assert resolve_hints(f) == {"a": Any, "b": int, "c": Any, "d": Any, "return": str}


def test_hints_of_a_decorated_function_are_those_of_the_function() -> None:
    def f(a: int) -> str: ...

    @functools.wraps(f)
    def wrapper(*args: Any) -> Any: ...

    assert resolve_hints(wrapper) == {"a": int, "return": str}


def test_function_without_annotations_has_no_hints() -> None:
    assert resolve_hints(lambda a: a) == {}


def test_annotated_and_new_types_are_taken_off() -> None:
    assert strip(Annotated[Name, "x"]) is str
    assert strip(None) is type(None)
    assert metadata(Annotated[int, "x", 3]) == ("x", 3)
    assert metadata(int) == ()
    assert metadata(list[Annotated[int, "x"]] | None) == ("x",)


def test_unions_are_taken_apart() -> None:
    assert alternatives(int | Annotated[str, "x"] | None) == (int, str, type(None))
    assert alternatives(Optional[Name]) == (str, type(None))  # noqa: UP045 - both spellings exist
    assert alternatives(list[int]) == (list[int],)


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        (int, "int"),
        (None, "None"),
        (int | None, "int | None"),
        (list[int], "list[int]"),
        (Any, "Any"),
        (np.ndarray, "numpy.ndarray"),
        (dict[str, np.ndarray], "dict[str, numpy.ndarray]"),
        (tuple[int, ...], "tuple[int, ...]"),
        (type("Report", (), {"__module__": "_millwright_0123456789ab_pipeline"}), "pipeline.Report"),
        (Annotated[str, "x"], "str"),
    ],
)
def test_type_is_described_as_people_write_it(hint: Any, text: str) -> None:
    assert describe(hint) == text
