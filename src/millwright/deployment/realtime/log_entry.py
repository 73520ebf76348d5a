"""What predictions in the log have in common: their version, and the columns of their rows."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from millwright.models.column import ColumnType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from millwright.core.records.model import ModelVersionRecord
    from millwright.models.column import SignatureColumn
    from millwright.models.signature import Signature

# About what a row takes beside its values, and a value, in bytes, where it is not packed.
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
        is_plain: Whether none of either holds arrays: rows are packed then.
    """

    __slots__ = ("_row_bytes", "_weight", "endpoint", "features", "is_plain", "model", "outputs", "version")

    def __init__(self, endpoint: str, record: ModelVersionRecord, signature: Signature) -> None:
        self.endpoint = endpoint
        self.model = record.name
        self.version = record.version
        self.features = LoggedColumns(signature.inputs)
        self.outputs = LoggedColumns(signature.outputs)
        self.is_plain = self.features.are_plain and self.outputs.are_plain
        self._row_bytes = _ENTRY_BYTES + _VALUE_BYTES * (len(signature.inputs) + len(signature.outputs))
        self._weight = _PLAIN_WEIGHT if self.features.are_plain else _WEIGHT

    def size(self, body_bytes: int) -> int:
        """About how much memory a row takes until it is logged, where it is not packed.

        Args:
            body_bytes: The row's part of the request's body.
        """
        return self._row_bytes + self._weight * body_bytes


class LogSources(dict[str, LogSource]):
    """The sources of one version by endpoint, each made when it is asked for; thread-safe.

    Args:
        record: The version.
        signature: The version's.
    """

    def __init__(self, record: ModelVersionRecord, signature: Signature) -> None:
        super().__init__()
        self._record, self._signature = record, signature

    def __missing__(self, endpoint: str) -> LogSource:
        """A new one; the first that anybody made stays."""
        return self.setdefault(endpoint, LogSource(endpoint, self._record, self._signature))
