"""Data that a run read, as a record that MLflow's clients can read, too."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError
from millwright.core.records.dataset import DatasetVersionRecord
from millwright.tracking.change import DatasetUsed

if TYPE_CHECKING:
    import polars as pl

MAX_DIGEST_LENGTH = 36  # as MLflow has it
_MLFLOW_TYPES = (("Int64", "long"), ("UInt", "long"), ("Int", "integer"), ("Float32", "float"), ("Float", "double"))
_MLFLOW_NAMES = {"Boolean": "boolean", "String": "string", "Binary": "binary", "Date": "datetime"}


def dataset_input(data: Any, *, name: str = "", context: str = "training", source: str = "") -> DatasetUsed:
    """The record of some data.

    Args:
        data: A Polars or pandas frame, or a dataset of the workspace (`mw.Dataset`).
        name: What people call it; the dataset's own name when empty.
        context: What the run uses it for.
        source: Where it came from: a path or URL.

    Raises:
        InvalidInputError: It is none of these.
    """
    record = getattr(data, "record", None)
    if isinstance(record, DatasetVersionRecord):
        return _of_workspace(record, name=name, context=context)
    frame = _frame(data)
    columns = [{"type": _type(str(kind)), "name": column, "required": True} for column, kind in frame.schema.items()]
    profile = {"num_rows": frame.height, "num_elements": frame.height * frame.width}
    return DatasetUsed(
        name=name or "dataset",
        digest=frame_digest(frame),
        context=context,
        source_type="local" if source and "://" not in source else ("http" if source else "code"),
        source=json.dumps({"uri": source} if source else {}),
        schema=json.dumps({"mlflow_colspec": columns}),
        profile=json.dumps(profile),
    )


def frame_digest(frame: pl.DataFrame) -> str:
    """A digest of a frame's names, types and values, in 16 hex digits; the order of rows counts."""
    state = hashlib.sha256(json.dumps([[name, str(kind)] for name, kind in frame.schema.items()]).encode())
    if frame.width:
        state.update(frame.hash_rows(seed=0).to_numpy().tobytes())
    return state.hexdigest()[:16]


def _of_workspace(record: DatasetVersionRecord, *, name: str, context: str) -> DatasetUsed:
    columns = [{"type": _type(column.dtype), "name": column.name, "required": True} for column in record.columns]
    return DatasetUsed(
        name=name or record.dataset,
        digest=record.digest[:MAX_DIGEST_LENGTH],
        context=context,
        source_type="millwright",
        source=json.dumps({"dataset": record.dataset, "version": record.version}),
        schema=json.dumps({"mlflow_colspec": columns}),
        profile=json.dumps({"num_rows": record.rows, "num_elements": record.rows * len(columns)}),
    )


def _frame(data: Any) -> pl.DataFrame:
    import polars as pl

    if isinstance(data, pl.LazyFrame):
        return data.collect()
    if isinstance(data, pl.DataFrame):
        return data
    if hasattr(data, "columns") and hasattr(data, "to_numpy"):
        return pl.from_pandas(data)
    raise InvalidInputError(
        f"Expected a Polars or pandas frame or a dataset, found {type(data).__name__}.",
        hint="Put it into a frame, or log where it came from as a tag.",
    )


def _type(kind: str) -> str:
    for start, name in _MLFLOW_TYPES:
        if kind.startswith(start):
            return name
    return _MLFLOW_NAMES.get(kind.partition("(")[0], "datetime" if kind.startswith("Datetime") else "string")
