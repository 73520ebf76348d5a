"""Training set: rows get the features that were known at their moments."""

from __future__ import annotations

import polars as pl

from millwright.data.datasets.dataset import Dataset
from millwright.data.features.catalog import FeatureCatalog
from millwright.data.features.feature_lookup import LOOKUP, lookup_of
from millwright.pipelines.context import StepContext
from millwright.pipelines.step import step


@step(cache=False)
def training_set(
    ctx: StepContext,
    entities: pl.DataFrame | Dataset,
    service: str,
    timestamp: str = "event_timestamp",
    name: str = "",
    versions: dict[str, str] | None = None,
) -> pl.DataFrame:
    """Add to rows the features of a service as they were known at each row's moment, and nothing that came later.

    The result is recorded as a dataset version that knows the definitions and dataset versions it was made of; a model
    trained in the same run knows them through it, and the service. Never cached, since features and their sources
    change behind it; the same rows give the same dataset version, and later steps stay cached.

    Args:
        ctx: Given by the runner.
        entities: Rows with the keys, the moment, and what on-demand views want of the request.
        service: The feature service, recorded by `mw features apply`.
        timestamp: The column of the moment.
        name: What the recorded dataset is called; `<service>.training` when empty.
        versions: Dataset → version to read instead of the latest, to train on what was there once.

    Returns:
        Every row, in its order, with the features behind its own columns.

    Raises:
        NotFoundError: The service, or a dataset that it reads, is not there.
        InvalidInputError: A column is absent or there already, or a key has another type than the view's.
    """
    catalog = ctx.service(FeatureCatalog)
    made = catalog.training_set(entities, service, timestamp=timestamp, versions=versions)
    saved = catalog.save(made, name or f"{service}.training", step_run_id=ctx.step_run_id)
    record, lookup = made.record, lookup_of(made.record)
    ctx.note(
        dataset=saved.record.ref,
        feature_service=record.service,
        rows=record.rows,
        features=len(record.features),
        matched=dict(record.matched),
        sources=list(record.datasets),
        **({LOOKUP: lookup.to_json()} if lookup is not None else {}),
    )
    return made.frame
