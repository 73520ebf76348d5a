"""What waits for the prediction log, row by row."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from millwright.core.ids import PredictionId
from millwright.models.column import ColumnType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from millwright.core.records.model import ModelVersionRecord
    from millwright.models.column import SignatureColumn
    from millwright.models.signature import Signature

# A row's source, its id, the seconds since 1970 when it was predicted, its features as a tuple in the signature's order
# or as a mapping, its outputs, the seconds that it took, its request's id, its key, and the bytes of memory that it is
# counted with. The objects are those that the answer was made from: nothing is encoded while a caller waits.
LogEntry = tuple[
    "LogSource", PredictionId, float, "tuple[Any, ...] | Mapping[str, Any]", "Mapping[str, Any]", float, str,
    "str | None", int,
]  # fmt: skip
FIELDS = 9

# About what an entry takes beside its values, and a value, in bytes.
_ENTRY_BYTES = 500
_VALUE_BYTES = 40
# A byte of a request's body becomes about so many: one where values are counted on their own, else a list of numbers.
_PLAIN_WEIGHT, _WEIGHT = 1, 8
# Others are arrays, which may be of any shape.
_PLAIN = frozenset(
    (
        ColumnType.NUMBER, ColumnType.INTEGER, ColumnType.BOOLEAN, ColumnType.CATEGORY, ColumnType.DATE, ColumnType.TEXT
    )
)  # fmt: skip


class LoggedColumns:
    """Columns that rows are logged by.

    Attributes:
        are_plain: Whether none of them holds arrays, and there are some.
        names: Theirs, in order.
        types: What they hold.
        pick: Their values of a mapping, as a tuple; `KeyError` where one is missing.
    """

    __slots__ = ("are_plain", "names", "pick", "types")

    def __init__(self, columns: Sequence[SignatureColumn]) -> None:
        self.names = tuple(column.name for column in columns)
        self.types = tuple(column.type for column in columns)
        self.are_plain = bool(columns) and all(kind in _PLAIN for kind in self.types)
        self.pick: Callable[[Mapping[str, Any]], tuple[Any, ...]]
        if len(self.names) > 1:
            self.pick = itemgetter(*self.names)
        else:
            self.pick = lambda row: tuple(row[name] for name in self.names)


class LogSource:
    """What all predictions of one model version at one endpoint have in common.

    Args:
        endpoint: The endpoint's name.
        record: The version.
        signature: The version's.

    Attributes:
        features: The columns of rows.
        outputs: Those of what is predicted.
    """

    __slots__ = ("_row_bytes", "_weight", "endpoint", "features", "model", "outputs", "version")

    def __init__(self, endpoint: str, record: ModelVersionRecord, signature: Signature) -> None:
        self.endpoint = endpoint
        self.model = record.name
        self.version = record.version
        self.features = LoggedColumns(signature.inputs)
        self.outputs = LoggedColumns(signature.outputs)
        self._row_bytes = _ENTRY_BYTES + _VALUE_BYTES * (len(signature.inputs) + len(signature.outputs))
        self._weight = _PLAIN_WEIGHT if self.features.are_plain else _WEIGHT

    def size(self, body_bytes: int) -> int:
        """About how much memory a row takes until it is logged.

        Args:
            body_bytes: The row's part of the request's body.
        """
        return self._row_bytes + self._weight * body_bytes
