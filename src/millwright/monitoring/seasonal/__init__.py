"""A window beside the same part of the season: what a Sunday night is, other Sunday nights tell.

A feature that follows the hour differs from all of the reference in each single hour, and a limit on that difference
would have to be so wide that nothing is found within it: a night that looks like a day is no farther from the reference
than a night that looks like one. So the window is held against other rows: those of the same part of the season.

| module      | holds                                                                                           |
|-------------|-------------------------------------------------------------------------------------------------|
| `phase`     | the part of a period that a window is in, and the same part of others                            |
| `reference` | its rows of the reference, by the moments of a column                                           |
| `log`       | its rows of the prediction log, in the periods before the window                                 |
| `whole`     | whether the last whole period is like the reference: what changed for good is no season          |
| `found`     | those rows, or why there are none                                                               |
| `find`      | the first of the two that holds three periods, or why there is none                              |

Which season it is, is a setting of limits: `threshold.season_settings`.

Path: `SeasonFinder.find` → `reference_season` or `read_periods` → `compare_window`.
"""

from __future__ import annotations

from millwright.monitoring.seasonal.find import SeasonFinder, SeasonSubject
from millwright.monitoring.seasonal.found import SeasonalReference

__all__ = ["SeasonFinder", "SeasonSubject", "SeasonalReference"]
