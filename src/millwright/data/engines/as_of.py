"""The point-in-time join out of core: for each wanted row, what was known of its entity at its moment, nothing later.

For a row at time t the answer is the view row of the same keys with the greatest (timestamp, created, place), among
those with timestamp ≤ t, created ≤ t (where rows say when they were recorded) and t - timestamp ≤ ttl: the same as in
memory (`data.features`), computed where the rows are.

How, with one query for DuckDB and Spark: view rows are ranked per entity by (timestamp, created, place). A row can be
used from the later of timestamp and created on. View rows (at that moment) and wanted rows (at theirs) are put in one
order; at a wanted row, the greatest rank so far is the answer. That is two sorts and a running maximum per entity,
however many rows an entity has; a join with a filter would compare all with all. The ttl needs no part in the search:
the answer has the greatest timestamp, so when it is too old, all are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.data.engines.choice import engine_named
from millwright.data.engines.definition import Transformation
from millwright.data.engines.duckdb_engine import add_view, connected, quoted
from millwright.data.engines.engine import EngineName, EngineOptions
from millwright.data.engines.failure import failures
from millwright.data.engines.input_table import Input, InputTable, input_tables
from millwright.data.engines.portable_form import portable_schema, to_portable_form
from millwright.data.engines.scratch import scratch_folder
from millwright.data.engines.spark_engine import spark_table
from millwright.data.engines.spark_session import session

if TYPE_CHECKING:
    from pathlib import Path

_DEFAULTS = EngineOptions()
_PLACE = "__millwright_place"
_QUERY = """
WITH ranked AS (
  SELECT {keys}, {moment} AS happened, {since} AS since, {features}
    ROW_NUMBER() OVER (PARTITION BY {keys_as_read} ORDER BY {order}) AS place
  FROM view_rows WHERE {complete}
), wanted AS (
  SELECT {wanted_keys}, {asked} AS asked, "{row}" AS number FROM entities
), events AS (
  SELECT {names}, since AS moment, 0 AS asks, place, CAST(NULL AS BIGINT) AS number FROM ranked
  UNION ALL
  SELECT {names}, asked AS moment, 1 AS asks, CAST(NULL AS BIGINT) AS place, number FROM wanted WHERE {can_have}
), found AS (
  SELECT number, asks, MAX(place) OVER (
    PARTITION BY {names} ORDER BY moment, asks ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  ) AS place FROM events
)
SELECT w.number AS number {outputs}
FROM wanted w
LEFT JOIN (SELECT number, place FROM found WHERE asks = 1 AND place IS NOT NULL) f ON w.number = f.number
LEFT JOIN ranked r ON {same} AND r.place = f.place
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class AsOfRule:
    """How wanted rows and view rows belong together.

    Attributes:
        keys: The view's key columns; none for a view without entities.
        entity_keys: The wanted rows' columns with these keys, in the same order.
        at: The wanted rows' column with their moment.
        timestamp: The view's column with the moment since which a row is true.
        created: The view's column with the moment at which a row was recorded; None where rows don't say.
        features: The view's columns that are wanted.
        ttl: For how long a row counts, exactly that long included; None for ever.
    """

    keys: tuple[str, ...]
    entity_keys: tuple[str, ...]
    at: str
    timestamp: str
    features: tuple[str, ...]
    created: str | None = None
    ttl: timedelta | None = None


def as_of_join(
    entities: Input, rows: Input, rule: AsOfRule, engine: str, *, options: EngineOptions = _DEFAULTS
) -> pl.DataFrame:
    """What was known for each wanted row, on DuckDB or Spark.

    Moments may be dates (their midnight) or naive (UTC). A null key or moment, on either side, matches nothing.

    Args:
        entities: The wanted rows, n of them, in any order.
        rows: The view's rows, in an order that breaks ties: a version of a dataset, or a frame.
        rule: How they belong together.
        engine: `duckdb` or `spark`.
        options: What the engine may use.

    Returns:
        n rows in the order of the entities: the features, in portable form; null where nothing was known.

    Raises:
        InvalidInputError: A column is absent or a moment is none, or the engine has no such join.
        MissingExtraError: The engine is not installed.
    """
    tables = {**input_tables({"entities": entities}), **input_tables({"view_rows": rows})}
    _check(tables, rule)
    name = engine_named(engine)
    if name not in {EngineName.DUCKDB, EngineName.SPARK}:
        raise InvalidInputError(
            f"The point-in-time join on {name} is that of data.features.", hint="Use duckdb or spark here."
        )
    query = Transformation(as_of_query(rule, name))
    compute = _on_duckdb if name is EngineName.DUCKDB else _on_spark
    with scratch_folder(options.scratch) as folder:
        found = compute(query, tables, options, folder)
    return found.sort("number").drop("number").rename(dict(zip(_named("f", rule.features), rule.features, strict=True)))


def as_of_query(rule: AsOfRule, engine: EngineName) -> str:
    """The join as SQL over the tables `entities` and `view_rows`, both with a column of places.

    Args:
        rule: How they belong together.
        engine: Whose functions to use.

    Returns:
        SQL whose result has the columns `number` (the place of the wanted row) and `f0`, `f1` … (the features).
    """
    micros = {EngineName.DUCKDB: "epoch_us", EngineName.SPARK: "unix_micros"}[engine]

    def moment(column: str) -> str:
        return f"{micros}(CAST({quoted(column)} AS TIMESTAMP{'TZ' if engine is EngineName.DUCKDB else ''}))"

    names = _named("k", rule.keys) or ["k0"]
    keys = [quoted(key) for key in rule.keys]
    given = [quoted(name) for name in (*rule.keys, rule.timestamp, *([rule.created] if rule.created else []))]
    created = [moment(rule.created)] if rule.created else []
    happened = moment(rule.timestamp)
    features = [
        f"{quoted(name)} AS {short}" for name, short in zip(rule.features, _named("f", rule.features), strict=True)
    ]
    # In the result and not in the join, which DuckDB would otherwise do by the inequality: two hundred times slower.
    ttl = None if rule.ttl is None else rule.ttl // timedelta(microseconds=1)
    fresh = "{}" if ttl is None else f"CASE WHEN w.asked - r.happened <= {ttl} THEN {{}} END"
    return _QUERY.format(
        keys=", ".join(f"{key} AS {name}" for key, name in zip(keys or ["1"], names, strict=True)),
        keys_as_read=", ".join(keys) or "1",
        moment=happened,
        since=f"GREATEST({happened}, {created[0]})" if created else happened,
        features="".join(f"{feature}, " for feature in features),
        order=", ".join([happened, *created, quoted(_PLACE)]),
        complete=" AND ".join(f"{name} IS NOT NULL" for name in given),
        wanted_keys=", ".join(
            f"{key} AS {name}"
            for key, name in zip([quoted(key) for key in rule.entity_keys] or ["1"], names, strict=True)
        ),
        asked=moment(rule.at),
        row=_PLACE,
        names=", ".join(names),
        can_have=" AND ".join(f"{name} IS NOT NULL" for name in [*names, "asked"]),
        outputs="".join(f", {fresh.format(f'r.{short}')} AS {short}" for short in _named("f", rule.features)),
        same=" AND ".join(f"w.{name} = r.{name}" for name in names),
    )


def _named(letter: str, columns: tuple[str, ...]) -> list[str]:
    return [f"{letter}{number}" for number in range(len(columns))]


def _check(tables: dict[str, InputTable], rule: AsOfRule) -> None:
    entities, rows = (portable_schema(tables[name].schema) for name in ("entities", "view_rows"))
    recorded = (rule.created,) if rule.created else ()
    for schema, names, where in (
        (entities, (*rule.entity_keys, rule.at), "wanted rows"),
        (rows, (*rule.keys, rule.timestamp, *recorded, *rule.features), "view's rows"),
    ):
        for name in names:
            if name not in schema:
                raise InvalidInputError(f"The {where} have no column '{name}'.", hint=closest(name, schema))
    for schema, name in ((entities, rule.at), *((rows, column) for column in (rule.timestamp, *recorded))):
        if not isinstance(schema[name], (pl.Date, pl.Datetime)):
            raise InvalidInputError(
                f"Expected dates or moments in the column '{name}', found {schema[name]}.", hint="Parse it first."
            )
    for entity_key, key in zip(rule.entity_keys, rule.keys, strict=True):
        if entities[entity_key] != rows[key]:
            raise InvalidInputError(
                f"Expected keys of one type, found {entities[entity_key]} in '{entity_key}' of the wanted rows and "
                f"{rows[key]} in '{key}' of the view's.",
                hint="Cast one of them.",
            )


def _on_duckdb(
    query: Transformation, tables: dict[str, InputTable], options: EngineOptions, folder: Path
) -> pl.DataFrame:
    import duckdb

    with connected(options, folder) as connection:
        for name, table in tables.items():
            add_view(connection, name, table, folder, place=_PLACE)
        with failures(EngineName.DUCKDB, query, (duckdb.Error,)):
            return to_portable_form(connection.sql(str(query.code)).pl().lazy()).collect()


def _on_spark(
    query: Transformation, tables: dict[str, InputTable], options: EngineOptions, folder: Path
) -> pl.DataFrame:
    spark = session(options)
    from pyspark.errors import PySparkException

    for name, table in tables.items():
        spark_table(spark, name, table, folder, place=_PLACE).createOrReplaceTempView(name)
    with failures(EngineName.SPARK, query, (PySparkException,)):
        found = pl.DataFrame(spark.sql(str(query.code)).toArrow())
    return to_portable_form(found.lazy()).collect()
