"""Removes runs and experiments for good, with every row that belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.storage.backends.sql import driver

if TYPE_CHECKING:
    from sqlalchemy import Connection

_OF_RUNS = ("metrics", "run_params", "run_tags", "logged_model_metrics", "run_datasets", "run_models")
_OF_TRACES = ("trace_tags", "trace_metadata", "trace_spans", "trace_links", "assessments")


def remove_runs(connection: Connection, which: str, value: str | int) -> None:
    """Remove runs.

    Args:
        connection: Inside a transaction that writes.
        which: The condition on the table of runs, with one `?`.
        value: What stands for it.
    """
    runs = f"SELECT seq FROM runs WHERE {which}"  # noqa: S608 - the callers' constants
    driver.run(
        connection,
        f"DELETE FROM metric_points WHERE metric IN (SELECT seq FROM metrics WHERE run IN ({runs}))",  # noqa: S608
        (value,),
    )
    for table in _OF_RUNS:
        driver.run(connection, f"DELETE FROM {table} WHERE run IN ({runs})", (value,))  # noqa: S608 - constants
    linked = f"SELECT id FROM runs WHERE {which}"  # noqa: S608 - the callers' constants
    driver.run(connection, f"DELETE FROM trace_links WHERE kind = 'run' AND target IN ({linked})", (value,))  # noqa: S608
    driver.run(connection, f"DELETE FROM runs WHERE {which}", (value,))  # noqa: S608 - the callers' constants


def remove_experiment(connection: Connection, seq: int) -> None:
    """Remove an experiment with its runs, traces and scorers."""
    remove_runs(connection, "experiment = ?", seq)
    _remove_traces(connection, seq)
    driver.run(
        connection,
        "DELETE FROM scorer_versions WHERE scorer IN (SELECT seq FROM scorers WHERE experiment = ?)",
        (seq,),
    )
    for table in ("input_datasets", "experiment_tags", "scorers"):
        driver.run(connection, f"DELETE FROM {table} WHERE experiment = ?", (seq,))  # noqa: S608 - constants
    driver.run(connection, "DELETE FROM experiments WHERE seq = ?", (seq,))


def _remove_traces(connection: Connection, experiment: int) -> None:
    of_experiment = "experiment_id IN (SELECT id FROM experiments WHERE seq = ?)"
    for table in _OF_TRACES:
        traces = f"SELECT id FROM traces WHERE {of_experiment}"  # noqa: S608 - constants
        driver.run(connection, f"DELETE FROM {table} WHERE trace_id IN ({traces})", (experiment,))  # noqa: S608
    driver.run(connection, f"DELETE FROM traces WHERE {of_experiment}", (experiment,))  # noqa: S608 - constants
