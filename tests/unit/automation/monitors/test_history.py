from __future__ import annotations

from datetime import timedelta
from typing import Any

from millwright.automation.monitors import Declaration, DeclarationHistory
from millwright.automation.monitors.history import written_monitors
from millwright.testing.process import in_threads


def declared(name: str = "delay", every: str = "1h") -> Declaration:
    return Declaration(name=name, endpoint="delay", content={"endpoint": "delay", "every": every})


def history_of(project: Any, actor: str = "ada") -> DeclarationHistory:
    return DeclarationHistory(stores=project.stores, clock=project.clock, actor=actor)


def entries(project: Any) -> list[Any]:
    return project.stores.audit.list(subject="monitors")[::-1]


def test_what_is_declared_is_written_when_it_changes(project: Any) -> None:
    begun, history = project.clock.now(), history_of(project)
    assert history.note([]) == {}
    assert entries(project) == []
    assert history_of(project).note([declared(), declared("other")]) == {"added": ["delay", "other"]}
    assert history_of(project).note([declared(), declared("other")]) == {}
    project.clock.advance(timedelta(hours=1))
    assert history_of(project, "ben").note([declared(every="2h")]) == {"changed": ["delay"], "removed": ["other"]}
    assert [(entry.action, entry.actor) for entry in entries(project)] == [
        ("monitors.declare", "ada"), ("monitors.declare", "ben"),
    ]  # fmt: skip
    found = entries(project)[-1].details["monitors"]
    assert found == {"delay": {"digest": declared(every="2h").digest, "declared": {"endpoint": "delay", "every": "2h"}}}
    since = history_of(project).since()
    assert set(since) == {"delay"}
    assert (since["delay"].at, since["delay"].by, since["delay"].changes) == (begun + timedelta(hours=1), "ben", 2)


def test_monitor_that_was_not_changed_keeps_its_moment(project: Any) -> None:
    begun = project.clock.now()
    history_of(project).note([declared()])
    project.clock.advance(timedelta(hours=1))
    history_of(project).note([declared(), declared("other")])
    since = history_of(project).since()
    assert (since["delay"].at, since["other"].at) == (begun, begun + timedelta(hours=1))


def test_two_machines_with_different_files_write_once_each(project: Any) -> None:
    old, new = history_of(project), history_of(project)
    for _ in range(3):
        old.note([declared()])
        new.note([declared(every="2h")])
    assert len(entries(project)) == 2


def test_several_workers_write_once(project: Any) -> None:
    in_threads(lambda _: history_of(project).note([declared()]), count=4)
    assert len(entries(project)) == 1


def test_written_monitors_are_told_by_endpoint_without_those_that_are_switched_off(project: Any) -> None:
    assert written_monitors(project.stores.audit).since is None
    off = Declaration(name="off", endpoint="delay", enabled=False, content={"endpoint": "delay", "enabled": False})
    elsewhere = Declaration(name="cost", endpoint="cost", content={"endpoint": "cost"})
    history_of(project).note([declared("second"), declared("first"), off, elsewhere])
    found = written_monitors(project.stores.audit)
    assert found.names == {"delay": ("first", "second"), "cost": ("cost",)}
    assert found.since == project.clock.now()
    history_of(project).note([])
    assert written_monitors(project.stores.audit).names == {}
