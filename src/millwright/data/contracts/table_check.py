"""What is true of a table as a whole, judged over the rows that hold."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.column import TEXTUAL
from millwright.data.contracts.distance import kolmogorov_smirnov, population_stability
from millwright.data.contracts.expectation import rule_expectation, short
from millwright.data.contracts.finding import Finding, Unjudged
from millwright.data.contracts.referenced import reference_column
from millwright.data.contracts.rule import RuleScope
from millwright.data.contracts.table_expectation import AGAINST_REFERENCE, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from millwright.data.contracts.context import ValidationContext
    from millwright.data.contracts.contract import Contract
    from millwright.data.contracts.table_expectation import Distribution

_SHOWN_DIGITS = 4
_NO_FORMER = "there is no former version"


class TableCheck(NamedTuple):
    """What is told of a table as a whole.

    Attributes:
        findings: What does not hold.
        unjudged: What could not be judged.
    """

    findings: tuple[Finding, ...]
    unjudged: tuple[Unjudged, ...]


def check_table(contract: Contract, valid: pl.LazyFrame, rows: int, context: ValidationContext) -> TableCheck:
    """What does not hold of the table as a whole, and what cannot be told of it.

    Rules about the table, freshness and distributions are about the rows that hold, in their types; volume is about
    all rows. What is asked of the former version passes where there is none, and what is measured of a column where it
    has no values: both are told.

    Args:
        contract: What is expected.
        valid: The rows that hold.
        rows: Number of all rows.
        context: The time, the former version, other datasets.

    Raises:
        InvalidInputError: A rule cannot be evaluated, or a reference version cannot be looked up.
        NotFoundError: There is no such reference version.
    """
    schema = dict(valid.collect_schema())
    named = _aggregates(contract, schema)
    try:
        values = valid.select(named).collect(engine="streaming").row(0, named=True) if named else {}
    except pl.exceptions.PolarsError as error:
        raise InvalidInputError(
            f"What the contract '{contract.name}' says of the table as a whole cannot be evaluated: {short(error)}.",
            hint="Check the rules' expressions against the columns' types.",
        ) from error
    told = [
        *_broken_rules(contract, values),
        *_stale(contract, values, context),
        *_out_of_volume(contract, rows, context),
        *_spread(contract, valid, values, context),
    ]
    return TableCheck(
        findings=tuple(one for one in told if isinstance(one, Finding)),
        unjudged=tuple(one for one in told if isinstance(one, Unjudged)),
    )


def _aggregates(contract: Contract, schema: Mapping[str, pl.DataType]) -> list[pl.Expr]:
    """Everything that one pass over the valid rows can tell."""
    rules = [rule for rule in contract.rules if rule.scope is RuleScope.TABLE]
    return [
        *(rule_expectation(rule, schema).broken.alias(f"rule {number}") for number, rule in enumerate(rules)),
        *(pl.col(one.column).max().alias(f"fresh {number}") for number, one in enumerate(contract.freshness)),
        *(
            _measured(one, contract).alias(f"spread {number}")
            for number, one in enumerate(contract.distributions)
            if one.measure not in AGAINST_REFERENCE
        ),
    ]


def _measured(distribution: Distribution, contract: Contract) -> pl.Expr:
    value = pl.col(distribution.column)
    match distribution.measure:
        case Measure.MEAN:
            return value.mean()
        case Measure.STD:
            return value.std()
        case Measure.QUANTILE:
            return value.quantile(distribution.at or 0.0, "linear")
        case Measure.NULLS:
            return value.null_count() / pl.len()
        case Measure.DISTINCT:
            return value.drop_nulls().n_unique()
        case _:
            text = contract.by_name[distribution.column].type in TEXTUAL
            wanted: list[Any] = [str(one) if text else float(one) for one in distribution.values]
            of_type = value if text else value.cast(pl.Float64)
            return of_type.is_in(wanted).mean()


def _broken_rules(contract: Contract, values: Mapping[str, Any]) -> Iterator[Finding]:
    rules = [rule for rule in contract.rules if rule.scope is RuleScope.TABLE]
    for number, rule in enumerate(rules):
        if values[f"rule {number}"]:
            yield Finding(reason=rule.reason, severity=rule.severity, found="not so")


def _stale(contract: Contract, values: Mapping[str, Any], context: ValidationContext) -> Iterator[Finding]:
    for number, freshness in enumerate(contract.freshness):
        newest = values[f"fresh {number}"]
        if newest is None:
            yield Finding(reason=freshness.reason, severity=freshness.severity, found="no values")
            continue
        if not isinstance(newest, datetime):
            newest = datetime(newest.year, newest.month, newest.day, tzinfo=UTC)
        moment = newest if newest.tzinfo else newest.replace(tzinfo=UTC)
        if context.moment - moment > freshness.max_age:
            shown = moment.isoformat(sep=" ", timespec="seconds")
            yield Finding(reason=freshness.reason, severity=freshness.severity, found=f"newest is {shown}")


def _out_of_volume(contract: Contract, rows: int, context: ValidationContext) -> Iterator[Finding | Unjudged]:
    volume = contract.volume
    if volume is None:
        return
    if volume.min_rows is not None and rows < volume.min_rows:
        reason = f"volume: fewer than {volume.min_rows:,} rows"
        yield Finding(reason=reason, severity=volume.severity, found=f"{rows:,}")
    if volume.max_rows is not None and rows > volume.max_rows:
        reason = f"volume: more than {volume.max_rows:,} rows"
        yield Finding(reason=reason, severity=volume.severity, found=f"{rows:,}")
    if volume.max_change is None:
        return
    reason = f"volume: changed by more than {volume.max_change:.4g} of the former version"
    before = 0 if context.former is None else int(context.former.select(pl.len()).collect().item())
    if not before:
        yield Unjudged(what=reason, why=_NO_FORMER if context.former is None else "the former version has no rows")
    elif abs(rows - before) > volume.max_change * before:
        found = f"{(rows - before) / before:+.1%}, {before:,} to {rows:,}"
        yield Finding(reason=reason, severity=volume.severity, found=found)


def _spread(
    contract: Contract, valid: pl.LazyFrame, values: Mapping[str, Any], context: ValidationContext
) -> Iterator[Finding | Unjudged]:
    for number, one in enumerate(contract.distributions):
        if one.measure in AGAINST_REFERENCE:
            found = _distance(one, contract, valid, context)
        else:
            found = values[f"spread {number}"]
        if found is None or isinstance(found, str) or math.isnan(found):
            yield Unjudged(what=one.what, why=found if isinstance(found, str) else "there are no values")
            continue
        for bound, word, broken in (
            (one.minimum, "below", one.minimum is not None and found < one.minimum),
            (one.maximum, "above", one.maximum is not None and found > one.maximum),
        ):
            if broken:
                yield Finding(reason=f"{one.what}: {word} {bound}", severity=one.severity, found=_short(found))


def _distance(one: Distribution, contract: Contract, valid: pl.LazyFrame, context: ValidationContext) -> float | str:
    """How far the column is from the reference version; in words, why that cannot be told."""
    rows = context.rows_of(one.reference, needed_by=one.what) if one.reference else context.former
    if rows is None:
        return _NO_FORMER
    origin = one.reference or "the former version"
    before = reference_column(contract, rows, one.column, origin)
    now = valid.select(one.column).collect(engine="streaming").to_series()
    if before.null_count() == before.len():
        return f"there are no values in {origin}"
    return (kolmogorov_smirnov if one.measure is Measure.KS else population_stability)(before, now)


def _short(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.{_SHOWN_DIGITS}g}"
