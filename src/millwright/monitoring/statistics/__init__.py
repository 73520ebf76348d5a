"""Statistics that say how far two samples of one column lie apart; one file per statistic.

A `column` (`numeric.py`, `categorical.py`) is prepared once: the reference and the current values are each sorted or
counted once, and every statistic reads what it needs from that. `catalog.py` names the statistics; a new one is one
file and one line there, and the generic checks in the tests then apply to it.
"""

from __future__ import annotations

from millwright.monitoring.statistics.catalog import find_statistic, statistic_names
from millwright.monitoring.statistics.categorical import CategoricalColumn
from millwright.monitoring.statistics.column import Bins, Column, ColumnKind, Score, Statistic
from millwright.monitoring.statistics.numeric import NumericColumn

__all__ = [
    "Bins",
    "CategoricalColumn",
    "Column",
    "ColumnKind",
    "NumericColumn",
    "Score",
    "Statistic",
    "find_statistic",
    "statistic_names",
]
