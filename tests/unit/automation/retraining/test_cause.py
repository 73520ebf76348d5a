from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from millwright.automation.limits.ledger import read_ledger
from millwright.automation.retraining.cause import Cause, champion_of, find_cause
from millwright.automation.trigger import Trigger
from millwright.core.digest import digest_bytes
from millwright.monitoring.finding import AlertKind
from millwright.testing import sample

DATA = Trigger(name="data", pipeline="p.py", model="delay", datasets=frozenset({"schedules"}))
TIME = Trigger(name="time", pipeline="p.py", model="delay", every=timedelta(days=7))


def cause_of(project: Any, rule: Trigger) -> Cause | None:
    ledger = read_ledger(project.stores.audit, rule.model)
    return find_cause(rule, ledger, project.stores, now=project.clock.now())


def new_version(project: Any, rows: int) -> None:
    project.clock.advance(timedelta(minutes=1))
    record = replace(
        sample.dataset_version(), rows=rows, digest=digest_bytes(str(rows).encode()), created_at=project.clock.now()
    )
    project.stores.datasets.create_version(record)


def test_standing_alerts_are_one_cause(project: Any) -> None:
    rule = Trigger(name="alerts", pipeline="p.py", model="delay", endpoint="delay")
    assert cause_of(project, rule) is None
    project.alert(AlertKind.MISSING_DATA)
    assert cause_of(project, rule) is None
    first = project.alert(AlertKind.PERFORMANCE)
    project.clock.advance(timedelta(minutes=1))
    second = project.alert(AlertKind.DRIFT)
    found = cause_of(project, rule)
    assert found is not None
    assert (found.text, found.key) == (f"alert:{first.id}", "alert:delay:drift,performance")
    assert [alert.id for alert in found.alerts] == [first.id, second.id]
    assert found.note == "It answers: performance: performance found. drift: drift found."


def test_alerts_of_another_monitor_start_nothing_but_are_answered(project: Any) -> None:
    rule = Trigger(name="alerts", pipeline="p.py", model="delay", endpoint="delay", monitor="hourly")
    daily = project.alert(monitor="daily")
    assert cause_of(project, rule) is None
    project.clock.advance(timedelta(minutes=1))
    hourly = project.alert(monitor="hourly")
    found = cause_of(project, rule)
    assert found is not None
    assert [alert.id for alert in found.alerts] == [daily.id, hourly.id]


def test_new_versions_and_rows_count_from_what_the_last_training_saw(project: Any) -> None:
    new_version(project, 100)
    project.clock.advance(timedelta(minutes=1))
    project.register(b"first", passed=True)
    assert cause_of(project, DATA) is None
    new_version(project, 140)
    found = cause_of(project, DATA)
    assert found is not None
    assert (found.text, found.key) == ("dataset:schedules@2", "dataset:schedules")
    assert found.note == "schedules has 1 new version and +40 rows since version 1, which the last training saw."
    assert cause_of(project, replace(DATA, new_versions=2)) is None
    assert cause_of(project, replace(DATA, new_rows=50)) is None
    new_version(project, 150)
    assert cause_of(project, replace(DATA, new_rows=50, new_versions=2)) is not None
    project.register(b"second", passed=False)  # a training that lost has seen the data, too
    assert cause_of(project, DATA) is None


def test_dataset_of_a_model_that_was_never_trained_is_all_new(project: Any) -> None:
    assert cause_of(project, DATA) is None
    new_version(project, 100)
    found = cause_of(project, DATA)
    assert found is not None
    assert found.note == "schedules has 1 new version and +100 rows and no training saw any."


def test_time_counts_from_the_last_training(project: Any) -> None:
    first = cause_of(project, TIME)
    assert first is not None
    assert first.note == "It is due every 7 days, and nothing was trained yet."
    project.register(b"first", passed=True)
    assert cause_of(project, TIME) is None
    project.clock.advance(timedelta(days=7))
    found = cause_of(project, TIME)
    assert found is not None
    assert (found.text, found.key) == ("schedule:time@2026-01-22T12:00:00+00:00", "schedule:time")
    assert found.note == "It is due every 7 days, and the last training was at 2026-01-15 12:00:00 UTC."
    hourly = cause_of(project, replace(TIME, every=timedelta(hours=1)))
    assert hourly is not None
    assert hourly.note.startswith("It is due every hour,")


def test_champion_is_the_version_that_carries_the_alias(project: Any) -> None:
    assert champion_of(project.stores, "delay", "champion") is None
    version = project.register(b"first", passed=True)
    found = champion_of(project.stores, "delay", "champion")
    assert found is not None
    assert found.ref == "delay@1"
    project.stores.models.delete_version("delay", version.version, project.clock.now())
    assert champion_of(project.stores, "delay", "champion") is None
