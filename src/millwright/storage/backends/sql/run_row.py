"""Rows of runs, with what stands in other tables of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from millwright.core.errors import NotFoundError, StateTransitionError
from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.experiment import Lifecycle
from millwright.core.records.run import LatestPoints, RunRecord, RunStatus
from millwright.storage.backends.sql import driver
from millwright.storage.backends.sql.moment import moment, optional_moment
from millwright.storage.backends.sql.run_table import HEAD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

_RUNS_IN_ONE_STATEMENT = 500  # far below the 32,766 bound values of SQLite
_NAN = float("nan")
_COLUMNS = (
    "r.seq, r.id, e.id, r.parent_id, r.name, r.status, r.started_at, r.ended_at, r.username, r.lifecycle, "
    "r.deleted_at, r.artifact_uri"
)
_KEY = "SELECT seq, experiment, started_at, status, lifecycle FROM runs WHERE id = ?"


class RunKey(NamedTuple):
    """What the rows of a run's parameters, tags and metrics repeat of it, and its state."""

    seq: int
    experiment: int
    started_at: int
    status: str
    lifecycle: str


def find(connection: Connection, run_id: str) -> RunKey:
    """A run's key, to read by.

    Raises:
        NotFoundError: There is no such run.
    """
    row = driver.run(connection, _KEY, (run_id,)).fetchone()
    if row is None:
        raise NotFoundError(f"There is no run with the id '{run_id}'.", hint="List the runs with: mw runs search")
    return RunKey._make(row)


def hold(connection: Connection, run_id: str) -> RunKey:
    """A run's key, to write by: nobody else writes to it until the transaction ends.

    Raises:
        NotFoundError: There is no such run.
        StateTransitionError: It is deleted.
    """
    # Locks the run's row on PostgreSQL; SQLite's transaction is exclusive already.
    statement = _KEY if driver.is_sqlite(connection) else f"{_KEY} FOR NO KEY UPDATE"
    row = driver.run(connection, statement, (run_id,)).fetchone()
    if row is None:
        raise NotFoundError(f"There is no run with the id '{run_id}'.", hint="List the runs with: mw runs search")
    key = RunKey._make(row)
    if key.lifecycle != Lifecycle.ACTIVE.value:
        raise StateTransitionError(
            f"The run '{run_id}' is deleted and cannot be changed.",
            hint="Restore it first.",
            details={"lifecycle": key.lifecycle},
        )
    return key


def put_pairs(connection: Connection, table: str, run: RunKey, pairs: Mapping[str, str]) -> None:
    """Insert parameters or tags of a run; those of the same key are replaced."""
    if not pairs:
        return
    statement = (
        f"INSERT INTO {table} (run, key, value, head, experiment, started_at) VALUES (?, ?, ?, ?, ?, ?) "  # noqa: S608
        "ON CONFLICT (run, key) DO UPDATE SET value = excluded.value, head = excluded.head"
    )
    rows = [(run.seq, key, value, value[:HEAD], run.experiment, run.started_at) for key, value in pairs.items()]
    driver.run_many(connection, statement, rows)


def records(connection: Connection, chosen: Sequence[int]) -> list[RunRecord]:
    """Whole records of runs by their numbers, in that order; those that are not there are left out."""
    found: dict[int, RunRecord] = {}
    for start in range(0, len(chosen), _RUNS_IN_ONE_STATEMENT):
        numbers = chosen[start : start + _RUNS_IN_ONE_STATEMENT]
        rows = driver.run(
            connection,
            f"SELECT {_COLUMNS} FROM runs r JOIN experiments e ON e.seq = r.experiment "  # noqa: S608 - constants
            f"WHERE r.seq IN ({driver.marks(len(numbers))})",
            numbers,
        ).fetchall()
        params = _pairs(connection, "run_params", numbers)
        tags = _pairs(connection, "run_tags", numbers)
        points = _points(connection, numbers)
        for row in rows:
            found[row[0]] = _record(row, params.get(row[0], {}), tags.get(row[0], {}), points.get(row[0], {}))
    return [found[seq] for seq in chosen if seq in found]


def bare(connection: Connection, seq: int) -> RunRecord:
    """A run's record without parameters, tags and metrics."""
    statement = f"SELECT {_COLUMNS} FROM runs r JOIN experiments e ON e.seq = r.experiment WHERE r.seq = ?"  # noqa: S608
    return _record(driver.run(connection, statement, (seq,)).fetchone(), {}, {}, {})


def _record(
    row: Sequence[Any], params: dict[str, str], tags: dict[str, str], points: dict[str, tuple[int, int, float]]
) -> RunRecord:
    _, run_id, experiment_id, parent, name, status, started, ended, user, lifecycle, deleted, uri = row
    return RunRecord(
        id=RunId(run_id),
        experiment_id=ExperimentId(experiment_id),
        parent_id=parent,
        name=name,
        status=RunStatus(status),
        started_at=moment(started),
        ended_at=optional_moment(ended),
        params=params,
        tags=tags,
        metrics={key: value for key, (_step, _at, value) in points.items()},
        latest=LatestPoints(points),
        user=user,
        lifecycle=Lifecycle(lifecycle),
        deleted_at=optional_moment(deleted),
        artifact_uri=uri,
    )


def _pairs(connection: Connection, table: str, numbers: Sequence[int]) -> dict[int, dict[str, str]]:
    of_run: defaultdict[int, dict[str, str]] = defaultdict(dict)
    statement = f"SELECT run, key, value FROM {table} WHERE run IN ({driver.marks(len(numbers))}) ORDER BY run, key"  # noqa: S608
    for run, key, value in driver.run(connection, statement, numbers):
        of_run[run][key] = value
    return of_run


def _points(connection: Connection, numbers: Sequence[int]) -> dict[int, dict[str, tuple[int, int, float]]]:
    of_run: defaultdict[int, dict[str, tuple[int, int, float]]] = defaultdict(dict)
    statement = (
        "SELECT run, key, step, at, value, is_nan FROM metrics "  # noqa: S608 - constants
        f"WHERE run IN ({driver.marks(len(numbers))}) ORDER BY run, key"
    )
    for run, key, step, at, value, is_nan in driver.run(connection, statement, numbers):
        of_run[run][key] = (step, at, _NAN if is_nan else value)
    return of_run
