"""Experiments, runs and metric points: what tracking keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from millwright.core.ids import ExperimentId, RunId


class RunStatus(StrEnum):
    """Where a run stands."""

    RUNNING = "running"  # entered on creation; left when the code ends
    FINISHED = "finished"  # the code ended normally; final
    FAILED = "failed"  # the code raised; final
    KILLED = "killed"  # the process was stopped or died; final


RUN_TRANSITIONS: Mapping[RunStatus, frozenset[RunStatus]] = {
    RunStatus.RUNNING: frozenset({RunStatus.FINISHED, RunStatus.FAILED, RunStatus.KILLED}),
    RunStatus.FINISHED: frozenset(),
    RunStatus.FAILED: frozenset(),
    RunStatus.KILLED: frozenset(),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ExperimentRecord:
    """A named collection of runs that are compared with one another."""

    id: ExperimentId
    name: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricPoint:
    """One value of one metric.

    Attributes:
        value: Any float; NaN and infinities are kept as they are.
        step: The position on the training axis, ≥ 0.
    """

    key: str
    value: float
    step: int
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRecord:
    """A snapshot of a run.

    Attributes:
        parent_id: The run it is part of (a trial's tuning run), or None.
        params: Immutable once written; values as text.
        metrics: The latest value of each metric (highest step, then latest time).
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
