"""What a request's rows were predicted to be, and limits of what one request may ask."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.errors import InvalidInputError, PayloadTooLargeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from millwright.deployment.realtime.log_rows import LogRows
    from millwright.deployment.realtime.log_table import LogTable
    from millwright.deployment.realtime.served_model import ServedModel


class Prediction:
    """Rows that one model version predicted in one request.

    Attributes:
        served: The version that predicted all of them.
        outputs: n mappings from output column to JSON value; none when they are a table.
        table: The same as a table; None when they are mappings.
        ids: One per row.
        logged: What the log keeps of them; None when nothing is logged.
        explanations: What each column contributed, one mapping per row; None when nobody asked.
    """

    __slots__ = ("explanations", "ids", "logged", "outputs", "served", "table")

    def __init__(
        self,
        served: ServedModel,
        outputs: list[dict[str, Any]],
        ids: list[str],
        table: pl.DataFrame | None = None,
    ) -> None:
        self.served = served
        self.outputs = outputs
        self.ids = ids
        self.logged: LogRows | LogTable | None = None
        self.explanations: list[dict[str, Any]] | None = None
        self.table = table

    def column(self, name: str) -> list[Any]:
        """The n values of an output column, JSON values."""
        if self.table is None:
            return [row[name] for row in self.outputs]
        return self.table.get_column(name).to_list()

    def mappings(self) -> list[dict[str, Any]]:
        """The n answers as mappings from output column to JSON value."""
        return self.outputs if self.table is None else self.table.to_dicts()

    def objects(self, names: tuple[str, ...]) -> Sequence[Any]:
        """What msgspec encodes as n objects of some output columns, in their order."""
        if self.table is not None:
            return objects_of({name: self.column(name) for name in names})
        if names == self.served.output_names:
            return self.outputs
        return [{name: row[name] for name in names} for row in self.outputs]

    def named(self) -> Sequence[Any]:
        """What msgspec encodes as n objects of all output columns and `prediction_id`."""
        if self.table is not None:
            return objects_of(
                {**{name: self.column(name) for name in self.served.output_names}, "prediction_id": self.ids}
            )
        return [
            {**outputs, "prediction_id": identifier} for outputs, identifier in zip(self.outputs, self.ids, strict=True)
        ]


def objects_of(columns: Mapping[str, Sequence[Any]]) -> Sequence[Any]:
    """What msgspec encodes as objects with a value of each column; as structs, which are quicker made than mappings."""
    names = tuple(columns)
    made = _object_type(names)
    if made is None:
        return [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return list(map(made, *columns.values()))


@lru_cache(maxsize=256)
def _object_type(names: tuple[str, ...]) -> Any:
    fields = {f"f{number}": name for number, name in enumerate(names)}
    try:
        return msgspec.defstruct("Output", [(field, Any) for field in fields], rename=fields, gc=False)
    except ValueError:  # a name that msgspec does not take
        return None


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
