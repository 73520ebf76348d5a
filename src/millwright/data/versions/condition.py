"""Which rows are meant: those with certain values, or for which an SQL condition is true."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from millwright.core.errors import InvalidInputError

# What looks at more than one row; conditions are asked of each file by itself.
_AGGREGATE = re.compile(r"\.(?:max|min|mean|sum|first|last|count|median|std|var|over|n_unique|len|quantile|rank)\(")
_TEXTS = re.compile(r"'((?:[^']|'')*)'")


@dataclass(frozen=True, kw_only=True, slots=True)
class RowCondition:
    """Rows for which all values are as given, and the SQL is true.

    Attributes:
        values: Column → value as text; compared with a number or moment after reading the text as one.
        sql: Empty for none; rows for which it is null are not meant.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    sql: str = ""

    def __post_init__(self) -> None:
        """Refuse a condition that names no column, or that looks at more than one row.

        Raises:
            InvalidInputError: It does, or is no SQL.
        """
        expression = self._parsed()
        if not self.columns:
            raise InvalidInputError(
                "Expected a condition that names a column, found none.",
                hint="For example: --key email=x@example.com, or --where \"email = 'x@example.com'\".",
            )
        if expression is not None and _AGGREGATE.search(str(expression)):
            raise InvalidInputError(
                "Expected a condition about each row by itself, found one that looks at several rows.",
                hint="Name the values themselves.",
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it names, each once."""
        expression = self._parsed()
        named = expression.meta.root_names() if expression is not None else []
        return tuple(dict.fromkeys([*self.values, *named]))

    @property
    def texts(self) -> tuple[str, ...]:
        """The values that it names, as texts; they must not be written down anywhere."""
        return (*self.values.values(), *(text.replace("''", "'") for text in _TEXTS.findall(self.sql)))

    def expression(self, schema: pl.Schema) -> pl.Expr | None:
        """The condition for a table with these columns; None when it lacks one that is named.

        Raises:
            InvalidInputError: The SQL cannot be used with these columns.
        """
        if any(column not in schema for column in self.columns):
            return None
        parts = [_equals(column, schema[column], value) for column, value in self.values.items()]
        parsed = self._parsed()
        if parsed is not None:
            parts.append(parsed)
            try:
                found = pl.LazyFrame(schema=schema).select(parsed.alias("0")).collect_schema()["0"]
                pl.DataFrame(schema=schema).filter(parsed)
            except pl.exceptions.PolarsError as error:
                raise _unusable(error) from error
            if not isinstance(found, pl.Boolean):
                raise InvalidInputError(f"Expected a condition that is true or false, found one that gives {found}.")
        return pl.all_horizontal(parts).fill_null(value=False)

    def description(self) -> dict[str, Any]:
        """What may be kept of it: the columns, and digests of the values, keyed with a salt that is thrown away."""
        salt = secrets.token_bytes(32)
        digests = {
            name: hmac.new(salt, text.encode(), hashlib.sha256).hexdigest()
            for name, text in (*self.values.items(), *((("where", self.sql),) if self.sql else ()))
        }
        return {"columns": list(self.columns), "digests": digests}

    def _parsed(self) -> pl.Expr | None:
        if not self.sql.strip():
            return None
        try:
            return pl.sql_expr(self.sql)
        except pl.exceptions.PolarsError as error:
            raise _unusable(error) from error


def _equals(column: str, dtype: pl.DataType, value: str) -> pl.Expr:
    if dtype.is_nested() or isinstance(dtype, pl.Binary):
        raise InvalidInputError(
            f"Expected a column of single values to compare, found {dtype} in '{column}'.", hint="Name another column."
        )
    here = pl.col(column)
    if isinstance(dtype, pl.String):
        return here.eq(pl.lit(value))
    if isinstance(dtype, pl.Boolean):
        return here.cast(pl.String).eq(pl.lit(value.strip().lower()))
    if dtype.is_temporal():
        # Written as ISO 8601, with a blank or a T before the time.
        return here.cast(pl.String).str.replace("T", " ").str.starts_with(value.strip().replace("T", " "))
    return here.eq(pl.lit(value.strip()).cast(dtype, strict=False))


def _unusable(error: Exception) -> InvalidInputError:
    # The text is not repeated: it holds what shall be forgotten, and errors are logged.
    del error
    return InvalidInputError(
        "Expected a condition in SQL over the columns of the dataset, found one that cannot be used.",
        hint="For example: --where \"email = 'x@example.com'\"; texts stand in single quotes.",
    )
