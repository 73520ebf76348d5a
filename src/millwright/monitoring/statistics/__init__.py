"""Statistics that say how far two samples of one column lie apart; one file per statistic.

A `column` is prepared once, and every statistic reads what it needs from that: `numeric.py` and `categorical.py` sort
or count the values of both samples; `monitoring.summaries` has them counted already. `catalog.py` names the statistics;
a new one is one file and one line there, and the generic checks in the tests then apply to it.
"""

from __future__ import annotations

from millwright.monitoring.statistics.catalog import find_statistic, statistic_names
from millwright.monitoring.statistics.categorical import CategoricalColumn
from millwright.monitoring.statistics.column import Bins, Column, ColumnKind, Score, Statistic
from millwright.monitoring.statistics.numeric import NumericColumn
from millwright.monitoring.statistics.numeric_pair import NumericPair

__all__ = [
    "Bins",
    "CategoricalColumn",
    "Column",
    "ColumnKind",
    "NumericColumn",
    "NumericPair",
    "Score",
    "Statistic",
    "find_statistic",
    "statistic_names",
]
