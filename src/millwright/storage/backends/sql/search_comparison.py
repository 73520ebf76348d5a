"""One test of one SQL expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from millwright.core.errors import InvalidInputError
from millwright.storage.backends.sql.driver import marks
from millwright.storage.backends.sql.regex import check_regex

if TYPE_CHECKING:
    from millwright.core.records.search import Comparison

_PLAIN = ("=", "!=", "<", "<=", ">", ">=")


class Sql(NamedTuple):
    """A piece of a statement and the values of its `?`."""

    text: str
    values: tuple[Any, ...] = ()


def joined(parts: list[Sql], word: str, empty: str) -> Sql:
    """Pieces with a word between them, in brackets; `empty` when there are none."""
    if not parts:
        return Sql(empty)
    text = f" {word} ".join(part.text for part in parts)
    return Sql(f"({text})" if len(parts) > 1 else text, tuple(value for part in parts for value in part.values))


def text_test(column: str, test: Comparison, *, sqlite: bool) -> Sql:
    """A test of an expression that is text.

    Raises:
        InvalidInputError: The operator or the value is none for text.
    """
    op, value = test.op.upper(), test.value
    if op in _PLAIN and isinstance(value, str | int | float):
        return Sql(f"{column} {op} ?", (str(value),))
    if op in ("LIKE", "ILIKE") and isinstance(value, str):
        return _pattern(column, op, value, sqlite=sqlite)
    if op == "RLIKE" and isinstance(value, str):
        return Sql(f"millwright_matches(?, {column})" if sqlite else f"{column} ~ ?", (check_regex(value),))
    if op in ("IN", "NOT IN") and isinstance(value, tuple):
        if not value:
            return Sql("1 = 0" if op == "IN" else "1 = 1")
        return Sql(f"{column} {op} ({marks(len(value))})", tuple(map(str, value)))
    if op in ("IS NULL", "IS NOT NULL"):
        return Sql(f"{column} {op}")
    raise refused(test, "text")


def number_test(column: str, test: Comparison) -> Sql:
    """A test of an expression that is a number.

    Raises:
        InvalidInputError: The operator or the value is none for numbers.
    """
    if test.op not in _PLAIN:
        raise refused(test, "a number")
    return Sql(f"{column} {test.op} ?", (number(test),))


def number(test: Comparison) -> float:
    """The value of a test as a number.

    Raises:
        InvalidInputError: It is none.
    """
    try:
        return float(test.value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise refused(test, "a number") from None


def time_test(column: str, test: Comparison) -> Sql:
    """A test of an expression in microseconds against a value in milliseconds, in a form that an index serves.

    Raises:
        InvalidInputError: The operator or the value is none for times.
    """
    op = test.op.upper()
    if op in ("IS NULL", "IS NOT NULL"):
        return Sql(f"{column} {op}")
    if op not in _PLAIN:
        raise refused(test, "a time in milliseconds")
    try:
        low = int(test.value) * 1000  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise refused(test, "a time in milliseconds") from None
    low = min(max(low, -(2**62)), 2**62)
    next_ms = low + 1000
    forms = {
        "=": Sql(f"({column} >= ? AND {column} < ?)", (low, next_ms)),
        "!=": Sql(f"({column} < ? OR {column} >= ?)", (low, next_ms)),
        "<": Sql(f"{column} < ?", (low,)),
        "<=": Sql(f"{column} < ?", (next_ms,)),
        ">": Sql(f"{column} >= ?", (next_ms,)),
        ">=": Sql(f"{column} >= ?", (low,)),
    }
    return forms[op]


def refused(test: Comparison, expected: str) -> InvalidInputError:
    """What is wrong with a test that a field of this kind does not have."""
    return InvalidInputError(
        f"Expected to compare {test.field.kind} '{test.field.key}' with {expected}, "
        f"found {test.op} {test.value!r:.80}.",
        hint="Look at the operators that this kind of field has.",
    )


def _pattern(column: str, op: str, pattern: str, *, sqlite: bool) -> Sql:
    if not sqlite:
        # The column sorts by bytes, and folds letters by them: other alphabets need the database's own rules.
        column = column if op == "LIKE" else f'({column} COLLATE "default")'
        return Sql(f"{column} {op} ? ESCAPE ''", (pattern,))
    if op == "LIKE":
        # SQLite's own LIKE folds letters; GLOB does not, and has other signs.
        signs = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}
        return Sql(f"{column} GLOB ?", ("".join(signs.get(sign, sign) for sign in pattern),))
    if pattern.isascii():
        return Sql(f"{column} LIKE ?", (pattern,))
    return Sql(f"millwright_fold({column}) LIKE millwright_fold(?)", (pattern,))
