"""Segments: prediction and label records as Parquet bytes, and back.

Features and outputs of predictions are JSON text, so that one segment holds rows of models with different columns, or a
struct with a column for each where all rows have the same. Label values are JSON text.
"""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from millwright.core.errors import IntegrityError, InvalidInputError
from millwright.core.records.prediction import LabelRecord, PredictionRecord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from millwright.core.ids import PredictionId


def predictions_to_bytes(records: Sequence[PredictionRecord]) -> bytes:
    """A segment of predictions; their order is kept.

    Raises:
        InvalidInputError: A feature or output is not a JSON value.
    """
    import polars as pl

    frame = pl.DataFrame(
        {
            "id": [record.id for record in records],
            "endpoint": [record.endpoint for record in records],
            "model": [record.model for record in records],
            "version": [record.version for record in records],
            "at": [_naive(record.at) for record in records],
            "features": [_json(record.features) for record in records],
            "outputs": [_json(record.outputs) for record in records],
            "latency_ms": [record.latency_ms for record in records],
            "request_id": [record.request_id for record in records],
            "key": [record.key for record in records],
        },
        schema_overrides={"at": pl.Datetime("us"), "version": pl.Int64, "latency_ms": pl.Float64, "key": pl.String},
    )
    return _bytes(frame, ("at",))


def predictions_from_bytes(
    data: bytes, *, name: str, only: PredictionId | None = None, version: int | None = None
) -> list[PredictionRecord]:
    """The predictions of a segment, or those of one id or model version.

    Args:
        data: The segment's bytes.
        name: Its file, for messages.
        only: The id to look for.
        version: The model version to look for.

    Raises:
        IntegrityError: The bytes are not a segment.
    """
    import polars as pl

    frame = segment_frame(data, name)
    if only is not None:
        frame = frame.filter(pl.col("id") == only)
    if version is not None:
        frame = frame.filter(pl.col("version") == version)
    return [
        PredictionRecord(
            **row | {"at": _aware(row["at"]), "features": _cells(row["features"]), "outputs": _cells(row["outputs"])}
        )
        for row in frame.iter_rows(named=True)
    ]


def labels_to_bytes(labels: Sequence[LabelRecord]) -> bytes:
    """A segment of labels; their order is kept.

    Raises:
        InvalidInputError: A value is not a JSON value.
    """
    import polars as pl

    frame = pl.DataFrame(
        {
            "prediction_id": [label.prediction_id for label in labels],
            "value": [_json(label.value) for label in labels],
            "observed_at": [_naive(label.observed_at) for label in labels],
            "recorded_at": [_naive(label.recorded_at) for label in labels],
            "source": [label.source for label in labels],
        },
        schema_overrides={"observed_at": pl.Datetime("us"), "recorded_at": pl.Datetime("us")},
    )
    return _bytes(frame, ("observed_at", "recorded_at"))


def latest_labels(segments: Mapping[str, bytes]) -> list[LabelRecord]:
    """The labels of `label_table` as records.

    Args:
        segments: Bytes by file name, in the order they were written.

    Raises:
        IntegrityError: Some bytes are not a segment.
    """
    return [
        LabelRecord(
            **row
            | {
                "value": json.loads(row["value"]),
                "observed_at": _aware(row["observed_at"]),
                "recorded_at": _aware(row["recorded_at"]),
            }
        )
        for row in label_table(segments).iter_rows(named=True)
    ]


def label_table(segments: Mapping[str, bytes]) -> pl.DataFrame:
    """The newest label of each prediction (by `recorded_at`; the later segment and row wins a tie), oldest first.

    Args:
        segments: Bytes by file name, in the order they were written.

    Raises:
        IntegrityError: Some bytes are not a segment.
    """
    import polars as pl

    frames = [segment_frame(data, name) for name, data in segments.items()]
    moment = pl.Datetime("us", "UTC")
    texts = {"prediction_id": pl.String(), "value": pl.String()}
    empty = pl.DataFrame(schema={**texts, "observed_at": moment, "recorded_at": moment, "source": pl.String()})
    frame = pl.concat([empty, *frames])
    del frames
    if not frame["recorded_at"].is_sorted():
        frame = frame.sort("recorded_at", maintain_order=True)
    # Most labels are told once: a hash of 8 bytes shows which may not be, in a quarter of the memory of `unique`.
    again = frame["prediction_id"].hash().is_duplicated()
    if not again.any():
        return frame
    last = frame.with_row_index("row").filter(again).unique("prediction_id", keep="last", maintain_order=True)["row"]
    return frame[pl.concat([(~again).arg_true(), last]).sort()]


def _cells(value: str | dict[str, Any]) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    cells: dict[str, Any] = json.loads(value)
    return cells


def _json(value: Any) -> str:
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(
            f"Expected JSON values in a prediction or label, found another: {error}.",
            hint="Write times as ISO 8601 text and numbers as plain int or float.",
        ) from error


def _bytes(frame: pl.DataFrame, times: tuple[str, ...]) -> bytes:
    import polars as pl

    return frame_to_bytes(frame.with_columns(pl.col(*times).dt.replace_time_zone("UTC")))


def frame_to_bytes(frame: pl.DataFrame) -> bytes:
    """A segment of a table that has its columns."""
    buffer = io.BytesIO()
    frame.write_parquet(
        buffer,
        compression="zstd",
        compression_level=1,  # of these texts no larger than the default level, in two thirds of the time
    )
    return buffer.getvalue()


def segment_frame(data: bytes, name: str) -> pl.DataFrame:
    """A segment as the table that was written.

    Args:
        data: The segment's bytes.
        name: Its file, for messages.

    Raises:
        IntegrityError: The bytes are not a segment.
    """
    import polars as pl

    try:
        return pl.read_parquet(io.BytesIO(data))
    except pl.exceptions.PolarsError as error:
        raise IntegrityError(
            f"The prediction log's segment {name} is damaged: {str(error).splitlines()[0]}.",
            hint="Restore it from a backup, or move it out of the folder to go on without it.",
        ) from error


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _aware(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
