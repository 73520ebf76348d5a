"""Experiments."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from millwright.core.ids import ExperimentId
    from millwright.core.records.experiment import ExperimentFigures, ExperimentRecord, Lifecycle
    from millwright.core.records.search import Page, Query


class ExperimentStore(ABC):
    """Experiments and their tags. The experiment "0", called Default, is there from the beginning."""

    @abstractmethod
    def create(self, record: ExperimentRecord) -> ExperimentRecord:
        """Add an experiment; with an empty id the store gives it one that was never given before: "1", "2", ….

        Raises:
            AlreadyExistsError: The name or the id is taken; `details` has the `lifecycle` of the one that has it.
        """

    @abstractmethod
    def get(self, experiment_id: ExperimentId) -> ExperimentRecord:
        """An experiment, whatever its lifecycle.

        Raises:
            NotFoundError: There is no such experiment.
        """

    @abstractmethod
    def find(self, name: str) -> ExperimentRecord | None:
        """The experiment of that name, whatever its lifecycle."""

    @abstractmethod
    def list(self) -> list[ExperimentRecord]:
        """All active experiments, by name."""

    @abstractmethod
    def rename(self, experiment_id: ExperimentId, name: str, at: datetime) -> None:
        """Give it another name.

        Raises:
            NotFoundError: There is no such experiment.
            AlreadyExistsError: The name is taken.
        """

    @abstractmethod
    def set_lifecycle(self, experiment_id: ExperimentId, lifecycle: Lifecycle, at: datetime) -> None:
        """Delete or restore it, and all its runs with it; nothing happens when it is so already.

        Raises:
            NotFoundError: There is no such experiment.
        """

    @abstractmethod
    def put_tags(self, experiment_id: ExperimentId, tags: Mapping[str, str]) -> None:
        """Set tags, replacing those of the same key.

        Raises:
            NotFoundError: There is no such experiment.
        """

    @abstractmethod
    def delete_tag(self, experiment_id: ExperimentId, key: str) -> None:
        """Remove a tag.

        Raises:
            NotFoundError: There is no such experiment, or it has no such tag.
        """

    @abstractmethod
    def search(
        self, query: Query, *, lifecycle: Lifecycle | None = None, projects: Sequence[str] | None = None
    ) -> Page[ExperimentRecord]:
        """Experiments that fit; without an order the last changed first. Ties: the newest first.

        Args:
            query: Its attributes are `experiment_id`, `name`, `creation_time`, `last_update_time`; and tags.
            lifecycle: Only those; None for all.
            projects: Only those of these projects; None for all.

        Raises:
            InvalidInputError: The token is not of this query, or a field is not one that can be searched.
        """

    @abstractmethod
    def figures(self, experiment_ids: Sequence[ExperimentId]) -> Mapping[ExperimentId, ExperimentFigures]:
        """How many active runs each has, and when the latest started; ids that are not there are left out."""

    @abstractmethod
    def purge(self, experiment_id: ExperimentId) -> None:
        """Remove an experiment for good, with its runs and everything of them; nothing happens when it is not there."""
