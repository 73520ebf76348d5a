"""Windows as counts in the cells of a reference: small, mergeable, and enough for every distance.

| module                   | holds                                                                                    |
|--------------------------|------------------------------------------------------------------------------------------|
| `grid`                   | what each kind of column says of its cells                                               |
| `numeric`, `categorical` | cells made once from the version's reference, a window counted in them, and two as a pair |
| `table`                  | all columns of a model, as bytes and back                                                |

A drift query over a month merges some hundred summaries, and reads no row.
"""

from __future__ import annotations

from millwright.monitoring.summaries.table import TableGrid, TableSummary, merge_all

__all__ = ["TableGrid", "TableSummary", "merge_all"]
