"""Settings of workers and of the queue."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field


class WorkerSettings(BaseModel):
    """How workers execute queued runs."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    concurrency: int = Field(default=1, ge=1, le=256, description="How many runs a worker executes at once.")
    poll_seconds: float = Field(
        default=1.0, gt=0, le=60, description="How often a worker looks at the queue, schedules and triggers."
    )
    lease_seconds: float = Field(
        default=30.0, gt=0, le=3600, description="So long after a worker's death another one takes up its runs."
    )
    grace_seconds: float = Field(
        default=30.0, ge=0, description="How long runs may go on when a worker is stopped; then they are handed back."
    )
    cancel_grace_seconds: float = Field(
        default=10.0, ge=0, description="How long a cancelled run may take to end; then its process is ended."
    )
    max_attempts: int = Field(default=5, ge=1, le=100, description="A run whose process died so often has failed.")
    backoff_seconds: float = Field(
        default=1.0, ge=0, description="Rest after the first death of a run's process; doubled each time, up to 10 min."
    )
    max_runs: int = Field(default=0, ge=0, description="Most queued runs at once, over all workers; 0 for any number.")
    max_runs_each: int = Field(default=0, ge=0, description="Most queued runs of one pipeline at once; 0 likewise.")
    max_runs_of: dict[str, int] = Field(
        default={}, description="The same for some pipelines, by name, in place of max_runs_each."
    )
    lost_after_hours: float = Field(
        default=24.0,
        gt=0,
        description="A run outside the queue, of another machine, that was not heard of for so long is interrupted.",
    )
