"""The prediction log."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from millwright.core.ids import PredictionId
    from millwright.core.records.prediction import LabelRecord, PredictionRecord


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

    @abstractmethod
    def list_endpoints(self) -> list[str]:
        """Endpoints that have predictions."""

    @abstractmethod
    def append_labels(self, endpoint: str, labels: Sequence[LabelRecord]) -> None:
        """Add labels; a later one for the same prediction replaces the earlier when read."""

    @abstractmethod
    def iter_labels(self, endpoint: str) -> Iterator[LabelRecord]:
        """The latest label of each labelled prediction."""
