"""One row at a time through a compiled model, with nothing made for it but its answer.

What a table of one row costs is mostly its container: a data frame, a matrix, a new output. Here the numbers are
written into a buffer that the graph is bound to, and read from another one.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.models.graph import BoundRow
    from millwright.models.outcome import Outcome
    from millwright.models.rowcoder import RowCoder


class SingleRow:
    """Answers one row; thread-safe, for one thread at a time.

    Args:
        names: The signature's input columns, in order.
        coder: Raw values to numbers.
        graph: Numbers to numbers.
        outcome: Numbers to the answer.
    """

    __slots__ = ("_codes", "_graph", "_is_encoded", "_lock", "_outcome")

    def __init__(self, names: Sequence[str], coder: RowCoder, graph: BoundRow, outcome: Outcome) -> None:
        self._codes = coder.by_position(names)
        self._is_encoded = coder.takes_as_is(names)
        self._graph = graph
        self._outcome = outcome
        self._lock = threading.Lock()

    def predict(self, values: Sequence[Any]) -> dict[str, Any] | None:
        """The answer to one row, equal to that of `predict_rows`.

        Args:
            values: One per input column, in the signature's order; they passed its check, None is null.

        Returns:
            None when another thread is at it: `predict_rows` answers then.
        """
        if not self._lock.acquire(blocking=False):
            return None
        try:
            if self._is_encoded and None not in values:
                return self._outcome.row(self._graph(values))
            return self._outcome.row(self._graph([code(values[index]) for index, code in self._codes]))
        finally:
            self._lock.release()
