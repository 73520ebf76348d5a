"""Tracking: runs with their parameters, metrics and tags, inside pipelines and outside.

Path of a metric (2 hops): `Run.log_metric` → `RunStore.append_metrics`, durable when the call returns.

- `tracker`: starts runs and finds them. `run`: a run that is being written; its snapshot is a `RunRecord`.
- `environment`: which interpreter, machine and packages something ran with.
"""

from __future__ import annotations

from millwright.tracking.environment import capture_environment
from millwright.tracking.run import Run
from millwright.tracking.tracker import RunStart, Tracker

__all__ = ["Run", "RunStart", "Tracker", "capture_environment"]
