"""The contract of one column: what it holds, and what must be true of its values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.data.contracts.number_text import NUMBER_FORMATS
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.time_format import has_time, has_zone

Bound = int | float | date | datetime
CODE_SUFFIX = "__code"


class ColumnType(StrEnum):
    """What a column holds once it is parsed."""

    STRING = "string"  # text as it is; String
    CATEGORY = "category"  # one of a set of words, without surrounding blanks; String
    INTEGER = "integer"  # Int64
    NUMBER = "number"  # Float64, finite
    BOOLEAN = "boolean"  # Boolean
    DATE = "date"  # Date
    DATETIME = "datetime"  # Datetime in microseconds; UTC when its formats have an offset


ORDERED = frozenset({ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.DATE, ColumnType.DATETIME})
TEXTUAL = frozenset({ColumnType.STRING, ColumnType.CATEGORY})
TEMPORAL = frozenset({ColumnType.DATE, ColumnType.DATETIME})
NUMERIC = frozenset({ColumnType.INTEGER, ColumnType.NUMBER})
EXPECTATIONS = ("type", "nullable", "unique", "min", "max", "pattern", "allowed")  # as a contract file has them


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnContract:
    """What must hold for one column. Expectations are about values that are there; `nullable` is about the others.

    Attributes:
        name: As in the table.
        type: What the values are parsed to.
        required: Whether a table without the column is refused; when not, the column is null throughout.
        nullable: Whether values may be missing.
        unique: Whether a value may occur once only; rows that repeat an earlier row's value fail.
        minimum: Lowest value, included; for numbers, dates and times.
        maximum: Highest value, included.
        pattern: Regular expression (Rust's) that must be found in the text; anchor it with ^ and $ to match it all.
        allowed: The values that may occur; empty for all. For text and numbers.
        formats: How dates are written (see `time_format`), or which forms numbers have beside the plain one (see
            `number_text`).
        missing: Codes that mean that the value is missing, compared without surrounding blanks. Nothing at all and
            blanks always do.
        indicator: Whether a column `<name>__code` shall hold the missing codes that were found.
        description: For people.
        severity: What a row does that breaks an expectation: one for all of them, or expectation (`type`, `nullable`,
            `unique`, `min`, `max`, `pattern`, `allowed`) → severity, the others being `quarantine`. With `warn`, a
            value that is none of the type passes as a missing one.

    Raises:
        InvalidInputError: Expectations contradict each other or do not fit the type.
    """

    name: str
    type: ColumnType
    required: bool = True
    nullable: bool = True
    unique: bool = False
    minimum: Bound | None = None
    maximum: Bound | None = None
    pattern: str | None = None
    allowed: tuple[str | int | float, ...] = ()
    formats: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    indicator: bool = False
    description: str = ""
    severity: Severity | Mapping[str, Severity] = Severity.QUARANTINE

    def __post_init__(self) -> None:
        _check_bounds(self)
        _check_severity(self)
        _check_text(self)
        _check_formats(self)

    @property
    def code_column(self) -> str:
        """The name of the column of missing codes, when `indicator` asks for it."""
        return f"{self.name}{CODE_SUFFIX}"

    def severity_of(self, expectation: str) -> Severity:
        """What a row does that breaks one of `EXPECTATIONS`."""
        if isinstance(self.severity, Severity):
            return self.severity
        return self.severity.get(expectation, Severity.QUARANTINE)


def _check_severity(column: ColumnContract) -> None:
    for name in () if isinstance(column.severity, Severity) else column.severity:
        if name not in EXPECTATIONS:
            hint = closest(name, EXPECTATIONS)
            raise _misfit(column, f"severity is for {', '.join(EXPECTATIONS)}", f"'{name}'", hint)


def _check_bounds(column: ColumnContract) -> None:
    bounds = {"min": column.minimum, "max": column.maximum}
    for key, bound in bounds.items():
        if bound is None:
            continue
        if column.type not in ORDERED:
            raise _misfit(column, f"{key} is for {_names(ORDERED)}", str(bound))
        if isinstance(bound, bool) or isinstance(bound, date) is not (column.type in TEMPORAL):
            raise _misfit(column, f"{key} must be a {'date' if column.type in TEMPORAL else 'number'}", repr(bound))
        if isinstance(bound, float) and not math.isfinite(bound):
            raise _misfit(column, f"{key} must be finite", str(bound))
    if column.minimum is not None and column.maximum is not None and _moment(column.minimum) > _moment(column.maximum):
        raise _misfit(column, "min must not be above max", f"{column.minimum} and {column.maximum}")


def _check_text(column: ColumnContract) -> None:
    if column.pattern is not None:
        if column.type not in TEXTUAL:
            raise _misfit(column, f"pattern is for {_names(TEXTUAL)}", column.pattern)
        try:
            pl.Series([""]).str.contains(column.pattern)
        except pl.exceptions.PolarsError as error:
            raise _misfit(column, "pattern must be a regular expression", f"'{column.pattern}'") from error
    if column.allowed and column.type not in TEXTUAL | NUMERIC:
        raise _misfit(column, f"allowed is for {_names(TEXTUAL | NUMERIC)}", ", ".join(map(str, column.allowed)))
    for value in column.allowed:
        if isinstance(value, str) is not (column.type in TEXTUAL) or isinstance(value, bool):
            raise _misfit(column, f"allowed must hold values of type {column.type}", repr(value))
    contradicting = [code for code in column.missing if code in column.allowed]
    if contradicting:
        raise _misfit(column, "a value is either allowed or missing", f"'{contradicting[0]}' in both")


def _check_formats(column: ColumnContract) -> None:
    if not column.formats:
        return
    if column.type in NUMERIC:
        for name in column.formats:
            if name not in NUMBER_FORMATS:
                hint = closest(name, NUMBER_FORMATS)
                raise _misfit(column, f"formats must be some of {', '.join(NUMBER_FORMATS)}", f"'{name}'", hint)
    elif column.type in TEMPORAL:
        zones = {has_zone(written) for written in column.formats}
        if len(zones) > 1:
            raise _misfit(column, "formats must all have an offset from UTC or none", ", ".join(column.formats))
        for written in column.formats:
            if has_time(written) and column.type is ColumnType.DATE:
                raise _misfit(column, "formats of a date must not have a time", f"'{written}'", "Use type: datetime.")
    else:
        raise _misfit(column, f"formats is for {_names(TEMPORAL | NUMERIC)}", ", ".join(column.formats))


def _moment(bound: Bound) -> Any:
    """A bound that can be compared with another of its column: a day as its midnight, an aware time in UTC."""
    if isinstance(bound, datetime):
        return bound.astimezone(UTC) if bound.tzinfo else bound.replace(tzinfo=UTC)
    return datetime(bound.year, bound.month, bound.day, tzinfo=UTC) if isinstance(bound, date) else bound


def _names(types: frozenset[ColumnType]) -> str:
    return " and ".join(sorted(types))


def _misfit(column: ColumnContract, expected: str, found: str, hint: str = "") -> InvalidInputError:
    return InvalidInputError(
        f"In the contract of column '{column.name}' (type {column.type}): {expected}; found {found}.",
        hint=hint or "Change the type, or take the line out.",
    )
