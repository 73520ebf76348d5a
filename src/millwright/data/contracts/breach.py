"""What breaks a contract, and in which rows: one mask per expectation.

Expectations are judged in three rounds, each among the rows that broke nothing before, so that a bad row does not cost
a good one: what a row says by itself; what it says beside others (uniqueness, references, rules across rows); the key.
Rows that are only warned of count as good.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.contract import KeyPolicy
from millwright.data.contracts.expectation import (
    Expectation,
    column_expectations,
    rule_expectation,
    short,
    uniqueness,
)
from millwright.data.contracts.rule import RuleScope
from millwright.data.contracts.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.data.contracts.contract import Contract, Key
    from millwright.data.contracts.parsing import ParsedTable
    from millwright.data.contracts.reference import Reference


@dataclass(frozen=True, slots=True)
class Breach:
    """Rows that break one expectation.

    Attributes:
        reason: For people; the same for all rows that break the same expectation.
        severity: What they do.
        rows: Boolean mask over the table's rows, without nulls, at least one of them true.
    """

    reason: str
    severity: Severity
    rows: pl.Series


def find_breaches(
    parsed: ParsedTable, contract: Contract, referenced: Mapping[Reference, pl.DataFrame] | None = None
) -> list[Breach]:
    """Every expectation that some row breaks: in the contract's order within each round.

    Args:
        parsed: The table.
        contract: What is expected.
        referenced: Reference → the distinct values that may occur, in columns of this table's names and types; for
            every reference of the contract.

    Raises:
        InvalidInputError: A rule's expression names an unknown column or cannot be evaluated.
    """
    frame = parsed.frame
    breaches = row_breaches(parsed, contract)
    for expectations in relations(contract, frame.schema, referenced or {}):
        breaches += _among(frame, expectations, any_row(breaches, frame.height))
    return breaches


def row_breaches(parsed: ParsedTable, contract: Contract) -> list[Breach]:
    """The first round: what each row breaks by itself."""
    schema = parsed.frame.schema
    expectations = [
        expectation
        for column in contract.columns
        for expectation in column_expectations(column, schema, parsed.unparsed.get(column.name))
    ]
    expectations += [rule_expectation(rule, schema) for rule in contract.rules if rule.scope is RuleScope.ROW]
    return _evaluated(parsed.frame, expectations)


def relations(
    contract: Contract, schema: Mapping[str, pl.DataType], referenced: Mapping[Reference, pl.DataFrame]
) -> list[list[Expectation]]:
    """The second and the third round, as expectations of rows that broke nothing before."""
    second = [uniqueness(column) for column in contract.columns if column.unique]
    second += [reference_expectation(reference, referenced[reference]) for reference in contract.references]
    second += [rule_expectation(rule, schema) for rule in contract.rules if rule.scope is RuleScope.ROWS]
    return [second, [_repeated(contract.key)] if contract.key else []]


def any_row(breaches: Sequence[Breach], height: int) -> pl.Series:
    """Which rows break anything that sets them aside; a mask of `height` rows."""
    hard = [breach.rows for breach in breaches if breach.severity is not Severity.WARN]
    if not hard:
        return pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True)
    broken = hard[0]
    for rows in hard[1:]:
        broken = broken | rows
    return broken.alias("broken")


def reference_expectation(reference: Reference, known: pl.DataFrame) -> Expectation:
    """That a row's values occur in another dataset.

    Args:
        reference: The reference.
        known: The distinct values that may occur, in columns of the table's names and types.
    """
    if len(reference.columns) == 1:
        value = pl.col(reference.columns[0])
        return Expectation(reference.reason, reference.severity, ~value.is_in(known.to_series().implode()))
    together = pl.struct(reference.columns)
    absent = ~together.is_in(known.select(together.alias("known")).to_series().implode())
    complete = pl.all_horizontal(pl.col(name).is_not_null() for name in reference.columns)
    return Expectation(reference.reason, reference.severity, complete & absent)


def _among(frame: pl.DataFrame, expectations: Sequence[Expectation], broken: pl.Series) -> list[Breach]:
    """What rows break that are not broken yet."""
    if not expectations:
        return []
    if not broken.any():
        return _evaluated(frame, expectations)
    good = (~broken).arg_true()
    named = {name for expectation in expectations for name in expectation.broken.meta.root_names()}
    rows = frame.select(sorted(named) or pl.first()).filter(~broken)
    none = pl.repeat(value=False, n=frame.height, dtype=pl.Boolean, eager=True)
    return [
        Breach(breach.reason, breach.severity, none.clone().scatter(good.filter(breach.rows), True))
        for breach in _evaluated(rows, expectations)
    ]


def _evaluated(frame: pl.DataFrame, expectations: Sequence[Expectation]) -> list[Breach]:
    if not expectations or frame.is_empty():
        return []
    named = [
        expectation.broken.fill_null(value=False).alias(str(number)) for number, expectation in enumerate(expectations)
    ]
    try:
        masks = frame.lazy().select(named).collect()
    except pl.exceptions.PolarsError as error:
        raise InvalidInputError(
            f"The contract's rules cannot be evaluated on this table: {short(error)}.",
            hint="Check the rules' expressions against the columns' types.",
        ) from error
    return [
        Breach(expectation.reason, expectation.severity, mask)
        for expectation, mask in zip(expectations, masks, strict=True)
        if mask.any()
    ]


def _repeated(key: Key) -> Expectation:
    together = pl.struct(key.columns) if len(key.columns) > 1 else pl.col(key.columns[0])
    repeated = together.is_duplicated() if key.keep is KeyPolicy.NONE else ~together.is_first_distinct()
    return Expectation(f"key ({', '.join(key.columns)}): repeats", key.severity, repeated)
