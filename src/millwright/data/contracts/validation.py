"""Validation: a table's rows split into those that hold and those that are set aside, with the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import ContractViolationError, InvalidInputError
from millwright.data.contracts.breach import any_row, find_breaches
from millwright.data.contracts.parsing import parse_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.data.contracts.breach import Breach
    from millwright.data.contracts.contract import Contract

REASONS_COLUMN = "_reasons"
ROW_COLUMN = "_row"
_SHOWN_REASONS = 5


@dataclass(frozen=True, slots=True)
class Validation:
    """The outcome of checking a table against a contract.

    Attributes:
        valid: The rows that hold, in the contract's types and their order in the table.
        quarantined: The rows that don't, with the values that the table had, and two columns more: `_reasons` (List of
            String) and `_row` (their number in the table, from 1).
        reasons: Reason → number of rows; a row may have several.
    """

    valid: pl.DataFrame
    quarantined: pl.DataFrame
    reasons: Mapping[str, int]

    def refuse_if_too_many(self, contract: Contract) -> None:
        """Refuse the table as a whole when it broke the contract by more than the contract allows.

        Raises:
            ContractViolationError: More than the allowed share of rows was set aside, no row is left, or there are
                fewer rows than the contract asks for. The message counts the reasons.
        """
        rows = self.valid.height + self.quarantined.height
        if rows < contract.min_rows:
            raise ContractViolationError(
                f"The contract '{contract.name}' expects at least {contract.min_rows:,} rows, found {rows:,}.",
                hint="Is the table complete? Else lower min_rows in the contract.",
                details={"rows": rows, "min_rows": contract.min_rows},
            )
        share = self.quarantined.height / rows if rows else 0.0
        if share <= contract.max_quarantined and (self.valid.height or not rows):
            return
        raise ContractViolationError(
            f"{self.quarantined.height:,} of {rows:,} rows ({share:.1%}) break the contract '{contract.name}', "
            f"which allows {contract.max_quarantined:.1%}: {self._counted()}.",
            hint="Look at the rows set aside; then mend the data, or the contract where it asks too much.",
            details={"rows": rows, "quarantined": self.quarantined.height, "reasons": dict(self.reasons)},
        )

    def _counted(self) -> str:
        ordered = sorted(self.reasons.items(), key=lambda item: (-item[1], item[0]))
        shown = "; ".join(f"{reason} ({count:,})" for reason, count in ordered[:_SHOWN_REASONS])
        left = len(ordered) - _SHOWN_REASONS
        return f"{shown}; and {left} more reasons" if left > 0 else shown


def validate(frame: pl.DataFrame, contract: Contract) -> Validation:
    """Parse a table to its contract's types and set aside the rows that break it.

    Args:
        frame: A raw table: text columns as a CSV file gives them, typed ones, or both; may be without rows.
        contract: What must hold.

    Returns:
        All rows, each in one of the two parts. Whether too many are set aside is not judged here, so that they can be
        kept first; see `Validation.refuse_if_too_many`.

    Raises:
        InvalidInputError: The table lacks a required column, has one that the contract refuses, or a rule cannot be
            evaluated on it.
    """
    taken = [name for name in (REASONS_COLUMN, ROW_COLUMN) if name in frame.columns]
    if taken:
        raise InvalidInputError(
            f"The table has a column '{taken[0]}', which is where the reasons for a quarantine go.",
            hint="Rename it; or is this a quarantine already?",
        )
    parsed = parse_columns(frame, contract)
    breaches = find_breaches(parsed, contract)
    if not breaches:
        return Validation(parsed.frame, _quarantined(frame.clear(), [], pl.Series(dtype=pl.Boolean)), {})
    broken = any_row(breaches, frame.height)
    return Validation(
        parsed.frame.filter(~broken),
        _quarantined(frame, breaches, broken),
        {breach.reason: int(breach.rows.sum()) for breach in breaches},
    )


def _quarantined(frame: pl.DataFrame, breaches: Sequence[Breach], broken: pl.Series) -> pl.DataFrame:
    masks = pl.DataFrame([breach.rows.alias(str(number)) for number, breach in enumerate(breaches)]).filter(broken)
    reasons = [pl.when(pl.col(str(number))).then(pl.lit(breach.reason)) for number, breach in enumerate(breaches)]
    listed = (
        masks.select(pl.concat_list(reasons).list.drop_nulls().alias(REASONS_COLUMN))[REASONS_COLUMN]
        if breaches
        else pl.Series(REASONS_COLUMN, [], dtype=pl.List(pl.String))
    )
    rows = pl.int_range(1, frame.height + 1, eager=True).filter(broken).alias(ROW_COLUMN)
    return frame.filter(broken).with_columns(listed, rows)
