"""Runs as tables: one row for each, and one for each thing in which they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.ids import RunId
    from millwright.core.records.run import RunRecord
    from millwright.core.records.run_input import RunLinks

_TIME = pl.Datetime("us", "UTC")
_FIXED: dict[str, pl.DataType | type[pl.DataType]] = {
    "run_id": pl.String,
    "name": pl.String,
    "experiment_id": pl.String,
    "status": pl.String,
    "started_at": _TIME,
    "ended_at": _TIME,
    "user": pl.String,
    "parent_id": pl.String,
}
_HIDDEN = ("mlflow.", "millwright.")  # tags that every run has, and that say little when they differ
_TELLING = ("mlflow.source.git.commit", "millwright.python", "millwright.host", "millwright.gpus")


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One thing in which runs differ.

    Attributes:
        kind: params, metrics, tags, datasets or run.
        values: One for each run; None where it has none.
    """

    kind: str
    key: str
    values: tuple[str | float | None, ...]


def runs_frame(runs: Sequence[RunRecord]) -> pl.DataFrame:
    """A frame of runs, in their order.

    Args:
        runs: Any number.

    Returns:
        run_id, name, experiment_id, status, started_at, ended_at, user, parent_id, then `metrics.…` as Float64 and
        `params.…` and `tags.…` as texts; null where a run has none.
    """
    fixed = [
        (r.id, r.name, r.experiment_id, r.status.value, r.started_at, r.ended_at, r.user, r.parent_id) for r in runs
    ]
    columns = {
        name: pl.Series(name, [row[index] for row in fixed], dtype=kind)
        for index, (name, kind) in enumerate(_FIXED.items())
    }
    for group, kind in (("metrics", pl.Float64), ("params", pl.String), ("tags", pl.String)):
        values: list[Mapping[str, Any]] = [getattr(run, group) for run in runs]
        for key in sorted(set().union(*values)):
            columns[f"{group}.{key}"] = pl.Series([each.get(key) for each in values], dtype=kind)
    return pl.DataFrame(columns)


def differences(runs: Sequence[RunRecord], links: Mapping[RunId, RunLinks]) -> list[Difference]:
    """In what runs differ: parameters, metrics, data, tags, code and status; what is the same in all is left out.

    Args:
        runs: Two or more.
        links: What they read.
    """
    found: list[Difference] = []

    def compare(kind: str, groups: Sequence[Mapping[str, Any]]) -> None:
        for key in sorted(set().union(*groups)):
            values = tuple(group.get(key) for group in groups)
            if len({repr(value) for value in values}) > 1:
                found.append(Difference(kind=kind, key=key, values=values))

    compare("run", [{"status": r.status.value, "experiment": r.experiment_id, "seconds": _seconds(r)} for r in runs])
    compare("params", [run.params for run in runs])
    compare("metrics", [run.metrics for run in runs])
    compare("datasets", [{used.name: used.digest for used in links[run.id].datasets} for run in runs])
    compare("tags", [_telling(run.tags) for run in runs])
    return found


def _seconds(run: RunRecord) -> float | None:
    return None if run.ended_at is None else round((run.ended_at - run.started_at).total_seconds(), 2)


def _telling(tags: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if key in _TELLING or not key.startswith(_HIDDEN)}
