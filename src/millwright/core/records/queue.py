"""Runs that wait for a worker, and what workers may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from millwright.core.ids import PipelineRunId
from millwright.core.records.code import CodeRecord


class RequestState(StrEnum):
    """Where a queued run stands."""

    QUEUED = "queued"  # entered on creation, and when a worker hands it back; left when one claims it
    RUNNING = "running"  # a worker has it, as long as its lease lasts; then another one may claim it
    DONE = "done"  # the run completed; final
    FAILED = "failed"  # the run failed, could not begin, or was taken up too often; final
    CANCELLED = "cancelled"  # a person stopped it; final


OPEN_STATES = frozenset({RequestState.QUEUED, RequestState.RUNNING})
ANSWERS = "answers"  # the option of a request that holds what the run answers: alerts, new data, a time


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRequest:
    """A run that somebody or something asked for, and that a worker executes.

    Attributes:
        id: The id of the pipeline run that it becomes; the same for every attempt.
        name: The pipeline's name, under which limits are counted.
        pipeline: `/absolute/file.py:function`, or `package.module:function`.
        project_dir: The folder that relative paths begin at.
        params: The pipeline's parameters, JSON values.
        options: How it is run: `no_cache`, `force`, `until`, `executor`; the run that it `resumes`; and what it
            `answers`; JSON values.
        trigger: Who or what asked: `user:ada`, `schedule:nightly@2026-03-29T02:00:00+00:00`, `dataset:schedules@7`, ….
        requested_by: Who acts, for the audit log.
        priority: Higher ones are claimed first.
        not_before: It waits until then.
        dedup_key: At most one request has it; None when it may be repeated.
        owner: `host:pid:start/…` of the worker that has it.
        lease_until: From then on another worker may claim it.
        attempts: How often it was claimed.
        error: Why it failed, or why the last attempt ended.
        cancel_requested_by: Who wants it stopped.
        code: The project's code as it was when the request was made, for machines that lack the file.
    """

    id: PipelineRunId
    name: str
    pipeline: str
    created_at: datetime
    not_before: datetime
    trigger: str
    project_dir: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    requested_by: str = ""
    priority: int = 0
    dedup_key: str | None = None
    state: RequestState = RequestState.QUEUED
    owner: str | None = None
    lease_until: datetime | None = None
    attempts: int = 0
    ended_at: datetime | None = None
    error: str | None = None
    cancel_requested_at: datetime | None = None
    cancel_requested_by: str | None = None
    code: CodeRecord | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RunLimits:
    """How many queued runs may be executed at once, over all workers.

    Attributes:
        total: Of all pipelines; 0 for no limit.
        each: Of each pipeline; 0 for no limit.
        of: Of some pipelines, by name, in place of `each`; 0 for no limit.
    """

    total: int = 0
    each: int = 0
    of: Mapping[str, int] = field(default_factory=dict)

    @property
    def limited(self) -> bool:
        """Whether there is any limit."""
        return bool(self.total or self.each or any(self.of.values()))

    def full(self, running: Mapping[str, int]) -> frozenset[str] | None:
        """The pipelines that may not begin another run.

        Args:
            running: How many runs each pipeline has.

        Returns:
            Their names; None when no pipeline at all may.
        """
        if self.total and sum(running.values()) >= self.total:
            return None
        most = {name: self.of.get(name, self.each) for name in running}
        return frozenset(name for name, count in running.items() if most[name] and count >= most[name])


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What a worker asks the queue for.

    Attributes:
        owner: The worker.
        now: The time.
        until: When its lease ends unless it is renewed.
        max_attempts: Requests that were claimed so often are not given.
        limits: How many may run at once.
    """

    owner: str
    now: datetime
    until: datetime
    max_attempts: int = 5
    limits: RunLimits = field(default_factory=RunLimits)
