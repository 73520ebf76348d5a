"""Rows that do not fit a signature, told to whoever sent them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from millwright.models.signature import Violation

_SHOWN = 20


def reason(violation: Violation) -> str:
    """A violation in words, without its row: `column 'age': expected a finite number, found the text 'x'`."""
    subject = f"column '{violation.column}': " if violation.column else ""
    return f"{subject}expected {violation.expected}, found {violation.found}"


def violation_error(violations: Sequence[Violation], *, rows: int, columns: Iterable[str]) -> InvalidInputError:
    """One error for all that is wrong with some rows.

    Args:
        violations: What is wrong, at least one; the check may have stopped after some.
        rows: How many rows were sent.
        columns: The signature's input columns, to name the one that was meant.

    Returns:
        The error: its message tells the first violation, its details up to 20 of them, how many there are, and which
        rows (up to 20) are affected.
    """
    first = violations[0]
    known = list(columns)
    hint = closest(first.column, known) if first.column and first.column not in known else ""
    told = reason(first)
    where = f"Row {first.row}, {told}." if rows > 1 else f"{told[0].upper()}{told[1:]}."
    more = f" And {len(violations) - 1} more: see the details." if len(violations) > 1 else ""
    bad_rows = sorted({violation.row for violation in violations})
    return InvalidInputError(
        where + more,
        hint=hint or "The model's columns and types are listed at GET /.",
        details={
            "violations": [
                {"row": v.row, "column": v.column, "expected": v.expected, "found": v.found}
                for v in violations[:_SHOWN]
            ],
            "violation_count": len(violations),
            "rows": bad_rows[:_SHOWN],
            "row_count": len(bad_rows),
        },
    )
