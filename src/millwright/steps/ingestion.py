"""Ingest: a source becomes a dataset version."""

from __future__ import annotations

from typing import Annotated

from millwright.data.datasets.catalog import DatasetCatalog
from millwright.data.datasets.dataset import Dataset
from millwright.pipelines.annotations import External
from millwright.pipelines.context import StepContext
from millwright.pipelines.step import step


@step
def ingest(ctx: StepContext, source: Annotated[str, External()], dataset: str) -> Dataset:
    """Read a table as it is and record it as a version of a dataset.

    The same bytes, or the same rows from other bytes, give the version that is there already.

    Args:
        ctx: Given by the runner.
        source: A CSV, TSV, Parquet or JSON lines file.
        dataset: The dataset's name.

    Raises:
        InvalidInputError: The source is missing, empty or no table.
    """
    found = ctx.service(DatasetCatalog).ingest(source, dataset, step_run_id=ctx.step_run_id)
    record = found.record
    ctx.note(dataset=record.ref, rows=record.rows, columns=len(record.columns))
    return found
