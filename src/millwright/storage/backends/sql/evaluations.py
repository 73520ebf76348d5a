"""Evaluation datasets and scorers in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import AlreadyExistsError, NotFoundError
from millwright.storage.backends.sql import evaluation_example, evaluation_row, evaluation_search, scorer
from millwright.storage.backends.sql.evaluation_table import (
    EVALUATION_DATASET_EXPERIMENTS,
    EVALUATION_DATASET_TAGS,
    EVALUATION_DATASETS,
    EVALUATION_EXAMPLES,
)
from millwright.storage.backends.sql.run_table import EXPERIMENTS
from millwright.storage.base.evaluations import EvaluationStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from millwright.core.ids import ExperimentId
    from millwright.core.records.evaluation import (
        EvaluationDatasetRecord,
        ExampleDraft,
        ExampleRecord,
        Merged,
        ScorerRecord,
    )
    from millwright.core.records.search import Page, Query
    from millwright.storage.backends.sql.database import Database

_DATASETS = EVALUATION_DATASETS.c
_TAGS = EVALUATION_DATASET_TAGS.c
_USES = EVALUATION_DATASET_EXPERIMENTS.c


class SqlEvaluationStore(EvaluationStore):
    """See `EvaluationStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        insert = database.insert(EVALUATION_DATASETS)
        self._create = insert.on_conflict_do_nothing(index_elements=["id"]).returning(_DATASETS.seq)
        tags = database.insert(EVALUATION_DATASET_TAGS)
        self._put_tags = tags.on_conflict_do_update(
            index_elements=["dataset", "key"], set_={"value": tags.excluded.value}
        )
        self._link = database.insert(EVALUATION_DATASET_EXPERIMENTS).on_conflict_do_nothing(
            index_elements=["dataset", "experiment_id"]
        )

    def create_dataset(self, record: EvaluationDatasetRecord) -> None:
        """See `EvaluationStore.create_dataset`."""
        with self._database.write() as connection:
            seq = connection.execute(self._create, evaluation_row.values(record)).scalar()
            if seq is None:
                raise AlreadyExistsError(f"The evaluation dataset '{record.id}' exists already.", hint="Use a new id.")
            self._tag(connection, seq, record.tags)
            self._use(connection, seq, record.experiment_ids)

    def get_dataset(self, dataset_id: str) -> EvaluationDatasetRecord:
        """See `EvaluationStore.get_dataset`."""
        with self._database.read() as connection:
            seq = connection.execute(sa.select(_DATASETS.seq).where(_DATASETS.id == dataset_id)).scalar()
            if seq is None:
                raise _no_dataset(dataset_id)
            return evaluation_row.records(connection, [seq])[0]

    def delete_dataset(self, dataset_id: str) -> None:
        """See `EvaluationStore.delete_dataset`."""
        with self._database.write() as connection:
            seq = _locked(connection, dataset_id)
            if seq is not None:
                for table in (EVALUATION_EXAMPLES, EVALUATION_DATASET_TAGS, EVALUATION_DATASET_EXPERIMENTS):
                    connection.execute(sa.delete(table).where(table.c.dataset == seq))
                connection.execute(sa.delete(EVALUATION_DATASETS).where(_DATASETS.seq == seq))

    def search_datasets(
        self, query: Query, *, experiment_ids: Sequence[ExperimentId] = (), projects: Sequence[str] | None = None
    ) -> Page[EvaluationDatasetRecord]:
        """See `EvaluationStore.search_datasets`."""
        with self._database.read() as connection:
            return evaluation_search.search_datasets(connection, query, experiment_ids, projects)

    def put_tags(self, dataset_id: str, tags: Mapping[str, str]) -> None:
        """See `EvaluationStore.put_tags`."""
        with self._database.write() as connection:
            self._tag(connection, _lock(connection, dataset_id), tags)

    def delete_tag(self, dataset_id: str, key: str) -> None:
        """See `EvaluationStore.delete_tag`."""
        dataset = sa.select(_DATASETS.seq).where(_DATASETS.id == dataset_id).scalar_subquery()
        with self._database.write() as connection:
            connection.execute(sa.delete(EVALUATION_DATASET_TAGS).where(_TAGS.dataset == dataset, _TAGS.key == key))

    def link(self, dataset_id: str, experiment_ids: Sequence[ExperimentId], at: datetime) -> EvaluationDatasetRecord:
        """See `EvaluationStore.link`."""
        with self._database.write() as connection:
            seq = _lock(connection, dataset_id)
            for experiment_id in dict.fromkeys(experiment_ids):
                found = sa.select(EXPERIMENTS.c.seq).where(EXPERIMENTS.c.id == experiment_id)
                if connection.execute(found).first() is None:
                    raise NotFoundError(f"No Experiment with id={experiment_id}")
            self._use(connection, seq, experiment_ids)
            return _touched(connection, seq, at)

    def unlink(self, dataset_id: str, experiment_ids: Sequence[ExperimentId], at: datetime) -> EvaluationDatasetRecord:
        """See `EvaluationStore.unlink`."""
        uses = sa.delete(EVALUATION_DATASET_EXPERIMENTS)
        with self._database.write() as connection:
            seq = _lock(connection, dataset_id)
            removed = 0
            for experiment_id in experiment_ids:
                one = uses.where(_USES.dataset == seq, _USES.experiment_id == experiment_id)
                removed += connection.execute(one).rowcount
            return _touched(connection, seq, at) if removed else evaluation_row.records(connection, [seq])[0]

    def put_examples(self, dataset_id: str, drafts: Sequence[ExampleDraft], at: datetime) -> Merged:
        """See `EvaluationStore.put_examples`."""
        with self._database.write() as connection:
            seq = _lock(connection, dataset_id)
            record = evaluation_row.records(connection, [seq])[0]
            merged = evaluation_example.put(connection, seq, record, drafts, at)
            changed = evaluation_row.changed(record, drafts, merged, at)
            connection.execute(sa.update(EVALUATION_DATASETS).where(_DATASETS.seq == seq).values(changed))
            return merged

    def list_examples(self, dataset_id: str, *, limit: int, after: str | None = None) -> Page[ExampleRecord]:
        """See `EvaluationStore.list_examples`."""
        with self._database.read() as connection:
            return evaluation_example.page(connection, dataset_id, limit, after)

    def delete_examples(self, dataset_id: str, example_ids: Sequence[str]) -> int:
        """See `EvaluationStore.delete_examples`."""
        with self._database.write() as connection:
            seq = _locked(connection, dataset_id)
            if seq is None:
                return 0
            count = evaluation_example.remove(connection, seq, example_ids)
            left = {"examples": _DATASETS.examples - count}
            connection.execute(sa.update(EVALUATION_DATASETS).where(_DATASETS.seq == seq).values(left))
            return count

    def register_scorer(self, experiment_id: ExperimentId, name: str, serialized: str, at: datetime) -> ScorerRecord:
        """See `EvaluationStore.register_scorer`."""
        with self._database.write() as connection:
            return scorer.register(self._database, connection, (experiment_id, name), serialized, at)

    def list_scorers(
        self, experiment_ids: Sequence[ExperimentId] | None = None, *, projects: Sequence[str] | None = None
    ) -> list[ScorerRecord]:
        """See `EvaluationStore.list_scorers`."""
        with self._database.read() as connection:
            return scorer.latest(connection, experiment_ids, projects)

    def list_scorer_versions(self, experiment_id: ExperimentId, name: str) -> list[ScorerRecord]:
        """See `EvaluationStore.list_scorer_versions`."""
        with self._database.read() as connection:
            return scorer.versions(connection, experiment_id, name)

    def get_scorer(self, experiment_id: ExperimentId, name: str, version: int | None = None) -> ScorerRecord:
        """See `EvaluationStore.get_scorer`."""
        with self._database.read() as connection:
            return scorer.version(connection, experiment_id, name, version)

    def delete_scorer(self, experiment_id: ExperimentId, name: str, version: int | None = None) -> None:
        """See `EvaluationStore.delete_scorer`."""
        with self._database.write() as connection:
            scorer.remove(connection, experiment_id, name, version)

    def _tag(self, connection: Connection, seq: int, tags: Mapping[str, str]) -> None:
        if tags:
            rows = [{"dataset": seq, "key": key, "value": value} for key, value in tags.items()]
            connection.execute(self._put_tags, rows)

    def _use(self, connection: Connection, seq: int, experiment_ids: Sequence[ExperimentId]) -> None:
        if experiment_ids:
            rows = [{"dataset": seq, "experiment_id": each} for each in dict.fromkeys(experiment_ids)]
            connection.execute(self._link, rows)


def _locked(connection: Connection, dataset_id: str) -> int | None:
    """The number of a dataset, which other writers wait for; on SQLite they wait anyway."""
    statement = sa.select(_DATASETS.seq).where(_DATASETS.id == dataset_id).with_for_update()
    seq: int | None = connection.execute(statement).scalar()
    return seq


def _lock(connection: Connection, dataset_id: str) -> int:
    seq = _locked(connection, dataset_id)
    if seq is None:
        raise _no_dataset(dataset_id)
    return seq


def _touched(connection: Connection, seq: int, at: datetime) -> EvaluationDatasetRecord:
    values: dict[str, Any] = {"updated_at": at}
    connection.execute(sa.update(EVALUATION_DATASETS).where(_DATASETS.seq == seq).values(values))
    return evaluation_row.records(connection, [seq])[0]


def _no_dataset(dataset_id: str) -> NotFoundError:
    return NotFoundError(f"Evaluation dataset with id '{dataset_id}' not found")
