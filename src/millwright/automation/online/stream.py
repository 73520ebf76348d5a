"""Labelled predictions in the order in which their labels were recorded."""

from __future__ import annotations

from bisect import bisect_left
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
    from millwright.storage.base.prediction_table import PredictionTable

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
    Of each segment of labels it remembers how new its newest label is, so that each is read when it is new, and again
    only for a position before that.

    Args:
        predictions: The log.
        endpoint: Whose.
    """

    def __init__(self, predictions: PredictionStore, endpoint: str) -> None:
        self._predictions = predictions
        self._endpoint = endpoint
        self._newest: dict[str, datetime] = {}

    def after(self, position: Position, until: datetime, signature: Signature) -> tuple[list[Lesson], Position]:
        """The lessons behind a position whose labels were recorded by a moment, and the position behind them.

        At most some thousands at a time.

        Args:
            position: Where the last one ended.
            until: The moment, inclusive.
            signature: Of the model that learns.
        """
        labels = self._labels(position, until)
        if labels.is_empty():
            return [], position
        rows = dict(self._rows(labels["prediction_id"], signature))
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
        tables = [table.filter(is_behind) for table in self._segments(position.recorded_at)]
        if not tables:
            return self._predictions.label_table(self._endpoint, segments=[])
        # What is older than the position is no later label of a prediction: these hold all that may count.
        latest = pl.concat(tables).sort("recorded_at", maintain_order=True).unique("prediction_id", keep="last")
        is_settled = at <= pl.lit(until, dtype=pl.Datetime("us", "UTC"))
        return latest.filter(is_settled).sort("recorded_at", "prediction_id").head(_MOST)

    def _segments(self, since: datetime) -> Iterator[pl.DataFrame]:
        """What segments hold, in the order of their names, but for those that are known to be older."""
        names = self._predictions.label_segments(self._endpoint)
        self._newest = {name: self._newest[name] for name in names if name in self._newest}
        for name in names:
            if name in self._newest and self._newest[name] < since:
                continue
            table = self._predictions.label_table(self._endpoint, segments=[name])
            if not table.is_empty():
                self._newest[name] = table["recorded_at"][-1].astimezone(UTC)  # the newest comes last
                yield table

    def _rows(self, ids: pl.Series, signature: Signature) -> Iterator[tuple[str, dict[str, Any]]]:
        for table in self._tables(sorted(id_time(each) for each in ids)):
            found = table.filter(table.rows["id"].is_in(ids.implode()))
            if not len(found):
                continue
            inputs = typed_table(input_table(found.features, signature, rows=len(found)), signature)
            for prediction_id, row in zip(found.rows["id"], inputs.iter_rows(named=True), strict=True):
                yield prediction_id, {name: value for name, value in row.items() if value is not None}

    def _tables(self, times: list[datetime]) -> Iterator[PredictionTable]:
        """The parts of the log that may hold predictions whose ids were made then, in ascending order.

        Labels come late, some by a day, some by a month: all between the oldest and the newest would be read for two.
        """
        for name in self._predictions.segments(self._endpoint, start=times[0] - _ABOUT, end=times[-1] + _ABOUT):
            first, last = self._predictions.segment_times(name)
            place = bisect_left(times, first)
            if place < len(times) and times[place] <= last:
                yield from self._predictions.read_segment(self._endpoint, name)
