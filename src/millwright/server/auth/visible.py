"""Tracking's stores as far as somebody may see their records: what is of other projects does not exist there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.core.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.ids import ExperimentId, RunId
    from millwright.core.records.experiment import ExperimentFigures, ExperimentRecord, Lifecycle
    from millwright.core.records.logged_model import LoggedModelQuery, LoggedModelRecord
    from millwright.core.records.run import MetricPoint, MetricSummary, RunRecord
    from millwright.core.records.run_input import RunLinks
    from millwright.core.records.search import Page, Query
    from millwright.storage.base import ExperimentStore, LoggedModelStore, MetricStore, RunStore
    from millwright.storage.base.metrics import RawPoint


class VisibleExperiments:
    """Reads experiments of some projects. Changes nothing.

    Args:
        experiments: All of them.
        projects: Names of those that are seen.
    """

    def __init__(self, experiments: ExperimentStore, projects: Sequence[str]) -> None:
        self._experiments = experiments
        self._projects = frozenset(projects)
        self._known: dict[ExperimentId, bool] = {}

    def get(self, experiment_id: ExperimentId) -> ExperimentRecord:
        """See `ExperimentStore.get`."""
        found = self._experiments.get(experiment_id)
        if found.project not in self._projects:
            raise NotFoundError(f"There is no experiment with the id '{experiment_id}'.")
        return found

    def find(self, name: str) -> ExperimentRecord | None:
        """See `ExperimentStore.find`."""
        found = self._experiments.find(name)
        return found if found is not None and found.project in self._projects else None

    def list(self) -> list[ExperimentRecord]:
        """See `ExperimentStore.list`."""
        return [found for found in self._experiments.list() if found.project in self._projects]

    def search(
        self, query: Query, *, lifecycle: Lifecycle | None = None, projects: Sequence[str] | None = None
    ) -> Page[ExperimentRecord]:
        """See `ExperimentStore.search`."""
        seen = self._projects if projects is None else self._projects.intersection(projects)
        return self._experiments.search(query, lifecycle=lifecycle, projects=sorted(seen))

    def figures(self, experiment_ids: Sequence[ExperimentId]) -> Mapping[ExperimentId, ExperimentFigures]:
        """See `ExperimentStore.figures`."""
        return self._experiments.figures([each for each in experiment_ids if self.sees(each)])

    def sees(self, experiment_id: ExperimentId) -> bool:
        """Whether an experiment is there, and seen."""
        if experiment_id not in self._known:
            try:
                self._known[experiment_id] = self._experiments.get(experiment_id).project in self._projects
            except NotFoundError:
                self._known[experiment_id] = False
        return self._known[experiment_id]


class VisibleRuns:
    """Reads runs of experiments that are seen. Changes nothing.

    Args:
        runs: All of them.
        experiments: Those that are seen.
    """

    def __init__(self, runs: RunStore, experiments: VisibleExperiments) -> None:
        self._runs = runs
        self._experiments = experiments

    def get_run(self, run_id: RunId) -> RunRecord:
        """See `RunStore.get_run`."""
        found = self._runs.get_run(run_id)
        if not self._experiments.sees(found.experiment_id):
            raise NotFoundError(f"There is no run with the id '{run_id}'.")
        return found

    def sees(self, run_id: RunId) -> bool:
        """Whether a run is there, and seen."""
        try:
            self.get_run(run_id)
        except NotFoundError:
            return False
        return True

    def list_history(self, run_id: RunId, key: str) -> list[MetricPoint]:
        """See `RunStore.list_history`."""
        self.get_run(run_id)
        return self._runs.list_history(run_id, key)

    def list_runs(
        self, experiment_id: ExperimentId | None = None, *, parent_id: RunId | None = None, limit: int = 100
    ) -> list[RunRecord]:
        """See `RunStore.list_runs`."""
        found = self._runs.list_runs(experiment_id, parent_id=parent_id, limit=limit)
        return [run for run in found if self._experiments.sees(run.experiment_id)]

    def search(
        self, query: Query, *, experiment_ids: Sequence[ExperimentId], lifecycle: Lifecycle | None = None
    ) -> Page[RunRecord]:
        """See `RunStore.search`."""
        seen = [each for each in experiment_ids if self._experiments.sees(each)]
        return self._runs.search(query, experiment_ids=seen, lifecycle=lifecycle)

    def list_links(self, run_ids: Sequence[RunId]) -> Mapping[RunId, RunLinks]:
        """See `RunStore.list_links`."""
        return self._runs.list_links([each for each in run_ids if self.sees(each)])


class VisibleMetrics:
    """Reads metrics of runs that are seen. Changes nothing.

    Args:
        metrics: All of them.
        runs: Those that are seen.
    """

    def __init__(self, metrics: MetricStore, runs: VisibleRuns) -> None:
        self._metrics = metrics
        self._runs = runs

    def history(
        self, run_id: RunId, key: str, *, limit: int | None = None, after: str | None = None
    ) -> Page[MetricPoint]:
        """See `MetricStore.history`."""
        self._runs.get_run(run_id)
        return self._metrics.history(run_id, key, limit=limit, after=after)

    def history_raw(
        self, run_id: RunId, key: str, *, limit: int | None = None, after: str | None = None
    ) -> Page[RawPoint]:
        """See `MetricStore.history_raw`."""
        self._runs.get_run(run_id)
        return self._metrics.history_raw(run_id, key, limit=limit, after=after)

    def sampled(self, run_ids: Sequence[RunId], key: str, *, points: int) -> Mapping[RunId, list[MetricPoint]]:
        """See `MetricStore.sampled`."""
        return self._metrics.sampled([each for each in run_ids if self._runs.sees(each)], key, points=points)

    def summaries(self, run_id: RunId) -> list[MetricSummary]:
        """See `MetricStore.summaries`."""
        self._runs.get_run(run_id)
        return self._metrics.summaries(run_id)

    def of_models(self, model_ids: Sequence[str]) -> Mapping[str, list[tuple[RunId, MetricPoint]]]:
        """See `MetricStore.of_models`."""
        found = self._metrics.of_models(model_ids)
        return {model: [each for each in points if self._runs.sees(each[0])] for model, points in found.items()}


class VisibleLoggedModels:
    """Reads logged models of experiments that are seen. Changes nothing.

    Args:
        models: All of them.
        experiments: Those that are seen.
    """

    def __init__(self, models: LoggedModelStore, experiments: VisibleExperiments) -> None:
        self._models = models
        self._experiments = experiments

    def get(self, model_id: str, *, deleted: bool = False) -> LoggedModelRecord:
        """See `LoggedModelStore.get`."""
        found = self._models.get(model_id, deleted=deleted)
        if not self._experiments.sees(found.experiment_id):
            raise NotFoundError(f"There is no logged model with the id '{model_id}'.")
        return found

    def search(self, query: LoggedModelQuery) -> Page[LoggedModelRecord]:
        """See `LoggedModelStore.search`."""
        seen = tuple(each for each in query.experiment_ids if self._experiments.sees(each))
        return self._models.search(replace(query, experiment_ids=seen))
