"""What a worker and the process of a run tell each other, as lines of JSON.

The worker writes an order, and then the end of the lease each time it was renewed. The process writes one line, the
outcome, and ends. Each notices the other's end by the end of the stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import msgspec

from millwright.core.ids import PipelineRunId

_LONGEST_ERROR = 8_000


class Task(StrEnum):
    """What a process is for."""

    RUN = "run"  # executes a queued run
    CODE = "code"  # tells the digest of the code that a pipeline's steps reach
    FORECAST = "forecast"  # tells whether a run would train anything new
    PARAMS = "params"  # tells whether a pipeline takes some parameters


class End(StrEnum):
    """How a run ended, as its process saw it."""

    DONE = "done"  # every step is done
    FAILED = "failed"  # a step failed, or the run could not begin
    CANCELLED = "cancelled"  # somebody stopped it
    AGAIN = "again"  # a store was away: nobody knows; another attempt will show


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What a process is to do.

    Attributes:
        folder: The workspace.
        overrides: Settings that were given by hand.
        run_id: Which queued run.
        pipeline: For the others: which pipeline.
        project_dir: For them: where relative paths begin.
        params: For them: its parameters.
        alias: For `FORECAST`: `model@alias` that a new version is to meet.
        lease_until: Seconds since 1970: it stops itself then, unless it is told of a later end; None for no lease.
    """

    task: Task
    folder: str
    overrides: Mapping[str, Any] = field(default_factory=dict)
    run_id: PipelineRunId | None = None
    pipeline: str = ""
    project_dir: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    alias: str = ""
    lease_until: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of it.

    Attributes:
        error: Why it failed, in a sentence or more.
        because: For `FORECAST`: the rule by which none is to begin; a value of `Because`.
        digest: For `CODE`.
        libraries: What was loaded that a process may have from its beginning.
    """

    end: End
    error: str | None = None
    because: str = ""
    digest: str = ""
    libraries: tuple[str, ...] = ()


def line_of(value: Order | Outcome | float) -> bytes:
    """A value as one line."""
    if isinstance(value, Outcome) and value.error and len(value.error) > _LONGEST_ERROR:
        # A pipe takes 64 kB without a reader, and nobody reads more.
        value = replace(value, error=value.error[:_LONGEST_ERROR] + " …")
    return msgspec.json.encode(value) + b"\n"


def read_order(line: bytes) -> Order:
    """An order as `line_of` gives it."""
    return msgspec.json.decode(line, type=Order)


def read_outcome(line: bytes) -> Outcome | None:
    """An outcome as `line_of` gives it; None for anything else, such as half of one."""
    try:
        return msgspec.json.decode(line, type=Outcome)
    except msgspec.DecodeError:
        return None
