"""Which projects something belongs to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from millwright.core.errors import NotFoundError
from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.account import DEFAULT_PROJECT, EVERY_PROJECT
from millwright.server.mlflow.artifacts.artifact_uri import tree_path
from millwright.server.mlflow.failure import WireError, invalid
from millwright.server.mlflow.permission import ResourceKind

if TYPE_CHECKING:
    from millwright.server.mlflow.permission import Resource
    from millwright.storage.catalog import Stores

# What an experiment's id looks like, or may look like one day.
_EXPERIMENT = re.compile(r"[0-9]+|[0-9a-f]{32}")


class Projects:
    """Finds the projects of what requests name.

    Args:
        stores: Where all of it is.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores: Any = stores
        self._finders = {
            ResourceKind.EXPERIMENT: self._of_experiment,
            ResourceKind.EXPERIMENT_NAME: self._of_experiment_name,
            ResourceKind.RUN: self._of_run,
            ResourceKind.LOGGED_MODEL: self._of_logged_model,
            ResourceKind.MODEL: self._of_model,
            ResourceKind.TRACE: self._of_trace,
            ResourceKind.EVALUATION_DATASET: self._of_evaluation_dataset,
            ResourceKind.FILE: self._of_file,
        }

    def of(self, resource: Resource) -> frozenset[str]:
        """The projects in which a role is needed; `*` when it is needed in all of them.

        Raises:
            NotFoundError: There is no such thing.
        """
        return self._finders[resource.kind](resource.name)

    def _of_experiment(self, name: str) -> frozenset[str]:
        return frozenset({self._stores.experiments.get(ExperimentId(name)).project})

    def _of_experiment_name(self, name: str) -> frozenset[str]:
        found = self._stores.experiments.find(name)
        if found is None:
            raise NotFoundError(f"There is no experiment '{name}'.")
        return frozenset({found.project})

    def _of_run(self, name: str) -> frozenset[str]:
        run = self._stores.runs.get_run(RunId(name))
        experiment = self._stores.experiments.get(run.experiment_id)
        place = getattr(run, "artifact_uri", "") or experiment.artifact_location
        return frozenset({experiment.project}) | self._of_place(place)

    def _of_logged_model(self, name: str) -> frozenset[str]:
        model = self._stores.logged_models.get(name, deleted=True)
        return self._of_experiment(model.experiment_id) | self._of_place(model.artifact_location)

    def _of_model(self, name: str) -> frozenset[str]:
        found = self._stores.models.find_model(name)
        if found is None:
            raise NotFoundError(f"There is no model '{name}'.")
        return frozenset({getattr(found, "project", DEFAULT_PROJECT)})

    def _of_trace(self, name: str) -> frozenset[str]:
        if not hasattr(self._stores.traces, "get"):
            return frozenset({EVERY_PROJECT})  # nobody knows: for those who may do it everywhere
        return self._of_experiment(self._stores.traces.get(name).experiment_id)

    def _of_evaluation_dataset(self, name: str) -> frozenset[str]:
        found = self._stores.evaluations.get_dataset(name)
        try:
            projects = [self._of_experiment(each) for each in found.experiment_ids]
        except NotFoundError:
            return frozenset({EVERY_PROJECT})  # an experiment is gone, and nobody knows whose it was
        return frozenset().union(*projects) or frozenset({found.project})

    def _of_place(self, uri: str) -> frozenset[str]:
        """Of where something keeps its files: a client may have named a place that is another project's."""
        if not uri:
            return frozenset()
        try:
            return self._of_file(tree_path(uri))
        except WireError:
            return frozenset()  # not in our tree: the server opens no such place

    def _of_file(self, path: str) -> frozenset[str]:
        first, *rest = path.strip("/").split("/")
        if any(part in {"", ".", ".."} for part in rest) or first in {".", ".."}:
            raise invalid(f"Invalid value '{path}' for parameter 'path' supplied: it is no plain path.")
        if not first:
            return frozenset({EVERY_PROJECT})  # the root lists what belongs to everybody
        try:
            return self._of_experiment(first)
        except NotFoundError:
            # Nobody may put files where a later experiment of another project would find them.
            later = _EXPERIMENT.fullmatch(first) is not None
            return frozenset({EVERY_PROJECT if later else DEFAULT_PROJECT})
