"""What makes a table of others: SQL, a function of Narwhals lazy frames, or Polars expressions.

SQL and functions run on every engine. Polars expressions are Polars' own and run on its two tiers.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import polars as pl

from millwright.core.errors import InvalidInputError, closest

TransformationCode: TypeAlias = str | Callable[..., Any] | tuple[pl.Expr, ...]


@dataclass(frozen=True, slots=True)
class Transformation:
    """One transformation, checked as far as that goes without its inputs.

    Attributes:
        code: SQL text over the inputs by their names; a function that takes the inputs by name (a single one by
            whatever name) as Narwhals lazy frames and returns one; or Polars expressions that are added to the columns
            of the single input.

    Raises:
        InvalidInputError: The code is none of these, or is empty.

    Example:
        >>> late = Transformation("SELECT building, days - planned AS late FROM phases WHERE days > planned")
        >>> late.kind
        'sql'
    """

    code: TransformationCode

    def __post_init__(self) -> None:
        code = self.code
        if isinstance(code, pl.Expr):
            object.__setattr__(self, "code", (code,))
            return
        if isinstance(code, str):
            if not code.strip():
                raise InvalidInputError("Expected SQL as a transformation, found empty text.", hint="Write a SELECT.")
            return
        if callable(code):
            return
        if isinstance(code, Iterable):
            expressions = tuple(code)
            if expressions and all(isinstance(one, pl.Expr) for one in expressions):
                object.__setattr__(self, "code", expressions)
                return
        raise InvalidInputError(
            f"Expected SQL, a function or Polars expressions as a transformation, found {type(code).__name__}.",
            hint="For example: 'SELECT building, AVG(late) AS late FROM phases GROUP BY building'.",
        )

    @property
    def kind(self) -> str:
        """`sql`, `function` or `expressions`."""
        if isinstance(self.code, str):
            return "sql"
        return "expressions" if isinstance(self.code, tuple) else "function"

    def arguments(self, names: Iterable[str]) -> dict[str, str]:
        """Parameter of the function → the input that it takes.

        Args:
            names: The inputs' names.

        Raises:
            InvalidInputError: A parameter names no input, or an input has no parameter.
        """
        known = list(names)
        if not callable(self.code):
            return {name: name for name in known}
        parameters = inspect.signature(self.code).parameters.values()
        if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters):
            return {name: name for name in known}
        wanted = [one.name for one in parameters if one.default is inspect.Parameter.empty or one.name in known]
        if len(wanted) == 1 and len(known) == 1:
            return {wanted[0]: known[0]}
        for name in wanted:
            if name not in known:
                raise InvalidInputError(
                    f"The function '{function_name(self.code)}' asks for an input '{name}' that is not there.",
                    hint=closest(name, known),
                )
        for name in known:
            if name not in wanted:
                raise InvalidInputError(
                    f"The function '{function_name(self.code)}' has no parameter for the input '{name}'.",
                    hint="Add it, or leave the input out.",
                )
        return {name: name for name in wanted}


def function_name(code: Any) -> str:
    """What a function is called in messages."""
    return str(getattr(code, "__name__", type(code).__name__))
