"""The part of a contract that is about single rows, as a function of batches: for engines that hand out batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from millwright.data.contracts.breach import any_row, row_breaches
from millwright.data.contracts.contract import Contract
from millwright.data.contracts.parsing import parse_columns
from millwright.data.contracts.rule import RuleScope
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.validation import REASONS_COLUMN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from millwright.data.contracts.breach import Breach

WARNINGS_COLUMN = "_warnings"


@dataclass(frozen=True, slots=True)
class RowChecks:
    r"""Judges batches of a table row by row; can be pickled, and keeps nothing between batches.

    Attributes:
        contract: What must hold; only `row_part` of it is looked at.

    Example:
        >>> from millwright.data.contracts.document import parse_contract
        >>> checks = row_checks(parse_contract("name: t\ncolumns: {a: {type: integer, min: 0}}"))
        >>> checks(pl.DataFrame({"a": ["1", "-1", "x"]}))["_reasons"].to_list()
        [[], ['a: below 0'], ['a: not a whole number']]
    """

    contract: Contract

    def __call__(self, batch: pl.DataFrame) -> pl.DataFrame:
        """The batch as it came, with the columns `_reasons` and `_warnings`.

        Both are List(String), empty for a row that holds; a row with reasons is to be set aside.

        Raises:
            InvalidInputError: The batch lacks a required column, has one that the contract refuses, or a rule cannot
                be evaluated on it.
        """
        breaches = row_breaches(parse_columns(batch, self.contract), self.contract)
        warnings = [each for each in breaches if each.severity is Severity.WARN]
        hard = [each for each in breaches if each.severity is not Severity.WARN]
        return batch.with_columns(
            _listed(hard, batch.height).alias(REASONS_COLUMN), _listed(warnings, batch.height).alias(WARNINGS_COLUMN)
        )

    def valid(self, batch: pl.DataFrame) -> pl.DataFrame:
        """The rows of the batch that hold, in the contract's types; the same columns for every batch.

        Raises:
            InvalidInputError: As for a call.
        """
        parsed = parse_columns(batch, self.contract)
        return parsed.frame.filter(~any_row(row_breaches(parsed, self.contract), batch.height))


def row_checks(contract: Contract) -> RowChecks:
    """What of a contract can be judged row by row, as a function of batches.

    Args:
        contract: What must hold. What compares rows or looks at the table as a whole is not judged, see `left_out`.
    """
    return RowChecks(contract.row_part())


def left_out(contract: Contract) -> list[str]:
    """What `row_checks` does not judge, for people; empty when it judges everything."""
    return [*_comparing(contract), *_of_the_table(contract)]


def _comparing(contract: Contract) -> Iterator[str]:
    yield from (f"{column.name}: unique" for column in contract.columns if column.unique)
    yield from (f"rule {rule.name}" for rule in contract.rules if rule.scope is not RuleScope.ROW)
    yield from (f"reference to {reference.dataset}" for reference in contract.references)
    if contract.key is not None:
        yield f"key ({', '.join(contract.key.columns)})"


def _of_the_table(contract: Contract) -> Iterator[str]:
    yield from (f"freshness of {freshness.column}" for freshness in contract.freshness)
    yield from (distribution.what for distribution in contract.distributions)
    if contract.volume is not None:
        yield "volume"


def _listed(breaches: Sequence[Breach], height: int) -> pl.Series:
    """The reasons of each row; lists without entries for rows that have none."""
    if not breaches:
        return pl.repeat([], height, dtype=pl.List(pl.String), eager=True)
    masks = pl.DataFrame([breach.rows.alias(str(number)) for number, breach in enumerate(breaches)])
    reasons = [pl.when(pl.col(str(number))).then(pl.lit(breach.reason)) for number, breach in enumerate(breaches)]
    return masks.select(pl.concat_list(reasons).list.drop_nulls()).to_series()
