"""What a request's rows were predicted to be, and limits of what one request may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError, PayloadTooLargeError

if TYPE_CHECKING:
    from millwright.deployment.realtime.log_entry import LogEntry
    from millwright.deployment.realtime.served_model import ServedModel


class Prediction:
    """Rows that one model version predicted in one request.

    Attributes:
        served: The version that predicted all of them.
        outputs: n mappings from output column to JSON value.
        ids: One per row.
        entries: What the log keeps, one entry per row; empty when nothing is logged.
        explanations: What each column contributed, one mapping per row; None when nobody asked.
    """

    __slots__ = ("entries", "explanations", "ids", "outputs", "served")

    def __init__(self, served: ServedModel, outputs: list[dict[str, Any]], ids: list[str]) -> None:
        self.served = served
        self.outputs = outputs
        self.ids = ids
        self.entries: list[LogEntry] = []
        self.explanations: list[dict[str, Any]] | None = None


def check_count(rows: int, maximum: int) -> None:
    """Refuse no rows, and more rows than the server takes in one request.

    Raises:
        InvalidInputError: No rows.
        PayloadTooLargeError: Too many.
    """
    if rows == 0:
        raise InvalidInputError("Expected at least one row, found none.", hint="GET / shows an example request.")
    if rows > maximum:
        raise PayloadTooLargeError(
            f"Expected at most {maximum:,} rows in one request, found {rows:,}.",
            hint="Send them in several requests, or predict a file with: mw predict",
            details={"rows": rows, "maximum": maximum},
        )


def check_keys(keys: Any, rows: int) -> list[str]:
    """The caller's row keys, one text per row.

    Args:
        keys: What the request gave as keys.
        rows: How many rows it gave.

    Raises:
        InvalidInputError: Not a list of that many texts or integers.
    """
    if not isinstance(keys, list) or len(keys) != rows:
        found = f"{len(keys)} of them" if isinstance(keys, list) else type(keys).__name__
        raise InvalidInputError(f"Expected 'keys' to be a list of {rows} texts, one per row, found {found}.")
    for key in keys:
        if isinstance(key, bool) or not isinstance(key, (str, int)):
            raise InvalidInputError(f"Expected each of 'keys' to be a text or an integer, found {key!r}.")
    return [str(key) for key in keys]
