from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from millwright.core.errors import ConfigurationError, InvalidInputError
from millwright.evaluation.metrics import catalog
from millwright.evaluation.metrics.classification import METRICS
from millwright.evaluation.metrics.sample import classification_sample, regression_sample
from millwright.models.task import Task


def test_get_metric_names_the_nearest_when_there_is_none():
    with pytest.raises(InvalidInputError, match=r"no metric 'roc_acu'. Did you mean 'roc_auc'"):
        catalog.get_metric("roc_acu")


def test_get_metric_refuses_a_metric_of_another_task():
    with pytest.raises(InvalidInputError, match=r"'rmse' is not one of a binary task. Known: accuracy"):
        catalog.get_metric("rmse", Task.BINARY)


@pytest.mark.parametrize("task", [task for task in Task if task is not Task.TENSOR])
def test_main_metric_is_one_of_the_task(task: Task):
    assert catalog.get_metric(catalog.MAIN_METRIC[task], task) in catalog.metrics_for(task)


def test_measure_chooses_the_metrics_by_the_samples_task():
    assert "accuracy" in catalog.measure(classification_sample([0, 1], [0, 1]))
    assert "rmse" in catalog.measure(regression_sample([0.0], [1.0]))


def test_catalog_refuses_an_entry_point_that_is_no_metric(monkeypatch: pytest.MonkeyPatch):
    entry = EntryPoint(name="mine", value="math:pi", group=catalog.ENTRY_POINT_GROUP)
    monkeypatch.setattr(catalog, "entry_points", lambda **_: [entry])

    with pytest.raises(ConfigurationError, match=r"'mine' of group 'millwright.metrics' names a float"):
        catalog.all_metrics()


def test_catalog_takes_a_metric_from_an_entry_point_but_keeps_its_own(monkeypatch: pytest.MonkeyPatch):
    value = f"{METRICS.__class__.__module__}:tuple"
    entry = EntryPoint(name="mine", value=value, group=catalog.ENTRY_POINT_GROUP)
    monkeypatch.setattr(EntryPoint, "load", lambda _: METRICS[0])
    monkeypatch.setattr(catalog, "entry_points", lambda **_: [entry])

    assert catalog.all_metrics()["accuracy"] is METRICS[0]
