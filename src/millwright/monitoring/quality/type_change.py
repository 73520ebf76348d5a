"""Values that arrive in another type than they had: numbers as text, fractions for integers, dates that are none.

The log tells in which JSON type each value came. A server of ours refuses a request whose values do not fit the
signature, so that of those that come through it nothing is logged; rows that were logged elsewhere tell all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.models.column import ColumnType, SignatureColumn
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.quality.check import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.monitoring.quality.check import QualitySubject

_FITTING: Mapping[ColumnType, frozenset[str]] = {
    ColumnType.NUMBER: frozenset({"number", "integer"}),
    ColumnType.INTEGER: frozenset({"number", "integer"}),  # JSON clients write 3.0 for 3
    ColumnType.BOOLEAN: frozenset({"boolean"}),
    ColumnType.CATEGORY: frozenset({"text", "integer"}),  # a code may stand for a category
    ColumnType.TEXT: frozenset({"text", "integer"}),
    ColumnType.DATE: frozenset({"text"}),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TypeChange:
    """Looks for values of another type.

    Attributes:
        max_share: Tolerated share of such values among the present ones of a column, 0 to 1; the reference has none.

    Raises:
        InvalidInputError: A share outside 0 to 1.
    """

    kind: ClassVar[AlertKind] = AlertKind.TYPE_CHANGE
    needs_rows: ClassVar[bool] = True

    max_share: float = 0.01

    def __post_init__(self) -> None:
        if not 0 <= self.max_share <= 1:
            raise InvalidInputError(f"Expected a share of other types between 0 and 1, found {self.max_share}.")

    def measure(self, subject: QualitySubject) -> Sequence[Measure]:
        """One measure per column that holds values of another type, or that cannot be read."""
        found = []
        for column in subject.signature.inputs:
            if column.type is not ColumnType.TENSOR:
                found += [m for m in (self._typed(subject, column), self._whole(subject, column)) if m is not None]
        return found

    def _typed(self, subject: QualitySubject, column: SignatureColumn) -> Measure | None:
        types = subject.rows.types.get(column.name, {})
        total = sum(types.values())
        other = {kind: rows for kind, rows in types.items() if kind not in _FITTING[column.type]}
        unread = _unread(subject, column.name)
        lost = int(unread.sum())
        if not other and not lost:
            return None
        # Some of what came in another type could be read: text of a number. Both are counted once.
        share = max(sum(other.values()) / total if total else 0.0, lost / len(subject.rows))
        shown = " and ".join(sorted(other)) or "what cannot be read"
        return Measure(
            column=column.name,
            what="type",
            expected=column.type.value,
            found=dict(types),
            broken=share > self.max_share,
            message=f"{column.name} ({column.type.value}) holds {shown} in {share:.1%} of the values",
            examples=subject.examples(unread if lost else _as_text(subject, column.name)),
            details={"share": share, "unreadable_rows": lost},
        )

    def _whole(self, subject: QualitySubject, column: SignatureColumn) -> Measure | None:
        """Fractions in a column of integers."""
        if column.type is not ColumnType.INTEGER:
            return None
        present = subject.inputs[column.name].drop_nulls()
        fractions = subject.inputs[column.name] % 1 != 0
        share = int(fractions.sum()) / max(1, len(present))
        before = subject.reference[column.name].drop_nulls()
        if not share or int((before % 1 != 0).sum()):
            return None
        return Measure(
            column=column.name,
            what="fractions",
            expected="integers",
            found=share,
            broken=share > self.max_share,
            message=f"{column.name} (integer) holds fractions in {share:.1%} of the values",
            examples=subject.examples(fractions),
        )


def _unread(subject: QualitySubject, name: str) -> pl.Series:
    """Where a value came that the column's type has no room for."""
    features = subject.rows.features
    if name not in features.columns:
        return pl.Series([False]).new_from_index(0, len(subject.rows))
    came = features[name].is_not_null()
    if features[name].dtype.is_float():
        came &= features[name].is_finite()
    return came & subject.inputs[name].is_null()


def _as_text(subject: QualitySubject, name: str) -> pl.Series:
    features = subject.rows.features
    return features[name].is_not_null() if name in features.columns else _unread(subject, name)
