"""Models that runs have logged."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from millwright.core.ids import ExperimentId
    from millwright.core.records.experiment import Lifecycle
    from millwright.core.records.logged_model import LoggedModelQuery, LoggedModelRecord, LoggedModelStatus
    from millwright.core.records.search import Page


class LoggedModelStore(ABC):
    """Logged models with their parameters and tags; their metrics are the `MetricStore`'s, their files the tree's."""

    @abstractmethod
    def create(self, record: LoggedModelRecord) -> None:
        """Add a model with its parameters and tags.

        Raises:
            AlreadyExistsError: The id is taken.
        """

    @abstractmethod
    def get(self, model_id: str, *, deleted: bool = False) -> LoggedModelRecord:
        """A model; a deleted one only when `deleted` says so.

        Raises:
            NotFoundError: There is no such model.
        """

    @abstractmethod
    def set_status(
        self, model_id: str, status: LoggedModelStatus, at: datetime, *, message: str | None = None
    ) -> LoggedModelRecord:
        """Change a model's status, also of a deleted one.

        Raises:
            NotFoundError: There is no such model.
        """

    @abstractmethod
    def set_lifecycle(self, model_id: str, lifecycle: Lifecycle, at: datetime) -> None:
        """Delete a model (restorable until it is purged), or restore it.

        Raises:
            NotFoundError: There is no such model.
        """

    @abstractmethod
    def put_params(self, model_id: str, params: Mapping[str, str]) -> None:
        """Add parameters; the same value again is fine.

        Raises:
            NotFoundError: There is no such model.
            ConflictError: A parameter has another value already.
        """

    @abstractmethod
    def put_tags(self, model_id: str, tags: Mapping[str, str]) -> None:
        """Set tags, replacing those of the same key.

        Raises:
            NotFoundError: There is no such model.
        """

    @abstractmethod
    def delete_tag(self, model_id: str, key: str) -> None:
        """Remove a tag.

        Raises:
            NotFoundError: There is no such model, or it has no such tag.
        """

    @abstractmethod
    def search(self, query: LoggedModelQuery) -> Page[LoggedModelRecord]:
        """Active models that fit; the newest first where the order leaves a choice, then by id.

        Raises:
            InvalidInputError: The token is not of this query, or a field is not one that can be searched.
        """

    @abstractmethod
    def list_deleted(self, before: datetime) -> list[str]:
        """Ids of models that were deleted before some moment."""

    @abstractmethod
    def list_ids(self, experiment_id: ExperimentId) -> list[str]:
        """Ids of an experiment's models, active and deleted ones, the oldest first."""

    @abstractmethod
    def purge(self, model_id: str) -> None:
        """Remove a model for good, without its files; nothing happens when it is not there."""
