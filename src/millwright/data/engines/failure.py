"""What an engine says when it cannot compute a transformation, as one error that names the engine and the line."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, MillwrightError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.data.engines.definition import Transformation
    from millwright.data.engines.engine import EngineName

# Polars: "at Line: 1, Column: 8"; DuckDB: "LINE 1: selec"; Spark: "line 2 pos 1", "(line 1, position 8)".
_LINE = re.compile(r"\bline:? ?(\d+)\b", re.IGNORECASE)
_NAMED = re.compile(r"[\"'`]([^\"'`\n]{1,200})[\"'`]|with name (\S+)")
_NOISE = re.compile(
    r"\s*(SQLSTATE: \w+|Resolved plan until failure:.*|== SQL.*|LINE \d+:.*|JVM stacktrace:.*)", re.DOTALL
)
_LONGEST = 300


@contextmanager
def failures(engine: EngineName, transformation: Transformation, errors: tuple[type[Exception], ...]) -> Iterator[None]:
    """Turn an engine's errors into ours.

    Args:
        engine: Where it runs.
        transformation: What runs.
        errors: What the engine raises.

    Raises:
        InvalidInputError: One of these was raised.
    """
    try:
        yield
    except MillwrightError:
        raise
    except errors as error:
        raise _failure(engine, transformation, error) from error


def _failure(engine: EngineName, transformation: Transformation, error: Exception) -> InvalidInputError:
    text = str(error)
    sql = transformation.code if isinstance(transformation.code, str) else ""
    line = line_of(text, sql)
    shown = " ".join(_NOISE.sub("", text).split())[:_LONGEST].rstrip(" .;")
    return InvalidInputError(
        f"The engine {engine} cannot compute the {transformation.kind}"
        f"{f', line {line}' if line else ''}: {shown or type(error).__name__}.",
        hint="Compare its names and types with those of its inputs, and its functions with those every engine has.",
        details={"engine": engine.value, "line": line},
    )


def line_of(message: str, sql: str) -> int | None:
    """The line of the SQL text that an error is about, from 1; None when nobody knows.

    Args:
        message: What the engine said.
        sql: The text, or nothing.
    """
    if not sql:
        return None
    found = _LINE.search(message)
    if found:
        return int(found[1])
    for named in _NAMED.finditer(message):
        place = re.search(rf"(?<!\w){re.escape(named[1] or named[2])}(?!\w)", sql, re.IGNORECASE)
        if place:
            return sql.count("\n", 0, place.start()) + 1
    return None
