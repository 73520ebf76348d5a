"""Predictions by column: as the segments that hold them, one per hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError
from millwright.core.ids import id_time
from millwright.storage.backends.predictions.segment import frame_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from millwright.core.records.prediction import Cells, PredictionColumns, Values

HOUR_MS = 3_600_000
_HOUR = timedelta(hours=1)
_DIGITS = 32
_TIME_DIGITS = 12  # hex digits of an id that are its time


@dataclass(frozen=True, kw_only=True, slots=True)
class HourSegment:
    """A segment of predictions whose ids are of one hour.

    Attributes:
        hour: When it begins, in UTC.
        first: The smallest id in it.
        last: The largest one.
        data: Its bytes.
    """

    hour: datetime
    first: str
    last: str
    data: bytes


def hour_segments(columns: PredictionColumns) -> Iterator[HourSegment]:
    """The segments of predictions, none for none; nothing is given before all of them were checked.

    Raises:
        InvalidInputError: An id was not made by `new_id`, or for a time more than an hour from the prediction's; or a
            value is not one of a JSON type that its column has in common.
    """
    if not columns:
        return
    frame = _frame(columns)
    first, last = _checked_times(frame)
    if first // HOUR_MS == last // HOUR_MS:
        yield _segment(first // HOUR_MS, frame)
        return
    hours = frame["id"].str.head(_TIME_DIGITS).str.to_integer(base=16) // HOUR_MS
    for (hour,), part in frame.group_by(hours.alias("hour"), maintain_order=True):
        yield _segment(hour, part)


def _segment(hour: int, frame: pl.DataFrame) -> HourSegment:
    ids = frame["id"]
    return HourSegment(
        hour=datetime.fromtimestamp(hour * HOUR_MS / 1000, UTC),
        first=ids.min(),  # type: ignore[arg-type]
        last=ids.max(),  # type: ignore[arg-type]
        data=frame_to_bytes(frame),
    )


def _checked_times(frame: pl.DataFrame) -> tuple[int, int]:
    """Of the smallest and the largest id, in milliseconds since 1970; of the others only the length is looked at."""
    ids, at = frame["id"], frame["at"]
    ends: list[str] = [ids.min(), ids.max()]  # type: ignore[list-item]
    odd = next(iter(ids.filter(ids.str.len_bytes() != _DIGITS)), None)
    try:
        made = [id_time(end if odd is None else odd) for end in ends]
    except ValueError as error:
        raise InvalidInputError(
            f"A prediction's id is not one of ours: {error}", hint="Use core.ids.new_id."
        ) from error
    moments: list[datetime] = [at.min(), at.max()]  # type: ignore[list-item]
    for one, moment in zip(made, moments, strict=True):
        if abs(one - moment) > _HOUR:
            raise InvalidInputError(
                f"Expected a prediction's time to be that of its id ({one.isoformat()}), found {moment.isoformat()}.",
                hint="Make the id for that time: new_id(at_ms).",
            )
    first, last = (int(end[:_TIME_DIGITS], 16) for end in ends)
    return first, last


def _frame(columns: PredictionColumns) -> pl.DataFrame:
    """As a segment holds them: rows with common columns as a struct of these, others as JSON text."""
    import polars as pl

    rows = len(columns)

    def same(name: str, value: str | int) -> pl.Series:
        return pl.Series(name, [value]).new_from_index(0, rows)

    return pl.DataFrame(
        [
            _series("id", columns.id, pl.String()),
            same("endpoint", columns.endpoint),
            same("model", columns.model),
            same("version", columns.version),
            _times(columns.at),
            _cells("features", columns.features),
            _cells("outputs", columns.outputs),
            _series("latency_ms", columns.latency_ms, pl.Float64()),
            _series("request_id", columns.request_id, pl.String()),
            _series("key", columns.key, pl.String()),
        ]
    )


def _times(values: Values[datetime]) -> pl.Series:
    import polars as pl

    if isinstance(values, pl.Series):
        return values.alias("at")
    moments = [values[number].astimezone(UTC) for number in range(len(values))]
    return pl.Series("at", moments, dtype=pl.Datetime("us", "UTC"))


def _cells(name: str, cells: Cells) -> pl.Series:
    import polars as pl

    if not isinstance(cells, Mapping):
        return _series(name, cells, pl.String())
    # A file cannot hold a struct of nothing.
    if not cells:
        raise InvalidInputError(f"Expected at least one column of {name}, found none.", hint="Give JSON texts instead.")
    return pl.DataFrame({column: _series(column, values, None) for column, values in cells.items()}).to_struct(name)


def _series(name: str, values: Values[Any], dtype: pl.DataType | None) -> pl.Series:
    import polars as pl

    if isinstance(values, pl.Series):
        return values.alias(name)
    try:
        return pl.Series(name, [values[number] for number in range(len(values))], dtype=dtype)
    except (TypeError, pl.exceptions.PolarsError) as error:
        raise InvalidInputError(
            f"Expected JSON values of one type in the column '{name}', found another: {error}.",
            hint="Give rows that have no columns in common as JSON texts.",
        ) from error
