"""Validation: a table's rows split into those that hold and those that are set aside, with the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import ContractViolationError, InvalidInputError
from millwright.data.contracts.breach import any_row, find_breaches
from millwright.data.contracts.context import ValidationContext
from millwright.data.contracts.finding import Finding, Unjudged
from millwright.data.contracts.parsing import parse_columns
from millwright.data.contracts.referenced import referenced_values
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.table_check import check_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.data.contracts.breach import Breach
    from millwright.data.contracts.contract import Contract

REASONS_COLUMN = "_reasons"
ROW_COLUMN = "_row"
_SHOWN_REASONS = 5
_NOTHING_ELSE = ValidationContext()


@dataclass(frozen=True, slots=True)
class Validation:
    """The outcome of checking a table against a contract.

    Attributes:
        valid: The rows that hold, in the contract's types and their order in the table.
        quarantined: The rows that don't, with the values that the table had, and two columns more: `_reasons` (List of
            String) and `_row` (their number in the table, from 1).
        reasons: Reason → number of rows that were set aside for it; a row may have several.
        findings: Everything that does not hold, whatever its severity: first by rows, then of the table as a whole.
        unjudged: What is expected of the table as a whole and could not be judged, such as a distance from the former
            version where there is none; it passes.
    """

    valid: pl.DataFrame
    quarantined: pl.DataFrame
    reasons: Mapping[str, int]
    findings: tuple[Finding, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()

    def refuse_if_too_many(self, contract: Contract) -> None:
        """Refuse the table as a whole when it broke the contract by more than the contract allows.

        Raises:
            ContractViolationError: Something is broken whose severity is `stop`, more than the allowed share of rows
                was set aside, no row is left, or there are fewer rows than the contract asks for. The message counts
                the reasons.
        """
        refuse(contract, self.findings, rows=self.valid.height + self.quarantined.height, valid=self.valid.height)


def validate(frame: pl.DataFrame, contract: Contract, context: ValidationContext = _NOTHING_ELSE) -> Validation:
    """Parse a table to its contract's types and set aside the rows that break it.

    Args:
        frame: A raw table: text columns as a CSV file gives them, typed ones, or both; may be without rows.
        contract: What must hold.
        context: The time, the former version and other datasets, for what asks for them.

    Returns:
        All rows, each in one of the two parts. Whether too many are set aside is not judged here, so that they can be
        kept first; see `Validation.refuse_if_too_many`.

    Raises:
        InvalidInputError: The table lacks a required column, has one that the contract refuses, a rule cannot be
            evaluated on it, or the contract looks into a dataset that the context cannot give.
        NotFoundError: The contract looks into a dataset that does not exist.
    """
    refuse_quarantine(frame.columns)
    parsed = parse_columns(frame, contract)
    breaches = find_breaches(parsed, contract, referenced_values(contract, parsed.frame.schema, context))
    broken = any_row(breaches, frame.height)
    kept = parsed.frame if not broken.any() else parsed.frame.filter(~broken)
    whole = check_table(contract, kept.lazy(), frame.height, context)
    findings = (
        *(Finding(reason=each.reason, severity=each.severity, rows=int(each.rows.sum())) for each in breaches),
        *whole.findings,
    )
    return Validation(kept, set_aside(frame, breaches, broken), counted(findings), findings, whole.unjudged)


def refuse(contract: Contract, findings: Sequence[Finding], *, rows: int, valid: int) -> None:
    """Refuse a table that broke its contract by more than the contract allows.

    Args:
        contract: What must hold.
        findings: What does not.
        rows: Number of all rows.
        valid: Number of those that hold.

    Raises:
        ContractViolationError: See `Validation.refuse_if_too_many`.
    """
    if rows < contract.min_rows:
        raise ContractViolationError(
            f"The contract '{contract.name}' expects at least {contract.min_rows:,} rows, found {rows:,}.",
            hint="Is the table complete? Else lower min_rows in the contract.",
            details={"rows": rows, "min_rows": contract.min_rows},
        )
    stopping = [finding for finding in findings if finding.severity is Severity.STOP]
    details = {"rows": rows, "quarantined": rows - valid, "reasons": dict(counted(findings))}
    if stopping:
        raise ContractViolationError(
            f"The table breaks what the contract '{contract.name}' does not let pass: {_listed(stopping)}.",
            hint="Mend the data, or lower the severity in the contract where it asks too much.",
            details={**details, "findings": [finding.as_dict() for finding in findings]},
        )
    share = (rows - valid) / rows if rows else 0.0
    if share <= contract.max_quarantined and (valid or not rows):
        return
    setting_aside = [one for one in findings if one.severity is not Severity.WARN and one.rows is not None]
    raise ContractViolationError(
        f"{rows - valid:,} of {rows:,} rows ({share:.1%}) break the contract '{contract.name}', "
        f"which allows {contract.max_quarantined:.1%}: {_listed(setting_aside)}.",
        hint="Look at the rows set aside; then mend the data, or the contract where it asks too much.",
        details=details,
    )


def refuse_quarantine(columns: Sequence[str]) -> None:
    """Refuse a table that has the columns of a quarantine.

    Raises:
        InvalidInputError: It has one.
    """
    taken = [name for name in (REASONS_COLUMN, ROW_COLUMN) if name in columns]
    if taken:
        raise InvalidInputError(
            f"The table has a column '{taken[0]}', which is where the reasons for a quarantine go.",
            hint="Rename it; or is this a quarantine already?",
        )


def counted(findings: Sequence[Finding]) -> dict[str, int]:
    """Reason → number of rows that are set aside for it."""
    return {one.reason: one.rows for one in findings if one.rows is not None and one.severity is not Severity.WARN}


def set_aside(frame: pl.DataFrame, breaches: Sequence[Breach], broken: pl.Series, first_row: int = 1) -> pl.DataFrame:
    """The broken rows as they came, with their reasons and numbers.

    Args:
        frame: The raw table.
        breaches: What its rows break; warnings are no reasons.
        broken: Which rows are set aside.
        first_row: The number of the table's first row.
    """
    hard = [breach for breach in breaches if breach.severity is not Severity.WARN]
    rows = broken.arg_true()
    if not hard or rows.is_empty():
        none = (pl.lit(None, pl.List(pl.String)).alias(REASONS_COLUMN), pl.lit(None, pl.Int64).alias(ROW_COLUMN))
        return frame.clear().with_columns(none)
    masks = pl.DataFrame([breach.rows.gather(rows).alias(str(number)) for number, breach in enumerate(hard)])
    reasons = [pl.when(pl.col(str(number))).then(pl.lit(breach.reason)) for number, breach in enumerate(hard)]
    listed = masks.select(pl.concat_list(reasons).list.drop_nulls().alias(REASONS_COLUMN)).to_series()
    return frame[rows].with_columns(listed, (rows.cast(pl.Int64) + first_row).alias(ROW_COLUMN))


def _listed(findings: Sequence[Finding]) -> str:
    ordered = sorted(findings, key=lambda one: (-(one.rows or 0), one.reason))
    shown = "; ".join(map(str, ordered[:_SHOWN_REASONS]))
    left = len(ordered) - _SHOWN_REASONS
    return f"{shown}; and {left} more reasons" if left > 0 else shown
