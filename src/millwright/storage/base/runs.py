"""Runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from millwright.core.ids import ExperimentId, RunId
    from millwright.core.records.experiment import Lifecycle
    from millwright.core.records.run import MetricPoint, RunBatch, RunRecord, RunStatus
    from millwright.core.records.run_input import DatasetInput, DatasetSummary, ModelInput, ModelOutput, RunLinks
    from millwright.core.records.search import Page, Query


class RunStore(ABC):
    """Runs, their parameters, tags, metric points, inputs and outputs.

    Who writes to a run that is deleted gets a `StateTransitionError`, whatever the method; only `set_lifecycle` may.
    """

    @abstractmethod
    def create_run(self, record: RunRecord) -> None:
        """Add a run with its parameters, tags and (through `append_metrics` only) no metrics.

        Raises:
            AlreadyExistsError: The id is taken.
            NotFoundError: There is no such experiment.
        """

    @abstractmethod
    def get_run(self, run_id: RunId) -> RunRecord:
        """A run with its parameters, tags and latest metrics.

        Raises:
            NotFoundError: There is no such run.
        """

    @abstractmethod
    def finish_run(self, run_id: RunId, status: RunStatus, ended_at: datetime) -> None:
        """Set the final status.

        Raises:
            NotFoundError: There is no such run.
            StateTransitionError: The run has ended already.
        """

    @abstractmethod
    def update_run(
        self,
        run_id: RunId,
        *,
        status: RunStatus | None = None,
        ended_at: datetime | None = None,
        name: str | None = None,
    ) -> RunRecord:
        """Change what is given, whatever the run's status is; the rest stays as it is.

        Returns:
            The run without parameters, tags and metrics.

        Raises:
            NotFoundError: There is no such run.
        """

    @abstractmethod
    def set_lifecycle(self, run_id: RunId, lifecycle: Lifecycle, at: datetime) -> None:
        """Delete or restore it; nothing happens when it is so already.

        Raises:
            NotFoundError: There is no such run.
        """

    @abstractmethod
    def append_metrics(self, run_id: RunId, points: Sequence[MetricPoint]) -> None:
        """Add points; equal points (key, step, time, value) are stored once.

        Raises:
            NotFoundError: There is no such run.
        """

    @abstractmethod
    def put_batch(self, run_id: RunId, batch: RunBatch) -> None:
        """Add points and parameters and set tags, as one change.

        Raises:
            NotFoundError: There is no such run.
            ConflictError: A parameter has another value already.
        """

    @abstractmethod
    def put_params(self, run_id: RunId, params: Mapping[str, str]) -> None:
        """Add parameters; the same value again is fine.

        Raises:
            NotFoundError: There is no such run.
            ConflictError: A parameter has another value already; `details` has `key`, `stored` and `given`.
        """

    @abstractmethod
    def put_tags(self, run_id: RunId, tags: Mapping[str, str]) -> None:
        """Set tags, replacing those of the same key.

        Raises:
            NotFoundError: There is no such run.
        """

    @abstractmethod
    def delete_tag(self, run_id: RunId, key: str) -> None:
        """Remove a tag.

        Raises:
            NotFoundError: There is no such run, or it has no such tag.
        """

    @abstractmethod
    def list_history(self, run_id: RunId, key: str) -> list[MetricPoint]:
        """A metric's points by step, then time; empty when there are none.

        Raises:
            NotFoundError: There is no such run.
        """

    @abstractmethod
    def list_runs(
        self,
        experiment_id: ExperimentId | None = None,
        *,
        parent_id: RunId | None = None,
        limit: int = 100,
    ) -> list[RunRecord]:
        """Active runs, newest first, of one experiment and of one parent when given."""

    @abstractmethod
    def search(
        self, query: Query, *, experiment_ids: Sequence[ExperimentId], lifecycle: Lifecycle | None = None
    ) -> Page[RunRecord]:
        """Runs that fit, with their parameters, tags and latest metrics.

        Ties, and runs without an order, come by start (the latest first), then by id.

        Args:
            query: Its attributes are `run_id`, `run_name`, `status`, `start_time`, `end_time`, `user_id`,
                `experiment_id` and `artifact_uri`; datasets have `name`, `digest` and `context`.
            experiment_ids: Runs of these only; ids that are not there are passed over.
            lifecycle: Only those; None for all.

        Raises:
            InvalidInputError: The token is not of this query, or a field is not one that can be searched.
        """

    @abstractmethod
    def add_inputs(self, run_id: RunId, datasets: Sequence[DatasetInput], models: Sequence[ModelInput] = ()) -> None:
        """Record what a run read; what is recorded already stays as it is.

        Raises:
            NotFoundError: There is no such run.
        """

    @abstractmethod
    def add_outputs(self, run_id: RunId, models: Sequence[ModelOutput]) -> None:
        """Record which models a run made; what is recorded already stays as it is.

        Raises:
            NotFoundError: There is no such run.
        """

    @abstractmethod
    def list_links(self, run_ids: Sequence[RunId]) -> Mapping[RunId, RunLinks]:
        """What runs read and made; every run that was asked for is in the result."""

    @abstractmethod
    def search_datasets(self, experiment_ids: Sequence[ExperimentId], *, limit: int = 1000) -> list[DatasetSummary]:
        """Datasets that active and deleted runs of these experiments read, each once for every context."""

    @abstractmethod
    def purge(self, run_id: RunId) -> None:
        """Remove a run and everything of it for good; nothing happens when it is not there."""

    @abstractmethod
    def list_deleted(self, before: datetime) -> list[RunId]:
        """Runs that were deleted before a moment, the longest deleted first."""
