"""Which columns of its inputs each column of a derived table was computed from.

Known by itself for Polars expressions and SQL; declared for functions, which can compute anything from anything. It is
kept in a version's details as `column_lineage`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.errors import InvalidInputError, MissingExtraError, closest
from millwright.data.lineage.sql_column import sql_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from millwright.data.datasets.dataset import Dataset

KEY = "column_lineage"  # in a record's details


@dataclass(frozen=True, kw_only=True, slots=True)
class Derivation:
    """What a derived version's record should say; both fields are those of `WriteOptions`.

    Attributes:
        derived_from: The versions that it was made of.
        details: Its column lineage: column → `dataset@version.column`, sorted; none for constants.
    """

    derived_from: tuple[str, ...]
    details: Mapping[str, Any] = field(default_factory=dict)


def derivation(
    code: str | Sequence[pl.Expr] | Callable[..., Any],
    inputs: Mapping[str, Dataset],
    *,
    columns: Mapping[str, Sequence[str]] | None = None,
) -> Derivation:
    """Describe a table that a transformation makes of dataset versions, for its record.

    Args:
        code: The transformation, see `column_lineage`.
        inputs: The dataset versions by the names that the transformation knows them by.
        columns: What is declared, see `column_lineage`.

    Raises:
        InvalidInputError: The columns cannot be told, or what is declared does not exist.

    Example:
        Write `late` with what it came from::

            made = derivation(sql, {"schedules": catalog.get("schedules@3")})
            options = WriteOptions(derived_from=made.derived_from, details=made.details)
    """
    schemas = {name: dataset.scan().collect_schema() for name, dataset in inputs.items()}
    found = column_lineage(code, schemas, columns=columns)
    refs = {name: dataset.record.ref for name, dataset in inputs.items()}
    lines = {
        output: sorted(f"{refs[source.partition('.')[0]]}.{source.partition('.')[2]}" for source in sources)
        for output, sources in found.items()
    }
    return Derivation(derived_from=tuple(dict.fromkeys(refs.values())), details={KEY: lines})


def derivation_if_told(code: str | Sequence[pl.Expr] | Callable[..., Any], inputs: Mapping[str, Dataset]) -> Derivation:
    """As `derivation`, without columns where they cannot be told or DuckDB is not installed."""
    try:
        return derivation(code, inputs)
    except (InvalidInputError, MissingExtraError):
        return Derivation(derived_from=tuple(dict.fromkeys(dataset.record.ref for dataset in inputs.values())))


def column_lineage(
    code: str | Sequence[pl.Expr] | Callable[..., Any],
    inputs: Mapping[str, pl.Schema],
    *,
    columns: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, tuple[str, ...]]:
    """What each column of a transformation's result is computed from.

    Args:
        code: SQL over the inputs, Polars expressions that are added to the single input's columns, or a function.
        inputs: The columns of the inputs, by the inputs' names.
        columns: What each column comes from, as `input.column`, instead of finding out; needed for a function.

    Returns:
        Column → `input.column`, sorted; nothing for a constant.

    Raises:
        InvalidInputError: It cannot be told, or what is declared does not exist.
        MissingExtraError: DuckDB, which parses SQL, is not installed.
    """
    if columns is not None:
        return {output: _declared(sources, inputs) for output, sources in columns.items()}
    if isinstance(code, str):
        found = sql_columns(code, inputs)
        return {output: tuple(sorted(f"{name}.{column}" for name, column in s)) for output, s in found.items()}
    if callable(code):
        raise InvalidInputError(
            "Expected to be told what each column is computed from, as a function does not show it.",
            hint="Declare it: columns={'late': ['schedules.planned_end', …]}.",
        )
    if len(inputs) != 1:
        raise InvalidInputError(f"Expected one input for Polars expressions, found {len(inputs)}.")
    [(name, schema)] = inputs.items()
    result: dict[str, tuple[str, ...]] = {column: (f"{name}.{column}",) for column in schema}
    for expression in code:
        for output, sources in _expression(expression, schema):
            result[output] = tuple(sorted(f"{name}.{source}" for source in sources))
    return result


def _expression(expression: pl.Expr, schema: pl.Schema) -> list[tuple[str, set[str]]]:
    try:
        outputs = list(pl.LazyFrame(schema=schema).select(expression).collect_schema())
    except pl.exceptions.PolarsError as error:
        raise InvalidInputError(
            f"Expected an expression over {', '.join(schema)}, found another: {' '.join(str(error).split())[:200]}."
        ) from error
    if expression.meta.has_multiple_outputs():
        if any(output not in schema for output in outputs):
            raise InvalidInputError(
                "Expected an expression for each column, found one that renames several at once.",
                hint="Write one expression per column, or declare columns=.",
            )
        return [(output, {output}) for output in outputs]
    return [(output, set(expression.meta.root_names())) for output in outputs]


def _declared(sources: Sequence[str], inputs: Mapping[str, pl.Schema]) -> tuple[str, ...]:
    known = [f"{name}.{column}" for name, schema in inputs.items() for column in schema]
    for source in sources:
        if source not in known:
            raise InvalidInputError(f"There is no column '{source}' in the inputs.", hint=closest(source, known))
    return tuple(sorted(set(sources)))
