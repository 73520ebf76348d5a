"""The contract of a table: which columns it has, what each holds, and what must be true of its rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, closest
from millwright.data.contracts.column import NUMERIC, TEMPORAL, ColumnContract
from millwright.data.contracts.reference import Reference
from millwright.data.contracts.rule import Rule, RuleScope, rule_expression
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.table_expectation import OF_NUMBERS, Distribution, Freshness, Volume

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


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
        severity: What the others do.
    """

    columns: tuple[str, ...]
    keep: KeyPolicy = KeyPolicy.FIRST
    severity: Severity = Severity.QUARANTINE


@dataclass(frozen=True, kw_only=True, slots=True)
class Contract:
    """What must hold for a table.

    Attributes:
        name: The table's name.
        columns: In the order of the valid rows.
        key: Columns that together identify a row.
        rules: What must be true of each row, of rows together, or of the table.
        references: Values that must be there in other datasets.
        freshness: How old the newest values may be.
        volume: How many rows there may be.
        distributions: How values may be spread.
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
    references: tuple[Reference, ...] = ()
    freshness: tuple[Freshness, ...] = ()
    volume: Volume | None = None
    distributions: tuple[Distribution, ...] = ()
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
        for what, named in _named(self):
            if named not in names:
                raise InvalidInputError(
                    f"The {what} of the contract '{self.name}' names the column '{named}', which it does not have.",
                    hint=closest(named, names),
                )
        _check_types(self)

    @property
    def by_name(self) -> Mapping[str, ColumnContract]:
        """The columns by their names."""
        return {column.name: column for column in self.columns}

    def row_part(self, names: Collection[str] | None = None) -> Contract:
        """What of it can be judged row by row: no keys, no rules across rows, nothing about the table as a whole.

        Args:
            names: The columns that there are; what the contract says of others is left out. All when None.

        Raises:
            InvalidInputError: It has none of the columns.
        """
        columns = tuple(column for column in self.columns if names is None or column.name in names)
        rules = tuple(
            rule
            for rule in self.rules
            if rule.scope is RuleScope.ROW and (names is None or {*rule_expression(rule).meta.root_names()} <= {*names})
        )
        return replace(
            self,
            columns=tuple(replace(column, unique=False) for column in columns),
            rules=rules,
            key=None,
            references=(),
            freshness=(),
            volume=None,
            distributions=(),
            min_rows=0,
        )


def _named(contract: Contract) -> Iterable[tuple[str, str]]:
    """Every column that a part names, with what the part is."""
    for name in contract.key.columns if contract.key else ():
        yield "key", name
    for reference in contract.references:
        for name in reference.columns:
            yield f"reference to {reference.dataset}", name
    for freshness in contract.freshness:
        yield "freshness", freshness.column
    for distribution in contract.distributions:
        yield "distribution", distribution.column


def _check_types(contract: Contract) -> None:
    types = {name: column.type for name, column in contract.by_name.items()}
    for freshness in contract.freshness:
        if types.get(freshness.column) not in TEMPORAL:
            raise InvalidInputError(
                f"Expected a column of dates or times for the freshness in the contract '{contract.name}', found "
                f"'{freshness.column}' of type {types.get(freshness.column, 'code')}.",
                hint="Name the column that says when a row was made.",
            )
    for distribution in contract.distributions:
        if distribution.measure in OF_NUMBERS and types.get(distribution.column) not in NUMERIC:
            raise InvalidInputError(
                f"Expected a column of numbers for the {distribution.what} in the contract '{contract.name}', found "
                f"type {types.get(distribution.column, 'code')}.",
                hint="Use nulls, share, distinct or psi for other columns.",
            )


def _once(names: Iterable[str], what: str, contract: str) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InvalidInputError(
            f"The contract '{contract}' has the {what} '{twice[0]}' twice.", hint="Remove or rename one of them."
        )
