"""Contracts on Spark: the same outcome as in memory, for tables beyond one machine.

What a row says by itself is judged by the very code that judges tables in memory, on batches (Spark's `mapInArrow`).
What it says beside others (unique values, references, rules across rows, the key) becomes windows and joins of Spark.
What is true of the table as a whole is judged over the files of the rows that hold.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, cast

import polars as pl

from millwright.core.errors import InvalidInputError, MissingExtraError
from millwright.data.contracts.breach import row_breaches
from millwright.data.contracts.context import ValidationContext
from millwright.data.contracts.expectation import column_expectations, rule_expectation
from millwright.data.contracts.finding import Finding
from millwright.data.contracts.lazy_validation import LazyValidation
from millwright.data.contracts.parsing import parse_columns
from millwright.data.contracts.referenced import referenced_values
from millwright.data.contracts.row_check import WARNINGS_COLUMN, row_checks
from millwright.data.contracts.rule import RuleScope
from millwright.data.contracts.table_check import check_table
from millwright.data.contracts.validation import REASONS_COLUMN, ROW_COLUMN, counted, refuse_quarantine
from millwright.data.engines.engine import EngineOptions
from millwright.data.engines.input_table import Input, input_tables
from millwright.data.engines.scratch import ROWS_PER_FILE, scratch_folder
from millwright.data.engines.spark_engine import spark_schema, spark_table
from millwright.data.engines.spark_relation import PLACE, judge_relations, quoted, without
from millwright.data.engines.spark_session import session

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa
    from pyspark.sql import DataFrame

    from millwright.data.contracts.contract import Contract

_DEFAULTS = EngineOptions()
_NOTHING_ELSE = ValidationContext()
_TEXTS = pl.List(pl.String())


def validate_on_spark(
    table: Input,
    contract: Contract,
    folder: Path,
    context: ValidationContext = _NOTHING_ELSE,
    *,
    options: EngineOptions = _DEFAULTS,
) -> LazyValidation:
    """Parse a table to its contract's types and set aside the rows that break it, on Spark.

    Rules across rows are evaluated by Spark's SQL, so they have to be in the part of SQL that engines share. The places
    and reasons of rows that are set aside pass through this process.

    Args:
        table: A raw table: a version of a dataset, or a frame.
        contract: What must hold.
        folder: An empty folder for the two parts, as Parquet files; a cluster has to reach it.
        context: The time, the former version and other datasets, for what asks for them.
        options: Where Spark runs.

    Returns:
        As `validate_lazy`: rows in the order of the table, findings in the contract's.

    Raises:
        InvalidInputError: As `validate`; or the folder is not empty, or Spark has no type for a column.
        NotFoundError: The contract looks into a dataset that does not exist.
        MissingExtraError: PySpark is not installed.
    """
    source = input_tables({"raw": table})["raw"]
    refuse_quarantine(source.schema.names())
    if any(folder.iterdir()):
        raise InvalidInputError(f"Expected an empty folder, found files in {folder}.", hint="Name another one.")
    empty = parse_columns(pl.DataFrame(schema=source.schema), contract)
    row_breaches(empty, contract)  # finds rules that do not fit the columns, before anything starts
    types = dict(empty.frame.schema)
    referenced = referenced_values(contract, types, context)
    spark = session(options)
    with scratch_folder(options.scratch) as scratch:
        raw = spark_table(spark, "raw", source, scratch, place=PLACE, portable=False)
        judged = _judged(raw, contract, types).persist()
        try:
            firsts, rows = _first_rows(judged)
            good = judged.filter(f"size({REASONS_COLUMN}) = 0").drop(REASONS_COLUMN, WARNINGS_COLUMN)
            more, broken = judge_relations(good, contract, types, referenced)
            findings = [*_by_themselves(judged, contract, types), *more]
            aside = pl.concat([_set_aside(judged), broken])
            _write(without(good, broken[PLACE]).orderBy(PLACE).drop(PLACE), folder / "valid")
            _write(_with_reasons(raw, aside, firsts), folder / "aside")
        finally:
            judged.unpersist()
    valid = _scan(folder / "valid", types)
    quarantined = _scan(folder / "aside", {**source.schema, REASONS_COLUMN: _TEXTS, ROW_COLUMN: pl.Int64()})
    whole = check_table(contract, valid, rows, context)
    findings += whole.findings
    return LazyValidation(valid, quarantined, rows, aside.height, counted(findings), tuple(findings), whole.unjudged)


class BatchJudge:
    """The first round, as Spark's workers call it: with the batches of one partition.

    Args:
        contract: What must hold.
        schema: The columns that it gives back: those of the contract, `_reasons`, `_warnings` and `PLACE`.
    """

    def __init__(self, contract: Contract, schema: pa.Schema) -> None:
        self._contract = contract
        self._checks = row_checks(contract)
        self._schema = schema

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Each row in the contract's types, with its reasons, warnings and place."""
        import pyarrow as pa

        for batch in batches:
            numbered = pl.DataFrame(pa.Table.from_batches([batch]))
            rows = numbered.drop(PLACE)
            said = self._checks(rows).select(REASONS_COLUMN, WARNINGS_COLUMN)
            typed = parse_columns(rows, self._contract).frame
            done = pl.DataFrame([*typed, *said, numbered[PLACE]])
            yield from done.to_arrow().cast(self._schema).to_batches()


def _judged(raw: DataFrame, contract: Contract, types: Mapping[str, pl.DataType]) -> DataFrame:
    from pyspark.sql.pandas.types import to_arrow_schema
    from pyspark.sql.types import StructType

    ddl = spark_schema({**types, REASONS_COLUMN: _TEXTS, WARNINGS_COLUMN: _TEXTS, PLACE: pl.Int64()})
    schema = to_arrow_schema(cast("StructType", StructType.fromDDL(ddl)), timezone="UTC")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # it warns of pandas 3, which these batches never meet
        try:
            return raw.mapInArrow(BatchJudge(contract, schema), ddl)
        except ImportError as error:
            raise MissingExtraError("pandas (PySpark asks for it)", "spark") from error


def _first_rows(judged: DataFrame) -> tuple[pl.DataFrame, int]:
    """Per file its first row's number, from 1; and the number of all rows."""
    counts = judged.selectExpr(f"{PLACE} div {ROWS_PER_FILE} AS file").groupBy("file").count()
    files = pl.DataFrame(counts.toArrow()).sort("file")
    first = files.select(pl.col("file"), (pl.col("count").cum_sum() - pl.col("count") + 1).alias("first"))
    return first, int(files["count"].sum())


def _by_themselves(judged: DataFrame, contract: Contract, types: Mapping[str, pl.DataType]) -> list[Finding]:
    """What rows break by themselves, in the contract's order."""
    said = judged.selectExpr(f"explode(concat({REASONS_COLUMN}, {WARNINGS_COLUMN})) AS reason")
    counts = dict(pl.DataFrame(said.groupBy("reason").count().toArrow()).iter_rows())
    some = pl.Series([False])
    expectations = [one for column in contract.columns for one in column_expectations(column, types, some)]
    expectations += [rule_expectation(rule, types) for rule in contract.rules if rule.scope is RuleScope.ROW]
    severities = {one.reason: one.severity for one in expectations}
    return [
        Finding(reason=reason, severity=severity, rows=int(counts[reason]))
        for reason, severity in severities.items()
        if reason in counts
    ]


def _set_aside(judged: DataFrame) -> pl.DataFrame:
    """The rows that break something by themselves: their places and reasons."""
    rows = judged.filter(f"size({REASONS_COLUMN}) > 0").select(PLACE, REASONS_COLUMN).toArrow()
    return pl.DataFrame(rows).cast({PLACE: pl.Int64(), REASONS_COLUMN: _TEXTS})


def _with_reasons(raw: DataFrame, aside: pl.DataFrame, firsts: pl.DataFrame) -> DataFrame:
    """The raw values of rows that are set aside, with their reasons and numbers, in order."""
    from pyspark.sql import functions

    file, row = pl.col(PLACE) // ROWS_PER_FILE, pl.col(PLACE) % ROWS_PER_FILE
    numbered = aside.with_columns(file.alias("file"), row.alias("row")).join(firsts, on="file", how="left")
    said = numbered.select(PLACE, REASONS_COLUMN, (pl.col("first") + pl.col("row")).cast(pl.Int64).alias(ROW_COLUMN))
    known = raw.sparkSession.createDataFrame(said.to_arrow(), spark_schema(dict(said.schema)))
    kept = [functions.col(quoted(name)) for name in raw.columns if name != PLACE]
    joined = raw.join(functions.broadcast(known), PLACE)
    return joined.orderBy(PLACE).select(*kept, REASONS_COLUMN, ROW_COLUMN)


def _write(rows: DataFrame, folder: Path) -> None:
    rows.write.option("compression", "zstd").parquet(folder.resolve().as_uri())


def _scan(folder: Path, types: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    """What Spark wrote, in its order."""
    files = sorted(folder.glob("*.parquet"))
    rows = pl.scan_parquet(files, glob=False, hive_partitioning=False)
    return rows.select(pl.col(name).cast(dtype) for name, dtype in types.items())
