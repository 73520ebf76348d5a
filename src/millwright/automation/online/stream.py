"""Labelled predictions in the order in which their labels were recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.ids import id_time
from millwright.models.typed import typed_table
from millwright.monitoring.monitored_column import input_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.models.signature import Signature
    from millwright.storage.base import PredictionStore

_ABOUT = timedelta(hours=1)  # a record's time lies within an hour of its id's
_MOST = 20_000  # labels at a time: some of their predictions' rows are in memory


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the stream: behind the label that was recorded then for that prediction."""

    recorded_at: datetime
    prediction_id: str = ""

    def to_json(self) -> list[str]:
        """As JSON values."""
        return [self.recorded_at.isoformat(), self.prediction_id]

    @classmethod
    def from_json(cls, told: list[str]) -> Position:
        """From what `to_json` gave."""
        return cls(datetime.fromisoformat(told[0]), told[1])


@dataclass(frozen=True, slots=True)
class Lesson:
    """One labelled prediction.

    Attributes:
        position: Behind its label.
        row: The features that are present, in the types of the signature.
        value: The label as JSON text.
    """

    position: Position
    row: dict[str, Any]
    value: str


class LabelStream:
    """The labelled predictions of an endpoint.

    A label that was corrected is met again, with its latest value; that of a prediction whose log was removed, never.

    Args:
        predictions: The log.
        endpoint: Whose.
        signature: Of the model that learns.
    """

    def __init__(self, predictions: PredictionStore, endpoint: str, signature: Signature) -> None:
        self._predictions = predictions
        self._endpoint = endpoint
        self._signature = signature

    def after(self, position: Position, until: datetime) -> tuple[list[Lesson], Position]:
        """The lessons behind a position whose labels were recorded by a moment, and the position behind them.

        At most some thousands at a time.
        """
        labels = self._labels(position, until)
        if labels.is_empty():
            return [], position
        rows = dict(self._rows(labels["prediction_id"]))
        lessons = [
            Lesson(Position(at.astimezone(UTC), prediction_id), rows[prediction_id], value)
            for prediction_id, value, at in labels.select("prediction_id", "value", "recorded_at").iter_rows()
            if prediction_id in rows
        ]
        last_id, last_at = labels.select("prediction_id", "recorded_at").row(-1)
        return lessons, Position(last_at.astimezone(UTC), last_id)

    def _labels(self, position: Position, until: datetime) -> pl.DataFrame:
        at, prediction_id = pl.col("recorded_at"), pl.col("prediction_id")
        begun = pl.lit(position.recorded_at, dtype=pl.Datetime("us", "UTC"))
        is_behind = (at > begun) | ((at == begun) & (prediction_id > position.prediction_id))
        is_settled = at <= pl.lit(until, dtype=pl.Datetime("us", "UTC"))
        found = self._predictions.label_table(self._endpoint).filter(is_behind & is_settled)
        return found.sort("recorded_at", "prediction_id").head(_MOST)

    def _rows(self, ids: pl.Series) -> Iterator[tuple[str, dict[str, Any]]]:
        times = [id_time(each) for each in (ids.min(), ids.max()) if isinstance(each, str)]
        for table in self._predictions.iter_tables(self._endpoint, start=times[0] - _ABOUT, end=times[-1] + _ABOUT):
            found = table.filter(table.rows["id"].is_in(ids.implode()))
            if not len(found):
                continue
            inputs = typed_table(input_table(found.features, self._signature, rows=len(found)), self._signature)
            for prediction_id, row in zip(found.rows["id"], inputs.iter_rows(named=True), strict=True):
                yield prediction_id, {name: value for name, value in row.items() if value is not None}
