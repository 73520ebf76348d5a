"""Pipeline runs and step runs: what was executed, with what, giving what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from millwright.core.ids import Digest, PipelineRunId, RunId, StepRunId
from millwright.core.records.code import CodeRecord


class PipelineRunStatus(StrEnum):
    """Where a pipeline run stands."""

    RUNNING = "running"  # entered on creation; left when the last step ends or one fails
    COMPLETED = "completed"  # every step completed or was cached; final
    FAILED = "failed"  # a step raised, or its process died as often as a queued run may be tried; final
    CANCELLED = "cancelled"  # a person stopped it; final
    INTERRUPTED = "interrupted"  # its process died; found by the next process; final


PIPELINE_RUN_TRANSITIONS: Mapping[PipelineRunStatus, frozenset[PipelineRunStatus]] = {
    PipelineRunStatus.RUNNING: frozenset(PipelineRunStatus) - {PipelineRunStatus.RUNNING},
    PipelineRunStatus.COMPLETED: frozenset(),
    PipelineRunStatus.FAILED: frozenset(),
    PipelineRunStatus.CANCELLED: frozenset(),
    PipelineRunStatus.INTERRUPTED: frozenset(),
}


class StepStatus(StrEnum):
    """Where a step of a pipeline run stands."""

    RUNNING = "running"  # entered when its inputs are there; left when its code ends
    COMPLETED = "completed"  # its code returned and its outputs are stored; final
    CACHED = "cached"  # an earlier result with the same key was taken; final
    FAILED = "failed"  # its code raised after all retries; final
    SKIPPED = "skipped"  # a condition on it did not hold, or a step that it needs was skipped; final
    INTERRUPTED = "interrupted"  # its process died or was cancelled; final


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueRef:
    """A stored value that passes between steps.

    Attributes:
        name: The output's name: `result`, or a position in a tuple as `0`, `1`, ….
        serializer: The name of the format it is stored in.
        digest: Digest of the stored bytes; the identity of the value in cache keys.
        size_bytes: How many bytes.
        pack: The blob that holds the bytes among those of other small values; None when they are a blob of their own.
        offset: Where in the pack they begin.
        parts: Further blobs that the value consists of, such as the files of a folder; the record names them, so that
            garbage collection spares them and backups hold them.
    """

    name: str
    serializer: str
    digest: Digest
    size_bytes: int
    pack: Digest | None = None
    offset: int = 0
    parts: tuple[Digest, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StepUsage:
    """What an execution took of the machine.

    Attributes:
        cpu_s: Seconds of processor time, of all threads.
        peak_memory_bytes: The most memory that the executing process held while it lasted; of a process that does
            several things at once it is the process's.
        cost: Estimated from the price table of the workspace, in its currency; None without one.
    """

    cpu_s: float
    peak_memory_bytes: int
    cost: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StepRunRecord:
    """One execution (or cache hit) of one step.

    Attributes:
        step: The step's unique name in its graph.
        function: The step function's qualified name.
        cache_key: Digest of code, parameters and inputs; None when caching is off.
        cached_from: The step run whose outputs were taken.
        summary: A few facts for people, JSON values (rows, best score, …).
        usage: What it took; None for steps that were not executed.
        log: What it printed and logged, as text.
        attempts: How often it was tried.
        key_parts: What its key was made of, to say later what changed.
        part_of: The mapped step whose item this is; empty for others.
        executor: What executed it: `inline`, `processes`, `ray`.
    """

    id: StepRunId
    pipeline_run_id: PipelineRunId
    step: str
    function: str
    status: StepStatus
    started_at: datetime
    cache_key: Digest | None = None
    ended_at: datetime | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, ValueRef] = field(default_factory=dict)
    outputs: tuple[ValueRef, ...] = ()
    cached_from: StepRunId | None = None
    summary: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    usage: StepUsage | None = None
    log: Digest | None = None
    attempts: int = 1
    key_parts: Mapping[str, Any] = field(default_factory=dict)
    part_of: str = ""
    executor: str = "inline"


@dataclass(frozen=True, kw_only=True, slots=True)
class PipelineRunRecord:
    """One run of one pipeline.

    Attributes:
        owner: `host:pid:start` of the process that runs it, to notice that it died.
        trigger: Who or what started it: `user:name`, `alert:<id>`, ….
        tracking_run_id: The tracked run that its trials are nested under.
        resumes: The failed run that this one goes on from.
        attempt: How many processes have taken it up so far, those that died included.
    """

    id: PipelineRunId
    pipeline: str
    status: PipelineRunStatus
    started_at: datetime
    code: CodeRecord
    owner: str
    trigger: str
    params: Mapping[str, Any] = field(default_factory=dict)
    ended_at: datetime | None = None
    tracking_run_id: RunId | None = None
    error: str | None = None
    resumes: PipelineRunId | None = None
    attempt: int = 1
