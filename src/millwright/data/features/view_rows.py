"""The rows of a view: what training sets, the online store and the comparison of both are made from."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.data.features.moment import as_moment
from millwright.data.features.stream_view import StreamFeatureView
from millwright.data.features.view import FeatureView

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from millwright.data.datasets.dataset import Dataset
    from millwright.data.engines.engine import EngineOptions
    from millwright.data.engines.input_table import InputTable

_CREATED = "created"


def view_rows(
    view: FeatureView | StreamFeatureView,
    dataset: Dataset | pl.LazyFrame | pl.DataFrame,
    *,
    engine: str = "auto",
    where: str = "",
) -> pl.LazyFrame:
    """The rows that a view's values come from.

    Args:
        view: A feature view, or a stream view: of that the events that its windows look at.
        dataset: A version of its source, or that version's rows.
        engine: What computes SQL and functions: `auto`, `polars`, `duckdb`, ….
        where: What messages call these rows; by default the view's source.

    Returns:
        The columns: the keys in their order; the timestamp and, where rows say when they were recorded, the created
        timestamp (see `created_column`), both Datetime(us, UTC); the features with their declared types (of a stream
        view: the columns that windows name). Rows in the order of the source or of what the transformation makes;
        those without a key, a timestamp or a created timestamp never are an answer and are left out. Values that the
        declared type cannot hold are an error when the rows are collected.

    Raises:
        InvalidInputError: A column is absent, a moment is none, or the transformation does not fit the source.
    """
    return shaped(view, transformed(view, dataset, engine=engine), where)


def shaped(view: FeatureView | StreamFeatureView, rows: pl.LazyFrame, where: str = "") -> pl.LazyFrame:
    """The rows of a view, from its source as the view transforms it; see `view_rows`.

    Raises:
        InvalidInputError: A column is absent, or a moment is none.
    """
    schema = schema_of(view, rows)
    created = created_column(view, schema.names())
    moments = [view.timestamp] if created is None else [view.timestamp, created]
    values = value_columns(view)
    changed = " as the view transforms it" if getattr(view, "transform", None) is not None else ""
    where = where or f"'{view.source}'{changed}"
    require_columns(view, [*view.keys, *moments, *values], schema.names(), where)
    chosen = [
        *(pl.col(key) for key in view.keys),
        *(as_moment(name, schema[name], where).alias(name) for name in moments),
        *(pl.col(name) if dtype is None else pl.col(name).cast(dtype) for name, dtype in values.items()),
    ]
    return rows.select(chosen).filter(pl.all_horizontal(pl.col(name).is_not_null() for name in [*view.keys, *moments]))


def created_column(view: FeatureView | StreamFeatureView, columns: Iterable[str]) -> str | None:
    """The column that says when a row was recorded; None when rows don't say.

    Args:
        view: When it names none, the column `created` is it, unless that is a key, feature or the timestamp.
        columns: Those of the source as the view transforms it.
    """
    if view.created is not None:
        return view.created or None
    taken = {*view.keys, view.timestamp, *value_columns(view)}
    return _CREATED if _CREATED in set(columns) - taken else None


def source_table(view: FeatureView | StreamFeatureView) -> str:
    """What a transformation calls the source: its name, with `_` for what no identifier holds."""
    return re.sub(r"\W", "_", view.source)


def value_columns(view: FeatureView | StreamFeatureView) -> Mapping[str, pl.DataType | None]:
    """The columns that hold values, with the type that they get; None where they keep theirs."""
    if isinstance(view, StreamFeatureView):
        columns = [window.column for window in view.windows] + [view.event_id]
        return {column: None for column in columns if column is not None}
    return {feature.name: feature.polars_type for feature in view.features}


def transformed(
    view: FeatureView | StreamFeatureView, dataset: Dataset | pl.LazyFrame | pl.DataFrame, *, engine: str = "auto"
) -> pl.LazyFrame:
    """The source as the view transforms it, with all its columns; see `view_rows`.

    Raises:
        InvalidInputError: The transformation does not fit the source.
    """
    code = view.transform if isinstance(view, FeatureView) else None
    source = dataset if isinstance(dataset, pl.LazyFrame) else _scan(dataset)
    if code is None:
        return source
    if isinstance(code, tuple):
        return source.with_columns(code)
    from millwright.data.engines.transformation import Transformation, run

    try:
        return run(Transformation(code), {source_table(view): dataset}, engine=engine).lazy()
    except InvalidInputError as error:
        raise _unfit(view, error) from error


def view_rows_on_disk(
    view: FeatureView | StreamFeatureView, dataset: Dataset, folder: Path, options: EngineOptions
) -> pl.LazyFrame:
    """The rows of a view, see `view_rows`; those that SQL or a function makes of a large source wait on disk.

    Args:
        view: Whose rows.
        dataset: A version of its source.
        folder: Where files go; it has to last as long as the lazy frame.
        options: How the engine is chosen, and what it may use.

    Raises:
        InvalidInputError: See `view_rows`.
    """
    code = view.transform if isinstance(view, FeatureView) else None
    if code is None or isinstance(code, tuple):
        return view_rows(view, dataset)
    from millwright.data.engines.engine import EngineName
    from millwright.data.engines.transformation import choice_of

    engine = choice_of(code, {source_table(view): dataset}, options=options).engine
    if engine is EngineName.POLARS:
        return view_rows(view, dataset, engine=engine)
    return shaped(view, transformed_out_of_core(view, dataset, folder, replace(options, name=engine.value)).lazy)


def transformed_out_of_core(
    view: FeatureView | StreamFeatureView, dataset: Dataset, folder: Path, options: EngineOptions
) -> InputTable:
    """The source as the view transforms it by SQL or a function, as Parquet files.

    Args:
        view: A view with such a transformation.
        dataset: A version of its source.
        folder: Where the files go, into a folder of their own.
        options: The engine, and what it may use.

    Raises:
        InvalidInputError: The transformation does not fit the source.
    """
    from millwright.core.ids import new_id
    from millwright.data.engines.transformation import Transformation, run_to_parquet

    code: Any = view.transform if isinstance(view, FeatureView) else None
    try:
        made = run_to_parquet(
            Transformation(code), {source_table(view): dataset}, folder / f"rows-{new_id()}", options=options
        )
    except InvalidInputError as error:
        raise _unfit(view, error) from error
    return made.table()


def schema_of(view: FeatureView | StreamFeatureView, rows: pl.LazyFrame) -> pl.Schema:
    """The columns of a view's source as the view transforms it.

    Raises:
        InvalidInputError: The view's expressions do not fit the source.
    """
    try:
        return rows.collect_schema()
    except pl.exceptions.PolarsError as error:
        raise InvalidInputError(
            f"The transformation of '{view.name}' does not fit its source '{view.source}': "
            f"{str(error).splitlines()[0][:300]}.",
            hint=f"Compare the names and types it uses with those of the dataset: mw data show {view.source}",
        ) from error


def require_columns(
    view: FeatureView | StreamFeatureView, wanted: list[str], found: list[str], where: str = ""
) -> None:
    """Refuse a source, as the view transforms it, that lacks columns.

    Raises:
        InvalidInputError: It does; the message names them.
    """
    missing = [name for name in wanted if name not in found]
    if missing:
        raise InvalidInputError(
            f"'{view.name}' needs the column{'s' if len(missing) > 1 else ''} {', '.join(map(repr, missing))}, which "
            f"{'are' if len(missing) > 1 else 'is'} not in {where or repr(view.source)}.",
            hint=closest(missing[0], found),
        )


def _unfit(view: FeatureView | StreamFeatureView, error: InvalidInputError) -> InvalidInputError:
    return InvalidInputError(f"'{view.name}' does not fit its source '{view.source}': {error.message}", hint=error.hint)


def _scan(dataset: Dataset | pl.DataFrame) -> pl.LazyFrame:
    return dataset.lazy() if isinstance(dataset, pl.DataFrame) else dataset.scan()
