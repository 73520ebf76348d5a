"""The reference: what a model version saw and answered when it was made, kept with the version.

One Parquet file (`reference.parquet` among the version's documents), one row per sampled row:

| column           | holds                                                                                     |
|------------------|-------------------------------------------------------------------------------------------|
| `part`           | `training` or `held_out`                                                                  |
| `input.<name>`   | the raw input columns, in the signature's types                                           |
| `output.<name>`  | the model's answers on them: classes as text, the rest as numbers                         |
| `label`          | the true class as text, or the true number; null where it is not known                    |
| `at`             | when the row is from, in UTC; only where that was asked for                               |

The file's metadata hold the metrics on all held-out rows and the numbers of rows before sampling.

Features are compared with the training rows, answers with the held-out ones when there are any: a model is surer of
itself on rows it was fitted to, and every first window would seem drifted.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.models.conform import conform
from millwright.models.moment import parse_moment
from millwright.models.task import Task
from millwright.monitoring.kept import Kept
from millwright.monitoring.labelled import label_series, labelled_sample
from millwright.monitoring.monitored_column import output_frame

if TYPE_CHECKING:
    from collections.abc import Iterable

    from millwright.models.signature import Signature

DOCUMENT = "reference.parquet"
_METADATA_KEY = "millwright"
_FORMAT = 1
_INPUT, _OUTPUT = "input.", "output."
_MOMENT = pl.Datetime("us")


class ReferenceModel(Protocol):
    """A model that a reference is made of."""

    @property
    def signature(self) -> Signature:
        """What it takes and answers."""
        ...

    def predict(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Answers for a raw table, one row per row."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ReferenceOptions:
    """How a reference is made.

    Attributes:
        rows: At most so many rows per part; 20,000 give Kolmogorov-Smirnov distances to about 0.01 and a file of
            about a megabyte.
        seed: Of the sample.
        metrics: The metrics to compare with later; computed on the held-out rows (else the training rows) when empty.
        time: Column of the tables that says when their rows are from (dates, moments, or ISO 8601 text), to be kept
            whether the model takes it or not; empty for none.
    """

    rows: int = 20_000
    seed: int = 0
    time: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ReferencePart:
    """Sampled rows of one kind.

    Attributes:
        inputs: n rows of raw input columns.
        outputs: The answers on them.
        labels: The truth, text or Float64; null where unknown.
        total_rows: Rows before sampling.
        at: When they are from: Datetime in UTC, naive, null where unknown; None where that was not kept.
        time: The column that said so.
    """

    inputs: pl.DataFrame
    outputs: pl.DataFrame
    labels: pl.Series
    total_rows: int
    at: pl.Series | None = None
    time: str = ""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Reference:
    """What a version is compared with.

    Attributes:
        training: The rows it was fitted to.
        held_out: Rows it was evaluated on; None when none were kept.
        metrics: Metric name → value on all held-out rows.
        kept: What was computed of its answers and of its inputs but tensors, for the windows to come.
    """

    training: ReferencePart
    held_out: ReferencePart | None
    metrics: Mapping[str, float]
    kept: Kept = field(default_factory=Kept, repr=False)

    @property
    def answers(self) -> ReferencePart:
        """The part that answers and performance are compared with."""
        return self.held_out or self.training

    def without(self, columns: Iterable[str]) -> Reference:
        """The same without some input columns."""
        names = tuple(columns)

        def narrowed(part: ReferencePart) -> ReferencePart:
            return replace(part, inputs=part.inputs.drop(names, strict=False))

        held_out = None if self.held_out is None else narrowed(self.held_out)
        return replace(self, training=narrowed(self.training), held_out=held_out)


def build_reference(
    training: pl.DataFrame,
    model: ReferenceModel,
    *,
    held_out: pl.DataFrame | None = None,
    options: ReferenceOptions | None = None,
) -> bytes:
    """A reference as bytes; equal inputs give equal bytes.

    Args:
        training: The raw rows the model was fitted to; with the target column when known.
        model: The fitted model.
        held_out: Raw rows that it was not fitted to, with the target column.
        options: How many rows, and which metrics.

    Raises:
        InvalidInputError: No training rows, a table that does not fit the signature, or that has no such column of
            moments as the options name.
    """
    chosen = options or ReferenceOptions()
    if training.height == 0:
        raise InvalidInputError("Expected training rows to make a reference of, found none.")
    parts = {"training": training}
    if held_out is not None and held_out.height:
        parts["held_out"] = held_out
    tables = [_table(name, _sample(frame, chosen), model, chosen.time) for name, frame in parts.items()]
    evaluated = held_out if held_out is not None and held_out.height else training
    metadata = {
        "format": _FORMAT,
        "rows": {name: frame.height for name, frame in parts.items()},
        "metrics": dict(chosen.metrics) or _measure(evaluated, model),
        **({"time": chosen.time} if chosen.time else {}),
    }
    buffer = io.BytesIO()
    text = json.dumps(metadata, sort_keys=True, allow_nan=False)
    pl.concat(tables).write_parquet(buffer, compression="zstd", metadata={_METADATA_KEY: text})
    return buffer.getvalue()


def load_reference(data: bytes) -> Reference:
    """A reference from what `build_reference` gave.

    Raises:
        InvalidInputError: The bytes are something else, or of a newer format.
    """
    try:
        metadata: dict[str, Any] = json.loads(pl.read_parquet_metadata(io.BytesIO(data))[_METADATA_KEY])
        table = pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, OSError, KeyError, ValueError) as error:
        raise InvalidInputError(f"Expected a reference in Parquet, found something else ({error}).") from error
    if metadata.get("format") != _FORMAT:
        raise InvalidInputError(
            f"Expected a reference of format {_FORMAT}, found {metadata.get('format')}.",
            hint="Use the Millwright that wrote it, or a newer one.",
        )
    time = metadata.get("time", "")
    parts = {name: _part(table.filter(pl.col("part") == name), rows, time) for name, rows in metadata["rows"].items()}
    return Reference(training=parts["training"], held_out=parts.get("held_out"), metrics=metadata["metrics"])


def _sample(frame: pl.DataFrame, options: ReferenceOptions) -> pl.DataFrame:
    if frame.height <= options.rows:
        return frame
    chosen = np.random.default_rng(options.seed).choice(frame.height, size=options.rows, replace=False)
    return frame[np.sort(chosen)]


def _table(part: str, frame: pl.DataFrame, model: ReferenceModel, time: str) -> pl.DataFrame:
    inputs = conform(frame, model.signature)
    outputs = output_frame(model.predict(frame).to_dicts(), model.signature)
    return pl.DataFrame(
        [
            pl.Series("part", [part] * frame.height, dtype=pl.String),
            *(series.alias(_INPUT + series.name) for series in inputs),
            *(series.alias(_OUTPUT + series.name) for series in outputs),
            label_series(_target(frame, model.signature), model.signature).alias("label"),
            *([_moments(frame, time).alias("at")] if time else []),
        ]
    )


def _moments(frame: pl.DataFrame, time: str) -> pl.Series:
    dated = [name for name, dtype in frame.schema.items() if dtype in {pl.Date, pl.String} or dtype == pl.Datetime]
    if time not in dated:
        raise InvalidInputError(
            f"Expected a column '{time}' of moments, to tell the season by, in the table of the reference.",
            hint=closest(time, dated) or f"It has: {', '.join(frame.columns)}.",
        )
    column = frame.get_column(time)
    if column.dtype == pl.String:
        texts = column.drop_nulls().unique()
        known = pl.Series([parse_moment(text) for text in texts], dtype=_MOMENT)
        return column.replace_strict(texts, known, default=None, return_dtype=_MOMENT)
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None:
        column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return column.cast(_MOMENT)


def _measure(frame: pl.DataFrame, model: ReferenceModel) -> dict[str, float]:
    from millwright.evaluation.metrics.catalog import measure

    if model.signature.task is Task.TENSOR:  # no metric tells which array is right
        return {}
    outputs = output_frame(model.predict(frame).to_dicts(), model.signature)
    sample = labelled_sample(outputs, label_series(_target(frame, model.signature), model.signature), model.signature)
    return {} if sample is None else measure(sample)


def _target(frame: pl.DataFrame, signature: Signature) -> pl.Series:
    if signature.target in frame.columns:
        return frame.get_column(signature.target)
    return pl.Series(signature.target, [None] * frame.height)


def _part(table: pl.DataFrame, total_rows: int, time: str) -> ReferencePart:
    def under(prefix: str) -> pl.DataFrame:
        found = [name for name in table.columns if name.startswith(prefix)]
        return table.select(pl.col(name).alias(name.removeprefix(prefix)) for name in found)

    return ReferencePart(
        inputs=under(_INPUT),
        outputs=under(_OUTPUT),
        labels=table.get_column("label"),
        total_rows=total_rows,
        at=table.get_column("at") if "at" in table.columns else None,
        time=time,
    )
