"""Runs and metric points: what tracking keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.experiment import Lifecycle

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class RunStatus(StrEnum):
    """Where a run stands."""

    SCHEDULED = "scheduled"  # entered on creation by a scheduler; left when the code starts
    RUNNING = "running"  # entered on creation; left when the code ends
    FINISHED = "finished"  # the code ended normally; final
    FAILED = "failed"  # the code raised; final
    KILLED = "killed"  # the process was stopped or died; final


# What our own code may do. Clients of the wire resume runs that have ended, so `RunStore.update_run` takes any status.
RUN_TRANSITIONS: Mapping[RunStatus, frozenset[RunStatus]] = {
    RunStatus.SCHEDULED: frozenset({RunStatus.RUNNING, RunStatus.FINISHED, RunStatus.FAILED, RunStatus.KILLED}),
    RunStatus.RUNNING: frozenset({RunStatus.FINISHED, RunStatus.FAILED, RunStatus.KILLED}),
    RunStatus.FINISHED: frozenset(),
    RunStatus.FAILED: frozenset(),
    RunStatus.KILLED: frozenset(),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricPoint:
    """One value of one metric.

    Attributes:
        value: Any float; NaN and infinities are kept as they are.
        step: The position on the training axis, ≥ 0; the wire's clients may give any 64-bit number.
        model_id: The logged model that it was measured on, if it was told.
        dataset_name: The dataset that it was measured on, if it was told; with `dataset_digest`.
    """

    key: str
    value: float
    step: int
    at: datetime
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None


class LatestPoints(Mapping[str, MetricPoint]):
    """The last point of each metric of a run, made into points only when it is asked for them.

    A page of a thousand runs has ten thousand of them, of which most readers want the values only.

    Args:
        stored: Step, microseconds since 1970 and value of each metric's last point, by name.
    """

    __slots__ = ("_stored",)

    def __init__(self, stored: Mapping[str, tuple[int, int, float]]) -> None:
        self._stored = stored

    def stored(self) -> Iterable[tuple[str, tuple[int, int, float]]]:
        """Name, then step, microseconds since 1970 and value, of every metric."""
        return self._stored.items()

    def __getitem__(self, key: str) -> MetricPoint:
        step, micros, value = self._stored[key]
        return MetricPoint(key=key, value=value, step=step, at=_EPOCH + timedelta(microseconds=micros))

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)

    def __repr__(self) -> str:
        return f"LatestPoints({dict(self._stored)!r})"


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricSummary:
    """What is known of one metric of a run without reading its points.

    Attributes:
        count: How many points there are.
        last: The point of the highest step, then the latest time, then the highest value.
        minimum: The lowest value that is not NaN; None when there is none.
        maximum: The highest value that is not NaN; None when there is none.
    """

    key: str
    count: int
    last: MetricPoint
    minimum: float | None
    maximum: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRecord:
    """A snapshot of a run.

    Attributes:
        parent_id: The run it is part of (a trial's tuning run), or None.
        params: Immutable once written; values as text.
        metrics: The latest value of each metric (highest step, then latest time, then highest value).
        latest: The points that `metrics` gives the values of; without model and dataset.
        user: Who started it, as its client told.
        deleted_at: When it was deleted; None while it is active.
        artifact_uri: Where its artifacts go; empty for `artifacts` in the run's folder of its experiment's place.
    """

    id: RunId
    experiment_id: ExperimentId
    name: str
    status: RunStatus
    started_at: datetime
    ended_at: datetime | None = None
    parent_id: RunId | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    latest: Mapping[str, MetricPoint] = field(default_factory=dict)
    user: str = ""
    lifecycle: Lifecycle = Lifecycle.ACTIVE
    deleted_at: datetime | None = None
    artifact_uri: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RunBatch:
    """Points, parameters and tags that are written as one change."""

    points: tuple[MetricPoint, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
