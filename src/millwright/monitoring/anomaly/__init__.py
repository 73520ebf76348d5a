"""Anomalies: rows unlike those of the reference, and moments unlike the others of a metric's series.

| module     | holds                                                                    |
|------------|--------------------------------------------------------------------------|
| `settings` | what counts                                                              |
| `score`    | how odd a row is: an isolation forest, or the tails of its columns       |
| `row`      | the share of odd rows of a window, and which they are                    |
| `series`   | a metric over time: trend, season, and what is left                      |
| `metric`   | the metric of a check beside those of the checks before it               |

Paths: `learn_rows` → a score; `compare_rows` → the score → the features that make a row odd; `find_anomalies`.
"""

from __future__ import annotations

from millwright.monitoring.anomaly.row import OddFeature, OddRow, RowAnomalies, UsualRows, compare_rows, learn_rows
from millwright.monitoring.anomaly.series import SeriesAnomalies, find_anomalies
from millwright.monitoring.anomaly.settings import AnomalySettings, PastSettings, SeriesSettings

__all__ = [
    "AnomalySettings",
    "OddFeature",
    "OddRow",
    "PastSettings",
    "RowAnomalies",
    "SeriesAnomalies",
    "SeriesSettings",
    "UsualRows",
    "compare_rows",
    "find_anomalies",
    "learn_rows",
]
