"""Values that must be there in another dataset: foreign keys."""

from __future__ import annotations

from dataclasses import dataclass

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.severity import Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """Columns whose values, together, must occur in another dataset.

    A row with a missing value in one of them passes, as in SQL (MATCH SIMPLE).

    Attributes:
        columns: In this table.
        dataset: The other one, as `buildings`, `buildings@3` or `buildings@golden`.
        to: Its columns, in the same order; of the same names when empty.
        severity: What a row does whose values are not there.

    Raises:
        InvalidInputError: There are no columns, or not as many in both.
    """

    columns: tuple[str, ...]
    dataset: str
    to: tuple[str, ...] = ()
    severity: Severity = Severity.QUARANTINE

    def __post_init__(self) -> None:
        if not self.columns or not self.dataset or len(self.to or self.columns) != len(self.columns):
            raise InvalidInputError(
                f"Expected a reference of columns to as many columns of a dataset, found ({', '.join(self.columns)}) "
                f"to '{self.dataset}' ({', '.join(self.to)}).",
                hint="For example: {columns: building, dataset: buildings, to: id}.",
            )

    @property
    def targets(self) -> tuple[str, ...]:
        """The other dataset's columns."""
        return self.to or self.columns

    @property
    def reason(self) -> str:
        """What is said of a row whose values are not there."""
        there = f" ({', '.join(self.to)})" if self.to and self.to != self.columns else ""
        return f"{', '.join(self.columns)}: not in {self.dataset}{there}"
