"""Limits of a metric over windows: what its values on the reference, or in the past, make usual.

| module            | holds                                                                             |
|-------------------|-----------------------------------------------------------------------------------|
| `settings`        | by which rule, and which season                                                   |
| `season_settings` | which season a window is held against, and where it is learned                    |
| `chunk`           | a metric on parts of the reference that are as large as a window                  |
| `season`          | which values of the past are alike: those of one hour of the day, day of the week |
| `limit`           | the limits, and a value beside them                                               |

Path: `chunk_values` (or past values) → `Limits.of` → `Limits.judge`.
"""

from __future__ import annotations

from millwright.monitoring.threshold.chunk import ChunkValues, chunk_values
from millwright.monitoring.threshold.limit import Judgement, Limits
from millwright.monitoring.threshold.season_settings import SeasonSettings
from millwright.monitoring.threshold.settings import Season, ThresholdMethod, ThresholdSettings

__all__ = [
    "ChunkValues",
    "Judgement",
    "Limits",
    "Season",
    "SeasonSettings",
    "ThresholdMethod",
    "ThresholdSettings",
    "chunk_values",
]
