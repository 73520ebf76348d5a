"""What a contract says of rows beside others, as windows and joins of Spark."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.data.contracts.contract import KeyPolicy
from millwright.data.contracts.expectation import rule_expectation, uniqueness
from millwright.data.contracts.finding import Finding
from millwright.data.contracts.rule import RuleScope
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.validation import REASONS_COLUMN
from millwright.data.engines.definition import Transformation
from millwright.data.engines.engine import EngineName
from millwright.data.engines.failure import failures
from millwright.data.engines.sql_text import query_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyspark.sql import Column, DataFrame

    from millwright.data.contracts.contract import Contract
    from millwright.data.contracts.reference import Reference

PLACE = "__millwright_place"
_KNOWN = "__millwright_known_{}"


@dataclass(frozen=True, slots=True)
class Relation:
    """What must not be true of a row beside others.

    Attributes:
        reason: What is said of a row that breaks it.
        severity: What such a row does.
        broken: A Spark column: whether a row breaks it; null: it does not.
    """

    reason: str
    severity: Severity
    broken: Any


def judge_relations(
    good: DataFrame,
    contract: Contract,
    types: Mapping[str, pl.DataType],
    referenced: Mapping[Reference, pl.DataFrame],
) -> tuple[list[Finding], pl.DataFrame]:
    """The rounds in which rows are compared, each among the rows that broke nothing before.

    Args:
        good: The rows that are good by themselves, in the contract's types, with their `PLACE`.
        contract: What must hold.
        types: The columns' types.
        referenced: The values that references allow.

    Returns:
        The findings in the contract's order; and the broken rows: `PLACE` and `_reasons`.

    Raises:
        InvalidInputError: Spark cannot evaluate a rule.
    """
    from pyspark.sql import functions

    broken = pl.DataFrame(schema={PLACE: pl.Int64(), REASONS_COLUMN: pl.List(pl.String())})
    joined, second = good, []
    for column in contract.columns:
        if column.unique:
            what = uniqueness(column)
            is_there = functions.col(quoted(column.name)).isNotNull()
            second.append(Relation(what.reason, what.severity, is_there & _repeats((column.name,), KeyPolicy.FIRST)))
    for number, (reference, values) in enumerate(referenced.items()):
        mark = _KNOWN.format(number)
        joined = _with_known(joined, reference, values, mark)
        complete = [functions.col(quoted(name)).isNotNull() for name in reference.columns]
        absent = functions.col(mark).isNull()
        second.append(Relation(reference.reason, reference.severity, reduce(_both, complete, absent)))
    for rule in contract.rules:
        if rule.scope is RuleScope.ROWS:
            what = rule_expectation(rule, types)
            text = query_text(f"SELECT {rule.expression}").removeprefix("SELECT ")
            second.append(Relation(what.reason, what.severity, functions.expr(f"NOT COALESCE({text}, true)")))
    found, broken = _round(joined, second, broken)
    if contract.key is None:
        return found, broken
    reason = f"key ({', '.join(contract.key.columns)}): repeats"
    third = [Relation(reason, contract.key.severity, _repeats(contract.key.columns, contract.key.keep))]
    rest = without(good, broken[PLACE])
    more, broken = _round(rest, third, broken)
    return [*found, *more], broken


def without(rows: DataFrame, places: pl.Series) -> DataFrame:
    """Rows without those of some places.

    Args:
        rows: With their `PLACE`.
        places: Int64; few enough to be sent to every worker.
    """
    if places.is_empty():
        return rows
    from pyspark.sql import functions

    known = rows.sparkSession.createDataFrame(pl.DataFrame({PLACE: places}).to_arrow())
    return rows.join(functions.broadcast(known), PLACE, "left_anti")


def quoted(name: str) -> str:
    """A column's name as Spark's functions take it."""
    return "`" + name.replace("`", "``") + "`"


def _round(rows: DataFrame, relations: Sequence[Relation], broken: pl.DataFrame) -> tuple[list[Finding], pl.DataFrame]:
    """One round; the findings, and the rows broken so far."""
    from pyspark.errors import PySparkException
    from pyspark.sql import functions

    if not relations:
        return [], broken
    names = [f"__millwright_{number}" for number in range(len(relations))]
    code = Transformation("; ".join(relation.reason for relation in relations))
    with failures(EngineName.SPARK, code, (PySparkException,)):
        marks = rows.select(
            PLACE,
            *(
                functions.coalesce(relation.broken, functions.lit(False)).alias(name)
                for name, relation in zip(names, relations, strict=True)
            ),
        )
        some = reduce(lambda one, other: one | other, [functions.col(name) for name in names])
        masks = pl.DataFrame(marks.filter(some).toArrow())
    findings = [
        Finding(reason=relation.reason, severity=relation.severity, rows=int(masks[name].sum()))
        for name, relation in zip(names, relations, strict=True)
        if masks[name].any()
    ]
    hard = [(n, relation.reason) for n, relation in zip(names, relations, strict=True) if _sets_aside(relation)]
    if not hard:
        return findings, broken
    reasons = pl.concat_list([pl.when(pl.col(name)).then(pl.lit(reason)) for name, reason in hard]).list.drop_nulls()
    added = masks.select(pl.col(PLACE), reasons.alias(REASONS_COLUMN)).filter(pl.col(REASONS_COLUMN).list.len() > 0)
    return findings, pl.concat([broken, added])


def _sets_aside(relation: Relation) -> bool:
    return relation.severity is not Severity.WARN


def _both(one: Column, other: Column) -> Column:
    return one & other


def _repeats(columns: Sequence[str], keep: KeyPolicy) -> Column:
    """Whether the values of some columns together were there before, or are there again; null equals null."""
    from pyspark.sql import Window, functions

    same = Window.partitionBy([functions.col(quoted(name)) for name in columns])
    if keep is KeyPolicy.NONE:
        return functions.count(functions.lit(1)).over(same) > 1
    return functions.row_number().over(same.orderBy(PLACE)) > 1


def _with_known(rows: DataFrame, reference: Reference, values: pl.DataFrame, mark: str) -> DataFrame:
    """Rows with a mark where a reference's values are known."""
    from pyspark.sql import functions

    names = [f"{mark}_{number}" for number in range(len(reference.columns))]
    renamed = values.select(pl.col(here).alias(name) for here, name in zip(reference.columns, names, strict=True))
    known = rows.sparkSession.createDataFrame(renamed.to_arrow()).withColumn(mark, functions.lit(True))
    same = [
        functions.col(quoted(here)) == functions.col(name) for here, name in zip(reference.columns, names, strict=True)
    ]
    return rows.join(known, reduce(_both, same), "left").drop(*names)
