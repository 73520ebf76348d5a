"""Tracking: runs with their parameters, metrics and tags, inside pipelines and outside.

Path of a metric in a pipeline (2 hops): `Run.log_metric` → `RunStore.append_metrics`, durable when the call returns.
Path of a metric outside (4 hops): `LiveRun.log_metric` → `Flusher.put`, which returns; then on its thread, in batches,
`StoreSink.write` → `RunStore.append_metrics`. When that fails: `OfflineLog.append`, and later `replay` into the sink.

- `tracker`: starts runs, finds and searches them. `run`: a run of a pipeline that is being written; its snapshot is a
  `RunRecord`. `frame`: runs as tables, and in what they differ.
- `opening`: opens live runs, the ones of `mw.track`. `live_run`: one of them; `file_log` and `dataset_input` are what
  it keeps besides numbers. `flusher`: writes it in the background.
- `change`: what happens to a run, as records. `sink`: where changes go; `store_sink`, `wire_sink` and `offline_log` are
  the places. `sync` brings offline logs over; `blob` keeps their bytes.
- `capture`: what is noted without being asked. `environment`: interpreter and packages.
"""

from __future__ import annotations

from millwright.tracking.environment import capture_environment
from millwright.tracking.run import Run
from millwright.tracking.tracker import RunStart, Tracker

__all__ = ["Run", "RunStart", "Tracker", "capture_environment"]
