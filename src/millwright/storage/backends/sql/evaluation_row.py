"""Rows of evaluation datasets, with their tags and experiments."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.ids import ExperimentId
from millwright.core.records.evaluation import EvaluationDatasetRecord, dataset_digest
from millwright.storage.backends.sql.evaluation_table import (
    EVALUATION_DATASET_EXPERIMENTS,
    EVALUATION_DATASET_TAGS,
    EVALUATION_DATASETS,
)
from millwright.storage.base.evaluation_merge import widened_schema

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from millwright.core.records.evaluation import ExampleDraft, Merged

_TAGS = EVALUATION_DATASET_TAGS.c
_USES = EVALUATION_DATASET_EXPERIMENTS.c
_IN_ONE_STATEMENT = 500


def values(record: EvaluationDatasetRecord) -> dict[str, Any]:
    """The row of a new dataset."""
    return {
        "id": record.id,
        "name": record.name,
        "digest": record.digest,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "created_by": record.created_by,
        "updated_by": record.updated_by,
        "schema": None,
        "examples": 0,
        "project": record.project,
    }


def changed(
    record: EvaluationDatasetRecord, drafts: Sequence[ExampleDraft], merged: Merged, at: datetime
) -> dict[str, Any]:
    """The columns that are new once drafts were put into a dataset."""
    users = [draft.user for draft in drafts if draft.user]
    return {
        "updated_at": at,
        "updated_by": users[-1] if users else None,
        "digest": dataset_digest(record.name, at),
        "schema": widened_schema(record.schema, drafts),
        "examples": record.examples + merged.inserted,
    }


def records(connection: Connection, chosen: Sequence[int]) -> list[EvaluationDatasetRecord]:
    """Whole records of datasets by their numbers, in that order; those that are not there are left out."""
    found: dict[int, EvaluationDatasetRecord] = {}
    for start in range(0, len(chosen), _IN_ONE_STATEMENT):
        numbers = chosen[start : start + _IN_ONE_STATEMENT]
        tags: defaultdict[int, dict[str, str]] = defaultdict(dict)
        tag_rows = sa.select(EVALUATION_DATASET_TAGS).where(_TAGS.dataset.in_(numbers))
        for seq, key, value in connection.execute(tag_rows.order_by(_TAGS.dataset, _TAGS.key)):
            tags[seq][key] = value
        uses: defaultdict[int, list[ExperimentId]] = defaultdict(list)
        use_rows = sa.select(EVALUATION_DATASET_EXPERIMENTS).where(_USES.dataset.in_(numbers))
        for seq, experiment_id in connection.execute(use_rows.order_by(_USES.dataset, _USES.experiment_id)):
            uses[seq].append(ExperimentId(experiment_id))
        for row in connection.execute(sa.select(EVALUATION_DATASETS).where(EVALUATION_DATASETS.c.seq.in_(numbers))):
            found[row.seq] = EvaluationDatasetRecord(
                id=row.id,
                name=row.name,
                digest=row.digest,
                created_at=row.created_at,
                updated_at=row.updated_at,
                created_by=row.created_by,
                updated_by=row.updated_by,
                tags=tags[row.seq],
                schema=row.schema,
                examples=row.examples,
                experiment_ids=tuple(uses[row.seq]),
                project=row.project,
            )
    return [found[seq] for seq in chosen if seq in found]
