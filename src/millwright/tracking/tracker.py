"""Starts runs, and finds them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from millwright.core.errors import AlreadyExistsError, InvalidInputError, NotFoundError, closest
from millwright.core.filter import RUNS, parse_filter, parse_order
from millwright.core.ids import ExperimentId, RunId, new_id
from millwright.core.records.experiment import ExperimentRecord, Lifecycle
from millwright.core.records.run import RunRecord, RunStatus
from millwright.core.records.search import Comparison, Field, Kind, Query
from millwright.tracking.run import Run, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.clock import Clock
    from millwright.core.records.run_input import RunLinks
    from millwright.core.records.search import Page
    from millwright.storage.base import ExperimentStore, RunStore

_ID_LENGTH = 32


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
    """Experiments and runs of one workspace.

    Args:
        experiments: Where experiments are kept.
        store: Where runs are kept.
        clock: The time.
    """

    def __init__(self, *, experiments: ExperimentStore, store: RunStore, clock: Clock) -> None:
        self._experiments = experiments
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
        experiment_id = None if experiment is None else self._known(experiment).id
        return self._store.list_runs(experiment_id, parent_id=parent_id, limit=limit)

    def search(
        self,
        where: str = "",
        *,
        experiment: str | None = None,
        order: Sequence[str] = (),
        limit: int = 100,
        after: str | None = None,
    ) -> Page[RunRecord]:
        """Active runs that fit a filter.

        Args:
            where: Such as `metrics.auc > 0.8 and (params.model = 'rf' or tags.team = 'a')`; all runs when empty.
            experiment: Only runs of this one.
            order: Such as `metrics.auc desc`, the most important first; the latest runs first when empty.
            limit: Most runs in one page.
            after: The token of the page before.

        Raises:
            InvalidInputError: The filter, an order or the token cannot be read; the message says where and why.
            NotFoundError: There is no such experiment; the message names the closest.
        """
        query = Query(
            where=parse_filter(where, RUNS, disjunctions=True) if where.strip() else None,
            order=tuple(parse_order(text, RUNS) for text in order),
            limit=limit,
            after=after,
        )
        chosen = self._experiments.list() if experiment is None else [self._known(experiment)]
        return self._store.search(query, experiment_ids=[each.id for each in chosen], lifecycle=Lifecycle.ACTIVE)

    def resolve(self, run: str) -> RunRecord:
        """The run of an id, or of the last digits of one.

        Raises:
            NotFoundError: There is no such run, or there are several.
        """
        if len(run) >= _ID_LENGTH or not run.isalnum():
            return self._store.get_run(RunId(run))
        ending = Comparison(field=Field(kind=Kind.ATTRIBUTE, key="run_id"), op="LIKE", value=f"%{run}")
        ids = [experiment.id for experiment in self._experiments.list()]
        found = self._store.search(Query(where=ending, limit=2), experiment_ids=ids, lifecycle=Lifecycle.ACTIVE).items
        if len(found) != 1:
            how = "There are several runs" if found else "There is no run"
            raise NotFoundError(f"{how} with an id that ends with '{run}'.", hint="List the runs: mw runs search")
        return found[0]

    def links(self, runs: Sequence[RunRecord]) -> Mapping[RunId, RunLinks]:
        """What runs read and made."""
        return self._store.list_links([run.id for run in runs])

    def _known(self, experiment: str) -> ExperimentRecord:
        found = self._experiments.find(experiment)
        if found is None:
            known = [record.name for record in self._experiments.list()]
            raise NotFoundError(
                f"There is no experiment '{experiment}'.", hint=closest(experiment, known) or "No run was tracked."
            )
        return found

    def experiment(self, name: str) -> ExperimentRecord:
        """The experiment of a name; made when it is not there.

        Raises:
            InvalidInputError: The name is empty.
        """
        if not name.strip():
            raise InvalidInputError("Expected an experiment's name, found an empty one.")
        found = self._experiments.find(name)
        if found is not None:
            return found
        record = ExperimentRecord(id=ExperimentId(""), name=name, created_at=self._clock.now())
        try:
            return self._experiments.create(record)
        except AlreadyExistsError:  # another process was faster
            made = self._experiments.find(name)
            if made is None:
                raise
            return made
