"""A contract that predicts, in two halves: what a request asks for, and how the answer to it is written.

Between them stands what is the same for all contracts, `InferencePath`: looking up features, checking, predicting, the
log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from millwright.deployment.realtime.answer import Answer
    from millwright.deployment.realtime.call import Call
    from millwright.deployment.realtime.prediction import Prediction


class Ask:
    """The rows that a request wants predicted.

    A plain slotted class, since one is made per request.

    Attributes:
        rows: n ≥ 1 rows, at most as many as the server takes; none when they came as a table.
        table: The same as a table of `RowTables`; None when they came as rows.
        is_checked: Whether the rows fit the signature already; otherwise they are what the caller wrote.
        keys: What the request gave as row keys; None when it gave none.
        shape: Whatever the contract needs for writing the answer.
    """

    __slots__ = ("is_checked", "keys", "rows", "shape", "table")

    def __init__(
        self,
        rows: Sequence[Any],
        *,
        is_checked: bool = False,
        keys: Any = None,
        shape: Any = None,
        table: pl.DataFrame | None = None,
    ) -> None:
        self.rows = rows
        self.table = table
        self.is_checked = is_checked
        self.keys = keys
        self.shape = shape


class Contract:
    """A handler in two halves.

    Args:
        read: What a call asks for; raises a `MillwrightError` when that is nothing that can be predicted.
        write: The answer to it.
        is_plain: Whether one bare object is a row, and its answer one object of the outputs and `prediction_id`.
    """

    __slots__ = ("is_plain", "read", "write")

    def __init__(
        self,
        read: Callable[[Call], Ask],
        write: Callable[[Call, Ask, Prediction], Answer],
        *,
        is_plain: bool = False,
    ) -> None:
        self.is_plain = is_plain
        self.read = read
        self.write = write
