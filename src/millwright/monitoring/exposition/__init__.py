"""What monitoring found, as figures for Prometheus: of the newest report of each monitor, of alerts, of the log.

Path of a figure: the server's collector → `reader` → `newest` (which reports) → `bound` (how many series) → a family,
which reads one part of a report's document.

| module | tells |
|---|---|
| `check` | when, of which window and version, and what was found |
| `drift`, `missing`, `quality` | what changed in the rows |
| `performance`, `slice_performance`, `bias` | how well, and for whom |
| `anomaly`, `concept`, `attribution` | odd rows, errors that change, and what explains it |
| `operations` | how fast, how reliably and at what cost |
| `metric`, `fact` | what a metric and a family are; how a report's values are read |
| `catalog` | all of them, and what is told of endpoints |

A new family is a module with its metrics beside what reads them, and a line in `catalog`: the server, the page of the
reference and the tests go by that.
"""

from __future__ import annotations

from millwright.monitoring.exposition.newest import DeclaredMonitors
from millwright.monitoring.exposition.reader import Exposition

__all__ = ["DeclaredMonitors", "Exposition"]
