"""Executes graphs: each step when its key is new, taken from the store when it is not; nothing finished is lost.

Path of a step: `PipelineRunner.run` → `StepExecutor.perform` (key, cache, single flight) → `attempt` (the function,
retries, time-out) → `ValueShelf.store` (artifacts) → `Journal.complete` (record, lineage and lease in one transaction).

Guarantees:

- An artifact is stored before the record that names it; the record, its lineage and the end of the lease are one
  change.
- A result with a key is recorded once: whoever finishes second takes the first one's.
- A hit whose artifact is gone is no hit. A run that failed or was killed is continued by running again.
- What one step does to its arguments in place, no other step sees: each gets a copy, a handle of its own over
  immutable columns, or the value read from its bytes again.
"""

from __future__ import annotations

from millwright.pipelines.runner.interruption import mark_interrupted
from millwright.pipelines.runner.options import PipelineRunResult, RunnerSettings, RunOptions, StepForecast
from millwright.pipelines.runner.runner import PipelineRunner

__all__ = ["PipelineRunResult", "PipelineRunner", "RunOptions", "RunnerSettings", "StepForecast", "mark_interrupted"]
