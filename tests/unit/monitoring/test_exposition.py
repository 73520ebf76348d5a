from __future__ import annotations

from typing import Any

from millwright.monitoring.exposition import Exposition, MonitorMetric, report_samples
from millwright.monitoring.monitor import Monitor


def check(world: Any) -> Any:
    monitor = Monitor(stores=world.stores, registry=world, clock=world.clock, events=world.events)
    return monitor.check("delay"), monitor


def test_figures_are_those_of_the_newest_report(world: Any, draw_rows: Any):
    world.register()
    world.log(draw_rows(300, seed=3, days=130))
    report, monitor = check(world)
    found = {(metric, labels): value for metric, labels, value in Exposition(world.stores, world.clock).samples()}
    assert found[MonitorMetric.ROWS, ("delay",)] == 300
    assert found[MonitorMetric.DRIFTED, ("delay", "days")] == 1.0
    assert found[MonitorMetric.DRIFTED, ("delay", "phase")] == 0.0
    assert found[MonitorMetric.ALERTS, ("delay", "drift", "warning", "open")] == 1.0
    low = found[MonitorMetric.PERFORMANCE_LOW, ("delay", "roc_auc", "estimated")]
    assert low < found[MonitorMetric.PERFORMANCE, ("delay", "roc_auc", "estimated")]
    assert set(report_samples(report, monitor.read_document(report))) <= {(*key, value) for key, value in found.items()}


def test_figures_are_told_again_until_they_are_old(world: Any, draw_rows: Any):
    world.register()
    world.log(draw_rows(60, seed=3))
    kept, fresh = Exposition(world.stores, world.clock), Exposition(world.stores, world.clock, fresh_s=0.0)
    before = kept.samples()
    check(world)
    assert kept.samples() == before
    fresh_rows = [labels for metric, labels, _ in fresh.samples() if metric is MonitorMetric.ROWS]
    assert fresh_rows == [("delay",)]


def test_every_metric_says_what_it_is():
    assert all(metric.about.endswith(".") and metric.labels[0] == "endpoint" for metric in MonitorMetric)
