"""Features of views whose rows are too many for memory, found where the rows are.

`LargeViews` answers for a view when the engine that was named, or that its size asks for, is another than Polars in
memory:

- DuckDB and Spark compute the transformation and the point-in-time join; this process sees the answers alone.
- Polars' streaming engine computes the transformation, and of its rows those of the wanted entities are joined here.
- Expressions of Polars are computed by its streaming engine in either case, and a stream view's windows are Polars':
  on any engine, the events of the wanted entities are brought into memory for them.

Values are the same as in memory, to the last bit. Columns that an engine would round (decimals) are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.data.engines.as_of import AsOfRule, as_of_join
from millwright.data.engines.choice import AUTO, choose_engine
from millwright.data.engines.engine import EngineName, EngineOptions
from millwright.data.engines.input_table import InputTable, input_tables
from millwright.data.engines.transformation import Transformation
from millwright.data.features.alignment import aligned_keys
from millwright.data.features.stream_view import StreamFeatureView
from millwright.data.features.view_rows import (
    created_column,
    require_columns,
    schema_of,
    shaped,
    transformed_out_of_core,
    value_columns,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from millwright.data.datasets.dataset import Dataset
    from millwright.data.features.plan import Lookup, StoredView

_AT = "__millwright_at"
_KEY = "__millwright_key_{}"
_SIMPLE = (pl.Boolean, pl.String, pl.Date, pl.Binary, pl.Float32, pl.Float64)
_JOIN = Transformation("SELECT 1")  # of the kind that the join is: SQL


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundValues:
    """What was found for wanted rows.

    Attributes:
        values: One column per feature of the lookup; null where nothing was known.
        matched: How many of the rows have an answer.
    """

    values: pl.DataFrame
    matched: int


class LargeViews:
    """Views by the engines that suit them, for one training set.

    Args:
        dataset: Gives the version of a view's source.
        options: How an engine is chosen and what it may use.
        folder: Where rows of transformations are put; it has to last as long as frames made from it.
    """

    def __init__(self, dataset: Callable[[StoredView], Dataset], options: EngineOptions, folder: Path) -> None:
        self._dataset = dataset
        self._options = options
        self._folder = folder
        self._tables: dict[tuple[str, EngineName], InputTable] = {}
        self._engines: dict[str, EngineName] = {}

    def engine_of(self, view: StoredView) -> EngineName:
        """What a view's features are found on; `polars` means in memory.

        Raises:
            InvalidInputError: There is no such engine.
        """
        if view.name not in self._engines:
            source = input_tables({"source": self._dataset(view)})["source"]
            code = None if isinstance(view, StreamFeatureView) else view.transform
            what = _JOIN if code is None or isinstance(code, tuple) else Transformation(code)
            self._engines[view.name] = choose_engine(what, [source], self._options).engine
        return self._engines[view.name]

    def rows(self, view: StoredView, lookup: Lookup, wanted: pl.DataFrame) -> pl.LazyFrame:
        """The rows of a view (see `view_rows`) that belong to wanted entities, lazily.

        Args:
            view: Whose rows.
            lookup: Which columns of the wanted rows hold the keys.
            wanted: The wanted rows.
        """
        engine = self.engine_of(view)
        table = self._table(view, engine if engine is not EngineName.POLARS else EngineName.STREAMING)
        rows = shaped(view, table.lazy)
        names = [_KEY.format(number) for number in range(len(view.keys))]
        keys = []
        schema = rows.collect_schema()
        for name, key, to in zip(names, view.keys, lookup.entity_columns, strict=True):
            one, other = aligned_keys(wanted[to], pl.Series(key, [], dtype=schema[key]), view.name)
            if one.dtype != schema[key] or other.dtype != schema[key]:
                return rows
            keys.append(one.alias(name))
        if not keys:
            return rows
        asked = pl.DataFrame(keys).drop_nulls().unique().lazy()
        return rows.join(asked, left_on=list(view.keys), right_on=names, how="semi", maintain_order="left")

    def find(self, lookup: Lookup, wanted: pl.DataFrame, at: pl.Series) -> FoundValues | None:
        """Features of wanted rows by a join on DuckDB or Spark; None when it is to be done by Polars.

        Args:
            lookup: The view, its features and the keys.
            wanted: Q wanted rows.
            at: Their moments, Datetime(us, UTC).

        Raises:
            InvalidInputError: The view does not fit its source, or holds what the engine would round.
            MissingExtraError: The engine is not installed.
        """
        view = lookup.view
        engine = self.engine_of(view)
        if isinstance(view, StreamFeatureView) or engine in {EngineName.POLARS, EngineName.STREAMING}:
            return None
        table = self._table(view, engine)
        created = created_column(view, table.schema.names())
        moments = [view.timestamp] if created is None else [view.timestamp, created]
        require_columns(view, [*view.keys, *moments, *lookup.features], table.schema.names())
        needed = list(dict.fromkeys([*view.keys, *moments, *lookup.features]))
        inexact = [name for name in needed if not _is_exact(table.schema[name])]
        if inexact and self._options.name == AUTO:
            return None
        if inexact:
            raise InvalidInputError(
                f"'{view.name}' holds {table.schema[inexact[0]]} in '{inexact[0]}', which {engine} would round.",
                hint="Use the engine polars or streaming, or cast it in the view's transformation.",
            )
        names = [_KEY.format(number) for number in range(len(view.keys))]
        keys = [
            aligned_keys(wanted[to], pl.Series(key, [], dtype=table.schema[key]), view.name)[0].alias(name)
            for name, key, to in zip(names, view.keys, lookup.entity_columns, strict=True)
        ]
        rule = AsOfRule(
            keys=view.keys,
            entity_keys=tuple(names),
            at=_AT,
            timestamp=view.timestamp,
            created=created,
            # The timestamp tells whether there is an answer: it is null in none.
            features=tuple(dict.fromkeys([*lookup.features, view.timestamp])),
            ttl=view.ttl,
        )
        narrow = replace(
            table, lazy=table.lazy.select(needed), schema=pl.Schema({name: table.schema[name] for name in needed})
        )
        found = as_of_join(pl.DataFrame([*keys, at.alias(_AT)]), narrow, rule, engine, options=self._options)
        declared = value_columns(view)
        values = [_restored(found[name], table.schema[name], declared[name]) for name in lookup.features]
        return FoundValues(values=pl.DataFrame(values), matched=found.height - found[view.timestamp].null_count())

    def _table(self, view: StoredView, engine: EngineName) -> InputTable:
        """The source as the view transforms it; on disk, when that takes an engine."""
        if (view.name, engine) not in self._tables:
            source = self._dataset(view)
            code = None if isinstance(view, StreamFeatureView) else view.transform
            if code is None:
                table = input_tables({"source": source})["source"]
            elif isinstance(code, tuple):
                rows = source.scan().with_columns(code)
                table = InputTable(lazy=rows, schema=schema_of(view, rows), size_bytes=None)
            else:
                options = replace(self._options, name=engine.value)
                table = transformed_out_of_core(view, source, self._folder, options)
            self._tables[view.name, engine] = table
        return self._tables[view.name, engine]


def _is_exact(dtype: pl.DataType) -> bool:
    """Whether values survive the way through an engine."""
    if isinstance(dtype, pl.List):
        return not isinstance(dtype.inner, pl.Datetime) and _is_exact(dtype.inner)  # type: ignore[arg-type]
    if isinstance(dtype, pl.Datetime):
        return dtype.time_unit == "us" and dtype.time_zone in {None, "UTC"}
    return isinstance(dtype, _SIMPLE) or (dtype.is_integer() and not isinstance(dtype, (pl.Int128, pl.UInt64)))


def _restored(values: pl.Series, stored: pl.DataType, declared: pl.DataType | None) -> pl.Series:
    """Values in portable form with the type that they have in memory."""
    if isinstance(stored, pl.Datetime) and stored.time_zone is None:
        values = values.dt.replace_time_zone(None)
    values = values.cast(stored)
    if declared is None:
        return values
    try:
        return values.cast(declared)
    except pl.exceptions.PolarsError as error:
        raise InvalidInputError(
            f"The values of '{values.name}' cannot be {declared}: {str(error).splitlines()[0][:300]}",
            hint="Does each feature's type hold its values?",
        ) from error
