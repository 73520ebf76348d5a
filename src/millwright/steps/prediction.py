"""Predict: a registered model answers every row of a table."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from millwright.data.datasets.catalog import DatasetCatalog
from millwright.data.datasets.dataset import Dataset
from millwright.data.sources.place import is_url
from millwright.data.sources.request import SourceOptions
from millwright.deployment.batch import (
    BatchOptions,
    BatchResult,
    EngineOptions,
    OutputOptions,
    edges_of,
    find_source,
    predict_table,
)
from millwright.models.package import PackageLoader
from millwright.pipelines.context import StepContext
from millwright.pipelines.step import step
from millwright.registry.registry import Registry
from millwright.storage.catalog import Stores


@step(cache=False)
def predict(
    ctx: StepContext,
    model: str,
    source: str | Dataset | pl.DataFrame,
    output: str,
    reading: SourceOptions | None = None,
    writing: OutputOptions | None = None,
    engine: EngineOptions | None = None,
) -> BatchResult:
    """Predict every row of a table that fits the model's signature, and keep where the predictions came from.

    Never cached: the alias may name another version by now, and the output may have been removed. An attempt that was
    killed is gone on with by the next one.

    Args:
        ctx: Given by the runner.
        model: `name@alias`, `name@version`, or a name for its champion.
        source: What another step returned; or a name: a path, pattern or URL of files, a dataset or its version, a
            Delta table's folder, or a database's URL. Relative paths begin at the project's folder.
        output: A file, a Delta table's folder (`NAME.delta`), or a database's URL.
        reading: Of a database, the query or table; and other ways of reading.
        writing: Of a database, the table; and what becomes of the rows that are there.
        engine: Where rows are predicted; in this process by default.

    Raises:
        InvalidInputError: The source is no table for this model, or none of its rows fits.
    """
    options = BatchOptions(
        reading=reading or SourceOptions(),
        writing=writing or OutputOptions(),
        engine=engine or EngineOptions(),
        journal_folder=str(ctx.project_dir),
        allow_code=ctx.service(PackageLoader).allow_code,
    )
    version = ctx.service(Registry).resolve(model)
    package = ctx.service(Stores).artifacts.get(version.stored_package())
    found = _found(ctx, source, options.reading) if isinstance(source, str) else source
    result = predict_table(
        package, found, _placed(ctx, output), model_ref=version.ref, options=options, progress=ctx.progress
    )
    ctx.lineage(*edges_of(result, ctx.clock.now()))
    ctx.note(
        model=result.model,
        output=result.output,
        rows=result.rows,
        rejected=result.rejected,
        rows_per_s=result.rows_per_s,
    )
    return result


def _found(ctx: StepContext, source: str, reading: SourceOptions) -> str | Dataset:
    return find_source(source, ctx.service(DatasetCatalog), reading, folder=ctx.project_dir)


def _placed(ctx: StepContext, place: str) -> str:
    """A path within the project's folder; a URL stays."""
    return place if is_url(place) else str(ctx.project_dir / Path(place).expanduser())
