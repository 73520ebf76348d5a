"""Monitoring: what production looks like beside what the model was made for, and who should know.

| module             | holds                                                                                          |
|--------------------|------------------------------------------------------------------------------------------------|
| `reference`        | what a version saw and answered when it was made; a document of the version                    |
| `window`           | which logged predictions a check looks at                                                      |
| `monitored_column` | how each type of column is compared                                                            |
| `statistics`       | the distances between two samples of one column, one file each                                 |
| `drift`            | which columns differ: size of the difference first, then tests with false-discovery control    |
| `missing`          | which columns lack values more often                                                           |
| `performance`      | realised performance on labelled rows beside that at evaluation                                |
| `label`            | labels that arrive later                                                                       |
| `comparison`       | all of it for one window; reads and writes nothing                                             |
| `finding`          | what of it is worth an alert                                                                   |
| `monitor`, `alert` | reads, writes and tells                                                                        |
| `page`             | a report as sections of a page                                                                 |

Paths:

- check an endpoint: `Monitor.check` → `read_window` → `compare_window` → `compare_columns` → a statistic; then
  `Monitor._write` → `MonitorStore.append_report` (3 hops to the first store write).
- add labels: `LabelService.add` → `ExpectedLabel.read` → `PredictionStore.append_labels`.
- make a reference (once, at registration): `build_reference`.

Monitoring knows nothing of deployment: they meet in the prediction log.
"""

from __future__ import annotations

from millwright.monitoring.alert import AlertDesk, find_alert, unresolved_alerts
from millwright.monitoring.drift import DriftSettings
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.label import LabelResult, LabelService
from millwright.monitoring.missing import MissingSettings
from millwright.monitoring.monitor import Monitor
from millwright.monitoring.performance import PerformanceSettings
from millwright.monitoring.reference import Reference, ReferenceOptions, build_reference, load_reference
from millwright.monitoring.settings import MonitorSettings
from millwright.monitoring.window import Window

__all__ = [
    "AlertDesk",
    "AlertKind",
    "DriftSettings",
    "LabelResult",
    "LabelService",
    "MissingSettings",
    "Monitor",
    "MonitorSettings",
    "PerformanceSettings",
    "Reference",
    "ReferenceOptions",
    "Window",
    "build_reference",
    "find_alert",
    "load_reference",
    "unresolved_alerts",
]
