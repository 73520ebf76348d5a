"""The prediction log."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    import polars as pl

    from millwright.core.ids import PredictionId
    from millwright.core.records.prediction import LabelRecord, PredictionRecord
    from millwright.storage.base.prediction_table import PredictionTable


class PredictionStore(ABC):
    """What was predicted, and what turned out to be true; partitioned by endpoint and hour.

    A prediction's partition follows from its endpoint and the time in its id, so that one is found without an index.
    """

    @abstractmethod
    def append(self, records: Sequence[PredictionRecord]) -> None:
        """Add predictions as one durable segment per partition."""

    @abstractmethod
    def find(self, prediction_id: PredictionId) -> PredictionRecord | None:
        """One prediction, of whichever endpoint."""

    @abstractmethod
    def iter(
        self, endpoint: str, *, start: datetime | None = None, end: datetime | None = None, version: int | None = None
    ) -> Iterator[PredictionRecord]:
        """Predictions of an endpoint with start ≤ time < end, in order of time within each partition."""

    def iter_tables(
        self, endpoint: str, *, start: datetime | None = None, end: datetime | None = None, version: int | None = None
    ) -> Iterator[PredictionTable]:
        """Predictions of an endpoint with start ≤ time < end by column, segment by segment; no table is empty.

        Args:
            endpoint: Whose.
            start: The first moment.
            end: The last moment, exclusive.
            version: Only rows of this model version.

        Yields:
            One table per model version of a segment, rows in the order they were appended. Tables of later hours come
            later; within an hour those of later first rows do.
        """
        for name in self.segments(endpoint, start=start, end=end):
            for table in self.read_segment(endpoint, name, version=version):
                at = table.rows["at"]
                mask = at.is_not_null()
                if start is not None:
                    mask &= at >= start
                if end is not None:
                    mask &= at < end
                found = table.filter(mask)
                if len(found):
                    yield found

    @abstractmethod
    def segments(self, endpoint: str, *, start: datetime | None = None, end: datetime | None = None) -> Iterator[str]:
        """Names of what was appended and may hold predictions with start ≤ time < end, older hours first.

        A segment is there whole or not at all, and never changes. Its name is unique within the endpoint for all time.
        """

    @abstractmethod
    def segment_times(self, name: str) -> tuple[datetime, datetime]:
        """When the oldest and the newest id of a segment were made; a row's time is within an hour of its id's.

        Args:
            name: As `segments` tells it.

        Raises:
            InvalidInputError: It is no name of a segment.
        """

    @abstractmethod
    def segments_end(self, moment: datetime) -> str:
        """A text that sorts behind the name of a segment only if all its rows are of before a moment.

        Segments of earlier hours sort before it, but for those of the last two.
        """

    @abstractmethod
    def read_segment(self, endpoint: str, name: str, *, version: int | None = None) -> list[PredictionTable]:
        """What a segment holds, one table per model version; nothing when it is not there (any more).

        Args:
            endpoint: Whose.
            name: As `segments` tells it.
            version: Only rows of this model version.

        Raises:
            InvalidInputError: It is no name of a segment.
            IntegrityError: The segment is damaged.
        """

    @abstractmethod
    def list_endpoints(self) -> list[str]:
        """Endpoints that have predictions."""

    @abstractmethod
    def append_labels(self, endpoint: str, labels: Sequence[LabelRecord]) -> None:
        """Add labels; a later one for the same prediction replaces the earlier when read."""

    @abstractmethod
    def iter_labels(self, endpoint: str) -> Iterator[LabelRecord]:
        """The latest label of each labelled prediction."""

    @abstractmethod
    def label_segments(self, endpoint: str) -> list[str]:
        """Names of what was appended as labels, in that order.

        A segment is there whole or not at all, and never changes. Its name is unique within the endpoint for all time.
        """

    @abstractmethod
    def label_table(self, endpoint: str, *, segments: Sequence[str] | None = None) -> pl.DataFrame:
        """The latest label of each labelled prediction by column.

        Args:
            endpoint: Whose.
            segments: Only what these hold, as `label_segments` names them in its order; those that are not there (any
                more) hold nothing. All when None.

        Returns:
            `prediction_id` (String), `value` (String: JSON text), `observed_at` and `recorded_at` (Datetime
            in microseconds, UTC), oldest `recorded_at` first; no rows without labels.

        Raises:
            InvalidInputError: A name is none of a segment.
            IntegrityError: A segment is damaged.
        """
