"""Pipeline runs, step runs and cached results."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from millwright.core.ids import Digest, PipelineRunId, StepRunId
    from millwright.core.records.pipeline import PipelineRunRecord, StepRunRecord


class PipelineStore(ABC):
    """What was executed, and which results can be taken again."""

    @abstractmethod
    def create_pipeline_run(self, record: PipelineRunRecord) -> None:
        """Add a pipeline run.

        Raises:
            AlreadyExistsError: The id is taken.
        """

    @abstractmethod
    def update_pipeline_run(self, record: PipelineRunRecord) -> None:
        """Replace a pipeline run's record.

        Raises:
            NotFoundError: There is no such run.
            StateTransitionError: The status cannot go from the stored one to the new one.
        """

    @abstractmethod
    def get_pipeline_run(self, run_id: PipelineRunId) -> PipelineRunRecord:
        """A pipeline run; an unambiguous prefix (≥ 6 digits) or suffix (≥ 6) of the id serves as well.

        Raises:
            NotFoundError: There is no such run, or several share the given part.
        """

    @abstractmethod
    def list_pipeline_runs(
        self, *, pipeline: str | None = None, running_only: bool = False, limit: int = 50
    ) -> list[PipelineRunRecord]:
        """Pipeline runs, newest first."""

    @abstractmethod
    def request_cancel(self, run_id: PipelineRunId, *, by: str, at: datetime) -> bool:
        """Ask whoever executes a run to stop it; who asked first is kept.

        Returns:
            False when the run has ended: nothing was written.

        Raises:
            NotFoundError: There is no such run.
        """

    @abstractmethod
    def cancel_requested(self, run_id: PipelineRunId) -> str | None:
        """Who asked for a run to be stopped; None when nobody did, and for a run that there is not."""

    @abstractmethod
    def put_step_run(self, record: StepRunRecord) -> None:
        """Add a step run, or replace the record of the same id.

        Raises:
            NotFoundError: There is no such pipeline run.
        """

    @abstractmethod
    def put_step_runs(self, records: Sequence[StepRunRecord]) -> None:
        """Like `put_step_run` for many at once, as one change.

        Raises:
            NotFoundError: There is no pipeline run that one belongs to; none was written.
        """

    @abstractmethod
    def get_step_run(self, step_run_id: StepRunId) -> StepRunRecord:
        """A step run.

        Raises:
            NotFoundError: There is no such step run.
        """

    @abstractmethod
    def list_step_runs(self, run_id: PipelineRunId) -> list[StepRunRecord]:
        """The step runs of a pipeline run, in the order they started."""

    @abstractmethod
    def find_cached(self, cache_key: Digest) -> StepRunRecord | None:
        """The newest completed step run with that key."""

    @abstractmethod
    def find_cached_many(self, cache_keys: Sequence[Digest]) -> dict[Digest, StepRunRecord]:
        """The newest completed step run of each key that has one."""
