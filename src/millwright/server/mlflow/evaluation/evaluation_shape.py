"""Evaluation datasets as MLflow's clients read them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from millwright.server.mlflow.answer import Wire, millis

if TYPE_CHECKING:
    from millwright.core.ids import ExperimentId
    from millwright.core.records.evaluation import EvaluationDatasetRecord


class WireDataset(Wire):
    """An evaluation dataset, as it is sent; clients ask for its experiments when they need them."""

    dataset_id: str
    name: str
    tags: str
    digest: str
    created_time: int
    last_update_time: int
    schema: str | None = None
    profile: str | None = None
    created_by: str | None = None
    last_updated_by: str | None = None
    experiment_ids: tuple[str, ...] = ()


class DatasetAnswer(Wire):
    """One evaluation dataset."""

    dataset: WireDataset


class DatasetPage(Wire):
    """Some evaluation datasets."""

    datasets: tuple[WireDataset, ...] = ()
    next_page_token: str | None = None


class ExperimentIds(Wire):
    """The experiments that use a dataset."""

    experiment_ids: tuple[str, ...] = ()


def wire_dataset(record: EvaluationDatasetRecord, experiments: tuple[ExperimentId, ...] = ()) -> WireDataset:
    """A dataset as it is sent.

    Args:
        record: The dataset.
        experiments: Those that use it, where they are to be told.
    """
    profile = json.dumps({"num_records": record.examples} if record.examples else None)
    return WireDataset(
        dataset_id=record.id,
        name=record.name,
        tags=json.dumps(record.tags),
        schema=None if record.schema is None else json.dumps(record.schema),
        profile=None if record.schema is None else profile,
        digest=record.digest,
        created_time=millis(record.created_at),
        last_update_time=millis(record.updated_at),
        created_by=record.created_by,
        last_updated_by=record.updated_by,
        experiment_ids=experiments,
    )
