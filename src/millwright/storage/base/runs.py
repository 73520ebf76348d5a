"""Experiments, runs and metrics."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from millwright.core.ids import ExperimentId, RunId
    from millwright.core.records.run import ExperimentRecord, MetricPoint, RunRecord, RunStatus


class RunStore(ABC):
    """Experiments, runs, their parameters, tags and metric points."""

    @abstractmethod
    def create_experiment(self, record: ExperimentRecord) -> ExperimentRecord:
        """Add an experiment.

        Raises:
            AlreadyExistsError: The name is taken.
        """

    @abstractmethod
    def find_experiment(self, name: str) -> ExperimentRecord | None:
        """The experiment of that name."""

    @abstractmethod
    def list_experiments(self) -> list[ExperimentRecord]:
        """All experiments, by name."""

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
    def append_metrics(self, run_id: RunId, points: Sequence[MetricPoint]) -> None:
        """Add points; equal points (key, step, time, value) may be stored once.

        Raises:
            NotFoundError: There is no such run.
        """

    @abstractmethod
    def put_params(self, run_id: RunId, params: Mapping[str, str]) -> None:
        """Add parameters; the same value again is fine.

        Raises:
            NotFoundError: There is no such run.
            ConflictError: A parameter has another value already.
        """

    @abstractmethod
    def put_tags(self, run_id: RunId, tags: Mapping[str, str]) -> None:
        """Set tags, replacing those of the same key.

        Raises:
            NotFoundError: There is no such run.
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
        """Runs, newest first, of one experiment and of one parent when given."""
