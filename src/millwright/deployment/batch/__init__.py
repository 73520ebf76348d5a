"""Batch prediction: a table in, the same table with predictions out, in chunks of bounded memory.

The path of a run: `table.predict_table` (checks the header, counts, tells) → `source.open_chunks` (the table in chunks)
→ `screen.Screen.screen` (types each chunk, parts the rows that do not fit) → `Predictor.predict_frame` (`models`) →
`sink.FileSink.write` (a temporary file that is renamed at the end).

Where later work goes: another kind of input is a branch of `open_chunks`, of output one of `open_sink`; the chunks are
independent of one another, so that other engines can take over the loop in `predict_table`.
"""

from __future__ import annotations

from millwright.deployment.batch.table import BatchOptions, BatchResult, predict_table

__all__ = ["BatchOptions", "BatchResult", "predict_table"]
