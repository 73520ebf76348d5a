"""Starts runs, and finds them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from millwright.core.errors import AlreadyExistsError, InvalidInputError, NotFoundError, closest
from millwright.core.ids import ExperimentId, RunId, new_id
from millwright.core.records.run import ExperimentRecord, RunRecord, RunStatus
from millwright.tracking.run import Run, texts

if TYPE_CHECKING:
    from millwright.core.clock import Clock
    from millwright.storage.base import RunStore


@dataclass(frozen=True, kw_only=True, slots=True)
class RunStart:
    """What is known of a run when it starts.

    Attributes:
        parent_id: The run that it is part of.
        params: Its parameters; more can follow.
        tags: Its tags; more can follow.
    """

    parent_id: RunId | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, Any] = field(default_factory=dict)


class Tracker:
    """Experiments and runs of one store.

    Args:
        store: Where runs are kept.
        clock: The time.
    """

    def __init__(self, *, store: RunStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def start_run(self, experiment: str, *, name: str = "", options: RunStart | None = None) -> Run:
        """Start a run; the experiment is made when it is not there.

        Args:
            experiment: The experiment's name.
            name: The run's name, for people; the last digits of its id when empty.
            options: What else is known.

        Raises:
            InvalidInputError: The experiment's name, or that of a parameter or tag, is empty.
        """
        options = options or RunStart()
        found = self.experiment(experiment)
        run_id = RunId(new_id())
        record = RunRecord(
            id=run_id,
            experiment_id=found.id,
            name=name or run_id[-8:],
            status=RunStatus.RUNNING,
            started_at=self._clock.now(),
            parent_id=options.parent_id,
            params=texts(options.params, "parameter"),
            tags=texts(options.tags, "tag"),
        )
        self._store.create_run(record)
        return Run(run_id, found.id, store=self._store, clock=self._clock)

    def get(self, run_id: RunId) -> RunRecord:
        """A snapshot of a run, with its parameters, tags and latest metrics.

        Raises:
            NotFoundError: There is no such run.
        """
        return self._store.get_run(run_id)

    def list_runs(
        self, experiment: str | None = None, *, parent_id: RunId | None = None, limit: int = 100
    ) -> list[RunRecord]:
        """Runs, newest first, of one experiment and of one parent when given.

        Raises:
            NotFoundError: There is no such experiment; the message names the closest.
        """
        experiment_id = None
        if experiment is not None:
            found = self._store.find_experiment(experiment)
            if found is None:
                known = [record.name for record in self._store.list_experiments()]
                raise NotFoundError(
                    f"There is no experiment '{experiment}'.", hint=closest(experiment, known) or "No run was tracked."
                )
            experiment_id = found.id
        return self._store.list_runs(experiment_id, parent_id=parent_id, limit=limit)

    def experiment(self, name: str) -> ExperimentRecord:
        """The experiment of a name; made when it is not there.

        Raises:
            InvalidInputError: The name is empty.
        """
        if not name.strip():
            raise InvalidInputError("Expected an experiment's name, found an empty one.")
        found = self._store.find_experiment(name)
        if found is not None:
            return found
        record = ExperimentRecord(id=ExperimentId(new_id()), name=name, created_at=self._clock.now())
        try:
            return self._store.create_experiment(record)
        except AlreadyExistsError:  # another process was faster
            made = self._store.find_experiment(name)
            if made is None:
                raise
            return made
