"""Batch prediction: a table in, the same table with predictions out, in chunks of bounded memory.

The path of a run: `table.predict_table` → `input.open_input` (what is read, and what tells that it is the same) →
`journal.open_journal` (what an earlier run did) → an engine of `engines`, which has each chunk predicted by
`chunk.ChunkPredictor` (`contract`, `screen`, `Predictor.predict_frame`) → `Journal.add` → `target.open_target`, which
gets all rows at the end.

Where later work goes: another kind of input is a branch of `input`, of output one of `target.open_target`, and another
engine a module of `engines`.
"""

from __future__ import annotations

from millwright.deployment.batch.engines.engine import EngineOptions
from millwright.deployment.batch.input import find_source
from millwright.deployment.batch.lineage import edges_of
from millwright.deployment.batch.table import BatchOptions, BatchResult, predict_table
from millwright.deployment.batch.target import OutputOptions

__all__ = ["BatchOptions", "BatchResult", "EngineOptions", "OutputOptions", "edges_of", "find_source", "predict_table"]
