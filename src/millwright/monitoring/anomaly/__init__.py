"""Anomalies: rows unlike those of the reference, and moments unlike the others of a metric's series.

| module     | holds                                                                    |
|------------|--------------------------------------------------------------------------|
| `settings` | what counts                                                              |
| `score`    | how odd a row is: an isolation forest, or the tails of its columns       |
| `row`      | the share of odd rows of a window, and which they are                    |
| `series`   | a metric over time: trend, season, and what is left                      |

Paths: `learn_rows` → a score; `compare_rows` → the score → the features that make a row odd; `find_anomalies`.
"""

from __future__ import annotations

from millwright.monitoring.anomaly.row import OddFeature, OddRow, RowAnomalies, UsualRows, compare_rows, learn_rows
from millwright.monitoring.anomaly.series import SeriesAnomalies, find_anomalies
from millwright.monitoring.anomaly.settings import AnomalySettings, SeriesSettings

__all__ = [
    "AnomalySettings",
    "OddFeature",
    "OddRow",
    "RowAnomalies",
    "SeriesAnomalies",
    "SeriesSettings",
    "UsualRows",
    "compare_rows",
    "find_anomalies",
    "learn_rows",
]
