"""Monitoring: what production looks like beside what the model was made for, and who should know.

| module             | holds                                                                                          |
|--------------------|------------------------------------------------------------------------------------------------|
| `reference`        | what a version saw and answered when it was made; a document of the version                    |
| `window`           | which logged predictions a check looks at                                                      |
| `monitored_column` | how each type of column is compared                                                            |
| `statistics`       | the distances between two samples of one column, one file each                                 |
| `summaries`        | windows as mergeable counts in the cells of a reference                                         |
| `drift`            | which columns differ: size of the difference first, then tests with false-discovery control    |
| `joint`            | whether all features together tell the window from the reference                               |
| `repeated_row`     | rows that stand more than once: which equal which, and how many they are worth                 |
| `second_model`     | small models that are fitted to learn something of the first                                  |
| `quality`          | what is wrong with the values of a window, one check per file                                  |
| `performance`      | realised performance on labelled rows beside that at evaluation                                |
| `slice_performance` | performance of parts of the window: which was lost while the average held                      |
| `bias`             | gaps between declared groups beside those of the reference                                     |
| `operations`       | latency, throughput, errors and cost of a window                                               |
| `estimation`       | what labels are expected to show, before they are there                                        |
| `embedding`        | drift of tensors                                                                               |
| `insight`          | odd rows, errors that rise, what explains drift and a loss: the three rooms below together     |
| `anomaly`          | rows unlike the reference's, odd moments of a series                                           |
| `concept`          | drift of errors in the order of time, by River                                                 |
| `attribution`      | which features drift and a loss are due to, down to rows                                       |
| `row_loss`         | how wrong each labelled answer was                                                             |
| `threshold`        | limits from chunks of the reference, or from the past by season                                |
| `chunk_limit`      | the same for drift and a loss                                                                  |
| `label`            | labels that arrive later                                                                       |
| `comparison`       | all of it for one window; reads and writes nothing                                             |
| `finding`          | what an alert is about                                                                         |
| `alarms`           | what of a comparison is worth an alert, one kind per file                                      |
| `monitor`, `alert` | reads, writes and tells                                                                        |
| `judging`          | by what past windows are judged                                                                |
| `past`             | full reports of past windows                                                                   |
| `page`             | a report as sections of a page                                                                 |

Paths:

- check an endpoint: `Monitor.check` → `read_window` → `compare_window` → `compare_columns` → a statistic; then
  `Monitor._write` → `MonitorStore.append_report` (3 hops to the first store write).
- add labels: `LabelService.add` → `ExpectedLabel.read` → `PredictionStore.append_labels`.
- make a reference (once, at registration): `build_reference`.

Monitoring knows nothing of deployment: they meet in the prediction log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.on_demand import names_on_demand

if TYPE_CHECKING:
    from millwright.monitoring.alert import AlertDesk, unresolved_alerts
    from millwright.monitoring.drift_settings import DriftSettings
    from millwright.monitoring.finding import AlertKind
    from millwright.monitoring.label import LabelResult, LabelService
    from millwright.monitoring.monitor import Monitor
    from millwright.monitoring.performance import PerformanceSettings
    from millwright.monitoring.quality.missing import MissingSettings
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
    "load_reference",
    "unresolved_alerts",
]

__getattr__ = names_on_demand(
    __name__,
    {
        "AlertDesk": "alert",
        "AlertKind": "finding",
        "DriftSettings": "drift_settings",
        "LabelResult": "label",
        "LabelService": "label",
        "MissingSettings": "quality.missing",
        "Monitor": "monitor",
        "MonitorSettings": "settings",
        "PerformanceSettings": "performance",
        "Reference": "reference",
        "ReferenceOptions": "reference",
        "Window": "window",
        "build_reference": "reference",
        "load_reference": "reference",
        "unresolved_alerts": "alert",
    },
)
