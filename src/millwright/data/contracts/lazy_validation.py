"""Validation of tables larger than memory: batch by batch, with the same outcome as `validate`.

The table is read twice at most. The first pass parses each batch, judges its rows by themselves and writes both parts
to files. What compares rows (unique values, references, rules across rows, the key) is then evaluated over the typed
files, holding only the columns that it names. The second pass fetches the raw values of rows that broke one of those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.breach import any_row, relations, row_breaches
from millwright.data.contracts.context import ValidationContext
from millwright.data.contracts.expectation import column_expectations, short
from millwright.data.contracts.finding import Finding, Unjudged
from millwright.data.contracts.parsing import parse_columns
from millwright.data.contracts.referenced import referenced_values
from millwright.data.contracts.rule import RuleScope
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.table_check import check_table
from millwright.data.contracts.validation import (
    REASONS_COLUMN,
    ROW_COLUMN,
    counted,
    refuse,
    refuse_quarantine,
    set_aside,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.data.contracts.contract import Contract
    from millwright.data.contracts.expectation import Expectation

_BATCH_ROWS = 250_000  # about 100 MB of 20 mixed columns with their masks
_NOTHING_ELSE = ValidationContext()
_VALID, _ASIDE, _LATER = "valid", "aside", "later"


@dataclass(frozen=True, slots=True)
class LazyValidation:
    """The outcome of checking a table that is not held in memory.

    Attributes:
        valid: The rows that hold, in the contract's types and their order in the table; over files in the folder that
            was given, which must stay until they have been read.
        quarantined: The rows that don't, as `Validation.quarantined` has them; likewise.
        rows: Number of all rows.
        quarantined_rows: Number of those that were set aside.
        reasons: Reason → number of rows that were set aside for it.
        findings: Everything that does not hold, whatever its severity.
        unjudged: As `Validation.unjudged` has it.
    """

    valid: pl.LazyFrame
    quarantined: pl.LazyFrame
    rows: int
    quarantined_rows: int
    reasons: Mapping[str, int]
    findings: tuple[Finding, ...]
    unjudged: tuple[Unjudged, ...] = ()

    def refuse_if_too_many(self, contract: Contract) -> None:
        """Refuse the table as a whole when it broke the contract by more than the contract allows.

        Raises:
            ContractViolationError: See `Validation.refuse_if_too_many`.
        """
        refuse(contract, self.findings, rows=self.rows, valid=self.rows - self.quarantined_rows)


def validate_lazy(
    table: pl.LazyFrame,
    contract: Contract,
    folder: Path,
    context: ValidationContext = _NOTHING_ELSE,
    *,
    batch_rows: int = _BATCH_ROWS,
) -> LazyValidation:
    """Parse a table to its contract's types and set aside the rows that break it, batch by batch.

    Args:
        table: A raw table, such as `pl.scan_csv` or a dataset's `scan()` gives it; read twice, in the same order.
        contract: What must hold.
        folder: An empty folder for the two parts, as Parquet files.
        context: The time, the former version and other datasets, for what asks for them.
        batch_rows: How many rows to hold at once.

    Raises:
        InvalidInputError: As `validate`; or the folder is not empty.
        NotFoundError: The contract looks into a dataset that does not exist.
    """
    schema = table.collect_schema()
    refuse_quarantine(schema.names())
    if any(folder.iterdir()):
        raise InvalidInputError(f"Expected an empty folder, found files in {folder}.", hint="Name another one.")
    counts: Counter[tuple[str, Severity]] = Counter()
    offset = 0
    for number, batch in enumerate(_batches(table, batch_rows)):
        _judge(batch, contract, folder, (number, offset), counts)
        offset += batch.height
    typed = pl.scan_parquet(folder / f"{_VALID}-*.parquet")
    types = {name: dtype for name, dtype in typed.collect_schema().items() if name != ROW_COLUMN}
    findings = _in_order(contract, types, counts)
    later = _Later(typed)
    for expectations in relations(contract, types, referenced_values(contract, types, context)):
        findings += later.judge(expectations)
    later.fetch(table, folder / f"{_LATER}.parquet")
    valid = typed.filter(~pl.col(ROW_COLUMN).is_in(later.rows.implode())).drop(ROW_COLUMN)
    aside = [pl.scan_parquet(path) for path in sorted(folder.glob(f"{_ASIDE}-*.parquet"))]
    if later.rows.len():
        aside.append(pl.scan_parquet(folder / f"{_LATER}.parquet"))
    quarantined = pl.concat(aside).sort(ROW_COLUMN)
    whole = check_table(contract, valid, offset, context)
    found = (*findings, *whole.findings)
    left = offset - int(valid.select(pl.len()).collect(engine="streaming").item())
    return LazyValidation(valid, quarantined, offset, left, counted(found), found, whole.unjudged)


def _batches(table: pl.LazyFrame, rows: int) -> Iterator[pl.DataFrame]:
    """The table in pieces; an empty one as a single piece without rows."""
    empty = True
    for batch in table.collect_batches(chunk_size=rows, maintain_order=True):
        if batch.height:
            empty = False
            yield batch
    if empty:
        yield pl.DataFrame(schema=table.collect_schema())


def _judge(
    batch: pl.DataFrame, contract: Contract, folder: Path, place: tuple[int, int], counts: Counter[tuple[str, Severity]]
) -> None:
    """The first round over one batch; its rows go to files in two parts."""
    number, offset = place
    parsed = parse_columns(batch, contract)
    breaches = row_breaches(parsed, contract)
    broken = any_row(breaches, batch.height)
    for breach in breaches:
        counts[breach.reason, breach.severity] += int(breach.rows.sum())
    numbered = parsed.frame.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW_COLUMN) + offset)
    numbered.filter(~broken).write_parquet(folder / f"{_VALID}-{number:06d}.parquet", compression="lz4")
    aside = set_aside(batch, breaches, broken, offset + 1)
    if aside.height or not number:
        aside.write_parquet(folder / f"{_ASIDE}-{number:06d}.parquet")


def _in_order(
    contract: Contract, types: Mapping[str, pl.DataType], counts: Counter[tuple[str, Severity]]
) -> list[Finding]:
    """What rows break by themselves, in the contract's order, whichever batch it was met in first."""
    some = pl.Series([False])
    reasons = [one.reason for column in contract.columns for one in column_expectations(column, types, some)]
    reasons += [rule.reason for rule in contract.rules if rule.scope is RuleScope.ROW]
    found = [Finding(reason=reason, severity=severity, rows=rows) for (reason, severity), rows in counts.items()]
    return sorted(found, key=lambda one: reasons.index(one.reason))


class _Later:
    """The second and third round, over the rows that are good by themselves.

    Args:
        typed: Those rows, with their numbers.
    """

    def __init__(self, typed: pl.LazyFrame) -> None:
        self._typed = typed
        self._reasons: dict[int, list[str]] = {}
        self.rows = pl.Series(ROW_COLUMN, [], dtype=pl.Int64)

    def judge(self, expectations: list[Expectation]) -> list[Finding]:
        """One round: every expectation among the rows that broke nothing in the rounds before."""
        good = self._typed.filter(~pl.col(ROW_COLUMN).is_in(self.rows.implode()))
        found = []
        broken = [self.rows]
        for expectation in expectations:
            mask = expectation.broken.fill_null(value=False).alias("broken")
            try:
                rows = good.select(ROW_COLUMN, mask).filter("broken").select(ROW_COLUMN).collect().to_series()
            except pl.exceptions.PolarsError as error:
                raise InvalidInputError(
                    f"The contract's rules cannot be evaluated on this table: {short(error)}.",
                    hint="Check the rules' expressions against the columns' types.",
                ) from error
            if rows.is_empty():
                continue
            found.append(Finding(reason=expectation.reason, severity=expectation.severity, rows=rows.len()))
            if expectation.severity is not Severity.WARN:
                broken.append(rows)
                for row in rows:
                    self._reasons.setdefault(row, []).append(expectation.reason)
        self.rows = pl.concat(broken).unique().sort()
        return found

    def fetch(self, table: pl.LazyFrame, path: Path) -> None:
        """Write the raw values of the broken rows, with their reasons."""
        if self.rows.is_empty():
            return
        numbers = pl.col(ROW_COLUMN)
        raw = table.with_row_index(ROW_COLUMN, offset=1).with_columns(numbers.cast(pl.Int64))
        rows = raw.filter(numbers.is_in(self.rows.implode())).collect(engine="streaming").sort(ROW_COLUMN)
        reasons = pl.Series(REASONS_COLUMN, [self._reasons[row] for row in rows[ROW_COLUMN]], dtype=pl.List(pl.String))
        rows.select(pl.exclude(ROW_COLUMN), reasons, numbers).write_parquet(path)
