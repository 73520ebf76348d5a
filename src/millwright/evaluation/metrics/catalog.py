"""All metrics by name: the built-in ones, and those that installed packages add.

A package adds metrics under the entry point group `millwright.metrics`; each entry names a `Metric`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import ConfigurationError, InvalidInputError, closest
from millwright.core.extension import entry_points
from millwright.evaluation.metrics import classification, metric, regression
from millwright.models.task import Task

if TYPE_CHECKING:
    from millwright.evaluation.metrics.metric import Metric
    from millwright.evaluation.metrics.sample import Sample

ENTRY_POINT_GROUP = "millwright.metrics"

# The metric that stands for a task where one has to be chosen: importances, default gates, leaderboards.
MAIN_METRIC = {Task.BINARY: "roc_auc", Task.MULTICLASS: "roc_auc", Task.REGRESSION: "rmse"}


def all_metrics() -> dict[str, Metric]:
    """Every known metric by name, the built-in ones first."""
    found = {known.name: known for known in (*classification.METRICS, *regression.METRICS)}
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        loaded = entry.load()
        if not isinstance(loaded, metric.Metric):
            raise ConfigurationError(
                f"Entry point '{entry.name}' of group '{ENTRY_POINT_GROUP}' names a {type(loaded).__name__}, "
                "expected a Metric.",
                hint=f"Correct or uninstall the package that provides {entry.value}.",
            )
        found.setdefault(loaded.name, loaded)
    return found


def metrics_for(task: Task) -> tuple[Metric, ...]:
    """The metrics of a task, in the order in which reports show them."""
    return tuple(known for known in all_metrics().values() if task in known.tasks)


def get_metric(name: str, task: Task | None = None) -> Metric:
    """The metric of that name.

    Args:
        name: As in reports: `roc_auc`.
        task: When given, the metric must apply to it.

    Raises:
        InvalidInputError: There is none (the nearest is named), or it does not apply to the task.
    """
    known = all_metrics()
    if name not in known:
        raise InvalidInputError(f"There is no metric '{name}'.", hint=closest(name, known))
    if task is not None and task not in known[name].tasks:
        fitting = ", ".join(other.name for other in metrics_for(task))
        raise InvalidInputError(f"The metric '{name}' is not one of a {task} task.", hint=f"Known: {fitting}.")
    return known[name]


def measure(sample: Sample) -> dict[str, float]:
    """All metrics of the sample's task that are defined on it, by name."""
    return metric.measure(sample, metrics_for(sample.task))
