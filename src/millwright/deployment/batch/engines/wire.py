"""Chunks and what becomes of them as bytes, for engines whose workers are other processes."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import msgspec
import polars as pl

from millwright.core.digest import digest_json
from millwright.deployment.batch.chunk import Chunk, Predicted

if TYPE_CHECKING:
    from millwright.deployment.batch.chunk import ChunkPredictor, Recipe


def frame_bytes(frame: pl.DataFrame) -> bytes:
    """A frame as an Arrow file."""
    buffer = BytesIO()
    frame.write_ipc(buffer, compression="lz4")
    return buffer.getvalue()


def predict_bytes(recipe: Recipe, index: int, first_row: int, rows: bytes) -> tuple[int, bytes, bytes, bytes]:
    """Predict a chunk in a worker: its index, the good rows, the bad rows, and the reasons as JSON."""
    frame = pl.read_ipc(rows)
    done = _predictor(recipe).predict(Chunk(index=index, first_row=first_row, frame=frame))
    return index, frame_bytes(done.good), frame_bytes(done.bad), msgspec.json.encode(dict(done.reasons))


def predicted(answer: tuple[int, bytes, bytes, bytes]) -> Predicted:
    """What `predict_bytes` gave."""
    index, good, bad, reasons = answer
    return Predicted(
        index=index,
        good=pl.read_ipc(good),
        bad=pl.read_ipc(bad),
        reasons=msgspec.json.decode(reasons, type=dict[str, int]),
    )


_PREDICTORS: dict[str, ChunkPredictor] = {}


def _predictor(recipe: Recipe) -> ChunkPredictor:
    """Built once in each worker, which may serve several jobs one after the other."""
    key = digest_json(recipe.identity())
    if key not in _PREDICTORS:
        _PREDICTORS.clear()
        _PREDICTORS[key] = recipe.build()
    return _PREDICTORS[key]
