from __future__ import annotations

from typing import Any

from millwright.core.ids import AlertId, new_id
from millwright.core.records.monitor import AlertRecord, AlertState, Severity
from millwright.monitoring.exposition import DeclaredMonitors, Exposition
from millwright.monitoring.exposition.bound import bounded
from millwright.monitoring.exposition.catalog import ALERTS, FAMILIES, LAG
from millwright.monitoring.exposition.check import CHECKED, ROWS
from millwright.monitoring.exposition.fact import ReportFacts
from millwright.monitoring.monitor import Monitor


def monitor_of(world: Any) -> Monitor:
    return Monitor(stores=world.stores, registry=world, clock=world.clock, events=world.events)


def test_figures_are_those_of_the_newest_report(checked: Any, kept_world: Any, facts: Any):
    _, report = checked
    declared = DeclaredMonitors(names={"delay": ("hourly",)}, since=report.created_at)
    found = Exposition(kept_world.stores, kept_world.clock, declared=lambda: declared).samples()
    assert set(bounded(facts, FAMILIES)) <= set(found)
    assert len({(metric, labels) for metric, labels, _ in found}) == len(found)
    assert (ALERTS, ("delay", "hourly", "drift", "warning", "open"), 1.0) in found
    assert [labels for metric, labels, _ in found if metric is LAG] == [("delay",)]


def test_each_monitor_has_series_of_its_own_until_it_is_removed(world: Any, draw_rows: Any):
    world.register()
    world.log(draw_rows(60, seed=3))
    for name in ("all", "one"):
        monitor_of(world).check("delay", declared={"name": name, "digest": name})
    known = [DeclaredMonitors(names={"delay": ("all", "one")}, since=None)]
    exposition = Exposition(world.stores, world.clock, declared=lambda: known[-1], fresh_s=0.0)
    assert [labels for metric, labels, _ in exposition.samples() if metric is ROWS] == [
        ("delay", "all"), ("delay", "one"),
    ]  # fmt: skip
    known.append(DeclaredMonitors(names={"delay": ("all",)}, since=world.clock.now()))
    assert [labels for metric, labels, _ in exposition.samples() if metric is ROWS] == [("delay", "all")]


def test_figures_are_told_again_until_they_are_old(world: Any, draw_rows: Any):
    world.register()
    world.log(draw_rows(60, seed=3))
    kept, fresh = Exposition(world.stores, world.clock), Exposition(world.stores, world.clock, fresh_s=0.0)
    before = kept.samples()
    monitor_of(world).check("delay")
    assert kept.samples() == before
    assert [labels for metric, labels, _ in fresh.samples() if metric is ROWS] == [("delay", "")]


def test_record_is_told_when_its_document_was_removed(world: Any, draw_rows: Any):
    world.register()
    world.log(draw_rows(60, seed=3))
    report = monitor_of(world).check("delay")
    world.stores.artifacts.delete(report.document)
    found = set(Exposition(world.stores, world.clock).samples())
    assert set(bounded(ReportFacts(record=report), FAMILIES)) <= found
    assert (CHECKED, ("delay", ""), world.clock.now().timestamp()) in found


def test_alerts_that_somebody_has_taken_on_are_told_as_such(world: Any):
    alert = AlertRecord(
        id=AlertId(new_id()), endpoint="delay", kind="drift", severity=Severity.WARNING, state=AlertState.OPEN,
        message="days drifted", created_at=world.clock.now(), monitor="hourly",
    )  # fmt: skip
    world.stores.monitors.append_alert(alert)
    exposition = Exposition(world.stores, world.clock, fresh_s=0.0)
    states = []
    for state in (AlertState.ACKNOWLEDGED, AlertState.RESOLVED):
        world.stores.monitors.set_alert_state(alert.id, state)
        states.append([sample for sample in exposition.samples() if sample[0] is ALERTS])
    assert states == [[(ALERTS, ("delay", "hourly", "drift", "warning", "acknowledged"), 1.0)], []]
