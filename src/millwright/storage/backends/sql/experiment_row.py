"""Rows of experiments, with their tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.ids import ExperimentId
from millwright.core.records.experiment import ExperimentFigures, ExperimentRecord, Lifecycle
from millwright.storage.backends.sql import driver
from millwright.storage.backends.sql.moment import moment, optional_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_IN_ONE_STATEMENT = 500  # far below the 32,766 bound values of SQLite


def records(connection: Connection, chosen: Sequence[int]) -> list[ExperimentRecord]:
    """Whole records of experiments by their numbers, in that order; those that are not there are left out."""
    found: dict[int, ExperimentRecord] = {}
    for start in range(0, len(chosen), _IN_ONE_STATEMENT):
        numbers = chosen[start : start + _IN_ONE_STATEMENT]
        marks = driver.marks(len(numbers))
        tags: dict[int, dict[str, str]] = {}
        statement = f"SELECT experiment, key, value FROM experiment_tags WHERE experiment IN ({marks}) ORDER BY key"  # noqa: S608
        for seq, key, value in driver.run(connection, statement, numbers):
            tags.setdefault(seq, {})[key] = value
        for seq, experiment_id, name, created, updated, lifecycle, location, project in driver.run(
            connection,
            "SELECT seq, id, name, created_at, updated_at, lifecycle, artifact_location, project "  # noqa: S608
            f"FROM experiments WHERE seq IN ({marks})",
            numbers,
        ):
            found[seq] = ExperimentRecord(
                id=ExperimentId(experiment_id),
                name=name,
                created_at=moment(created),
                updated_at=optional_moment(updated),
                lifecycle=Lifecycle(lifecycle),
                artifact_location=location,
                tags=tags.get(seq, {}),
                project=project,
            )
    return [found[seq] for seq in chosen if seq in found]


def figures(connection: Connection, ids: Sequence[ExperimentId]) -> dict[ExperimentId, ExperimentFigures]:
    """The figures of experiments by their ids; those that are not there are left out."""
    found: dict[ExperimentId, ExperimentFigures] = {}
    latest = (
        "SELECT started_at FROM runs WHERE experiment = e.seq AND lifecycle = 'active' ORDER BY started_at DESC LIMIT 1"
    )
    counted = "SELECT count(*) FROM runs WHERE experiment = e.seq AND lifecycle = 'active'"
    for start in range(0, len(ids), _IN_ONE_STATEMENT):
        asked = ids[start : start + _IN_ONE_STATEMENT]
        statement = (
            f"SELECT e.id, ({counted}), ({latest}) FROM experiments e WHERE e.id IN ({driver.marks(len(asked))})"  # noqa: S608
        )
        for experiment_id, runs, at in driver.run(connection, statement, asked):
            found[ExperimentId(experiment_id)] = ExperimentFigures(runs=runs, last_run_at=optional_moment(at))
    return found
