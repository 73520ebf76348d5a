"""The transformation of a view as its definition holds it: checked, and as JSON values."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.data.features.source_code import normalised_source

if TYPE_CHECKING:
    from collections.abc import Mapping

# SQL text, a function of Narwhals lazy frames, or Polars expressions that are added to the source's columns.
Transform: TypeAlias = str | Callable[..., Any] | tuple[pl.Expr, ...] | None


def checked_transform(transform: Any, view: str) -> Transform:
    """A transformation as one of its kinds.

    Raises:
        InvalidInputError: It is none, or an expression holds a Python function, which could not be kept safely.
    """
    if transform is None:
        return None
    if isinstance(transform, str):
        if not transform.strip():
            raise InvalidInputError(
                f"Expected SQL as the transformation of '{view}', found empty text.", hint="Leave it out, or write it."
            )
        return transform
    if isinstance(transform, pl.Expr):
        return (transform,)
    if callable(transform):
        return transform  # type: ignore[no-any-return]
    if isinstance(transform, Iterable):
        expressions = tuple(transform)
        if expressions and all(isinstance(one, pl.Expr) for one in expressions):
            for one in expressions:
                _expression_text(one, view)
            return expressions
    raise InvalidInputError(
        f"Expected SQL, a function or Polars expressions as the transformation of '{view}', "
        f"found {type(transform).__name__}.",
        hint='For example: transform=[pl.col("late").mean().over("building").alias("mean_late")].',
    )


def transform_code(transform: Transform) -> str:
    """The source of a transformation for people; empty without one. A function's is without comments."""
    if transform is None:
        return ""
    if isinstance(transform, str):
        return transform
    if isinstance(transform, tuple):
        return "\n".join(str(one) for one in transform)
    return normalised_source(transform)


def transform_values(transform: Transform, view: str, *, code: str) -> dict[str, Any] | None:
    """A transformation as JSON values.

    Args:
        transform: What to tell.
        view: Whose it is.
        code: What `transform_code` gave when the view was made: its file may have changed since. A function is told as
            this text, from which it is not made again.
    """
    if transform is None:
        return None
    if isinstance(transform, str):
        return {"kind": "sql", "sql": transform}
    if isinstance(transform, tuple):
        return {"kind": "expressions", "expressions": [json.loads(_expression_text(one, view)) for one in transform]}
    return {"kind": "function", "source": code}


def transform_from(values: Mapping[str, Any] | None, view: str) -> Transform:
    """A transformation from what `transform_values` gave.

    Raises:
        InvalidInputError: It was a function, which has to be loaded from its file, or this Polars cannot read the
            expressions that another one wrote.
    """
    if values is None:
        return None
    if values["kind"] == "sql":
        return str(values["sql"])
    if values["kind"] == "expressions":
        try:
            return tuple(_expression(one) for one in values["expressions"])
        except (pl.exceptions.PolarsError, ValueError, TypeError) as error:
            raise InvalidInputError(
                f"The expressions of '{view}' were written by another Polars and cannot be read by this one.",
                hint="Apply its file again: mw features apply features.py",
            ) from error
    raise InvalidInputError(
        f"The transformation of '{view}' is a Python function, which is not made from its text.",
        hint="Load the file that defines it.",
    )


def _expression_text(expression: pl.Expr, view: str) -> str:
    text = expression.meta.serialize(format="json")
    if "AnonymousFunction" in text or "PythonFunction" in text or "PythonUdf" in text:
        raise InvalidInputError(
            f"An expression of '{view}' holds a Python function: {str(expression)[:100]}.",
            hint="Write the whole transformation as a function of Narwhals lazy frames instead.",
        )
    return text


def _expression(values: Any) -> pl.Expr:
    text = json.dumps(values)
    if "AnonymousFunction" in text:  # holds pickled code, which is never loaded
        raise ValueError(text[:100])
    return pl.Expr.deserialize(io.StringIO(text), format="json")
