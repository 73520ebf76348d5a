"""The contract of a table: which columns it has, what each holds, and what must be true of its rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, closest
from millwright.data.contracts.column import ColumnContract
from millwright.data.contracts.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class ExtraColumns(StrEnum):
    """What becomes of columns that the contract does not name."""

    ALLOW = "allow"  # they pass as they are
    DROP = "drop"  # they are left out of the valid rows
    REFUSE = "refuse"  # the table is refused


class KeyPolicy(StrEnum):
    """Which rows of those with the same key are valid."""

    FIRST = "first"  # the first one that breaks nothing else; the others are set aside
    NONE = "none"  # none: all of them are set aside


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """Columns whose values together occur once; null equals null.

    Attributes:
        keep: Which rows of those with the same key are valid.
    """

    columns: tuple[str, ...]
    keep: KeyPolicy = KeyPolicy.FIRST


@dataclass(frozen=True, kw_only=True, slots=True)
class Contract:
    """What must hold for a table.

    Attributes:
        name: The table's name.
        columns: In the order of the valid rows.
        key: Columns that together identify a row.
        rules: What must be true of each row.
        extra: What becomes of other columns.
        max_quarantined: The share of rows, 0 to 1, that may fail before the table as a whole is refused.
        min_rows: The least number of rows.
        description: For people.

    Raises:
        InvalidInputError: The parts contradict each other.
    """

    name: str
    columns: tuple[ColumnContract, ...]
    key: Key | None = None
    rules: tuple[Rule, ...] = ()
    extra: ExtraColumns = ExtraColumns.ALLOW
    max_quarantined: float = 0.1
    min_rows: int = 1
    description: str = ""

    def __post_init__(self) -> None:
        if not self.columns:
            raise InvalidInputError(f"Expected columns in the contract '{self.name}', found none.", hint="Name them.")
        names = [column.name for column in self.columns]
        names += [column.code_column for column in self.columns if column.indicator]
        _once(names, "column", self.name)
        _once((rule.name for rule in self.rules), "rule", self.name)
        if not 0 <= self.max_quarantined <= 1:
            raise InvalidInputError(
                f"Expected max_quarantined from 0 to 1 in the contract '{self.name}', found {self.max_quarantined}.",
                hint="0.1 lets a tenth of the rows fail.",
            )
        if self.min_rows < 0:
            raise InvalidInputError(
                f"Expected min_rows of at least 0 in the contract '{self.name}', found {self.min_rows}.",
                hint="Leave it out to ask for one row.",
            )
        for name in self.key.columns if self.key else ():
            if name not in names:
                raise InvalidInputError(
                    f"The key of the contract '{self.name}' names the column '{name}', which it does not have.",
                    hint=closest(name, names),
                )

    @property
    def by_name(self) -> Mapping[str, ColumnContract]:
        """The columns by their names."""
        return {column.name: column for column in self.columns}


def _once(names: Iterable[str], what: str, contract: str) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InvalidInputError(
            f"The contract '{contract}' has the {what} '{twice[0]}' twice.", hint="Remove or rename one of them."
        )
