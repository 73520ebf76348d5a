"""Rows of scorers and their versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import sqlalchemy as sa

from millwright.core.errors import NotFoundError
from millwright.core.ids import ExperimentId
from millwright.core.records.evaluation import ScorerRecord
from millwright.core.records.experiment import Lifecycle
from millwright.storage.backends.sql.evaluation_table import SCORER_VERSIONS, SCORERS
from millwright.storage.backends.sql.run_table import EXPERIMENTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select

    from millwright.storage.backends.sql.database import Database

_SCORERS, _VERSIONS, _EXPERIMENTS = SCORERS.c, SCORER_VERSIONS.c, EXPERIMENTS.c
_IN_ONE_STATEMENT = 500


def register(
    database: Database, connection: Connection, place: tuple[ExperimentId, str], serialized: str, at: datetime
) -> ScorerRecord:
    """Add a version; `place` is the experiment and the name. See `EvaluationStore.register_scorer`."""
    experiment_id, name = place
    experiment = connection.execute(sa.select(_EXPERIMENTS.seq).where(_EXPERIMENTS.id == experiment_id)).scalar()
    if experiment is None:
        raise NotFoundError(f"No Experiment with id={experiment_id} exists")
    insert = database.insert(SCORERS).on_conflict_do_nothing(index_elements=["experiment", "name"])
    connection.execute(insert, {"id": str(uuid4()), "experiment": experiment, "name": name})
    seq, scorer_id = _locked(connection, experiment_id, name)
    latest_version = sa.select(sa.func.max(_VERSIONS.version)).where(_VERSIONS.scorer == seq)
    number = (connection.execute(latest_version).scalar() or 0) + 1
    values = {"scorer": seq, "version": number, "serialized": serialized, "created_at": at}
    connection.execute(sa.insert(SCORER_VERSIONS), values)
    return ScorerRecord(
        id=scorer_id, experiment_id=experiment_id, name=name, version=number, serialized=serialized, created_at=at
    )


def latest(
    connection: Connection, experiment_ids: Sequence[ExperimentId] | None, projects: Sequence[str] | None
) -> list[ScorerRecord]:
    """The latest versions; see `EvaluationStore.list_scorers`."""
    newest = sa.select(sa.func.max(_VERSIONS.version)).where(_VERSIONS.scorer == _SCORERS.seq)
    statement = _selected().where(
        SCORER_VERSIONS.c.version == newest.correlate(SCORERS).scalar_subquery(),
        _EXPERIMENTS.lifecycle == Lifecycle.ACTIVE.value,
    )
    if projects is not None:
        statement = statement.where(_EXPERIMENTS.project.in_(projects))
    if experiment_ids is None:
        return _records(connection, statement)
    ids = list(dict.fromkeys(experiment_ids))
    found: list[tuple[int, ScorerRecord]] = []
    for start in range(0, len(ids), _IN_ONE_STATEMENT):
        some = statement.where(_EXPERIMENTS.id.in_(ids[start : start + _IN_ONE_STATEMENT]))
        found += [(row.experiment, _record(row)) for row in connection.execute(some)]
    return [record for _, record in sorted(found, key=lambda pair: (pair[0], pair[1].name))]


def versions(connection: Connection, experiment_id: ExperimentId, name: str) -> list[ScorerRecord]:
    """Every version of one; see `EvaluationStore.list_scorer_versions`."""
    found = _records(connection, _of_one(experiment_id, name))
    if not found:
        raise _no_scorer(experiment_id, name)
    return found


def version(connection: Connection, experiment_id: ExperimentId, name: str, number: int | None) -> ScorerRecord:
    """One version of one; see `EvaluationStore.get_scorer`."""
    of_one = _of_one(experiment_id, name)
    if number is None:
        chosen = of_one.order_by(None).order_by(_VERSIONS.version.desc()).limit(1)
    else:
        chosen = of_one.where(_VERSIONS.version == number)
    row = connection.execute(chosen).first()
    if row is not None:
        return _record(row)
    is_there = number is not None and connection.execute(_numbers(experiment_id, name)).first() is not None
    raise _no_scorer(experiment_id, name, number if is_there else None)


def remove(connection: Connection, experiment_id: ExperimentId, name: str, number: int | None) -> None:
    """Remove one version, or all; see `EvaluationStore.delete_scorer`."""
    seq, _ = _locked(connection, experiment_id, name)
    statement = sa.delete(SCORER_VERSIONS).where(_VERSIONS.scorer == seq)
    if number is not None:
        statement = statement.where(_VERSIONS.version == number)
    if not connection.execute(statement).rowcount:
        raise _no_scorer(experiment_id, name, number)
    if number is None:
        connection.execute(sa.delete(SCORERS).where(_SCORERS.seq == seq))


def _locked(connection: Connection, experiment_id: ExperimentId, name: str) -> tuple[int, str]:
    """A scorer's number and id, which other writers wait for; on SQLite they wait anyway."""
    row = connection.execute(_numbers(experiment_id, name).with_for_update(of=SCORERS)).first()
    if row is None:
        raise _no_scorer(experiment_id, name)
    return row.seq, row.id


def _numbers(experiment_id: ExperimentId, name: str) -> Select[Any]:
    return (
        sa.select(_SCORERS.seq, _SCORERS.id)
        .join(EXPERIMENTS, _EXPERIMENTS.seq == _SCORERS.experiment)
        .where(_EXPERIMENTS.id == experiment_id, _SCORERS.name == name)
    )


def _selected() -> Select[Any]:
    return (
        sa.select(
            _SCORERS.id, _SCORERS.experiment, _EXPERIMENTS.id.label("experiment_id"), _SCORERS.name,
            _VERSIONS.version, _VERSIONS.serialized, _VERSIONS.created_at,
        )
        .select_from(SCORER_VERSIONS)
        .join(SCORERS, _SCORERS.seq == _VERSIONS.scorer)
        .join(EXPERIMENTS, _EXPERIMENTS.seq == _SCORERS.experiment)
        .order_by(_SCORERS.experiment, _SCORERS.name, _VERSIONS.version)
    )  # fmt: skip


def _of_one(experiment_id: ExperimentId, name: str) -> Select[Any]:
    return _selected().where(_EXPERIMENTS.id == experiment_id, _SCORERS.name == name)


def _records(connection: Connection, statement: Select[Any]) -> list[ScorerRecord]:
    return [_record(row) for row in connection.execute(statement)]


def _record(row: Row[Any]) -> ScorerRecord:
    return ScorerRecord(
        id=row.id,
        experiment_id=ExperimentId(row.experiment_id),
        name=row.name,
        version=row.version,
        serialized=row.serialized,
        created_at=row.created_at,
    )


def _no_scorer(experiment_id: ExperimentId, name: str, number: int | None = None) -> NotFoundError:
    which = f"name '{name}'" if number is None else f"name '{name}' and version {number}"
    return NotFoundError(f"Scorer with {which} not found for experiment {experiment_id}.")
