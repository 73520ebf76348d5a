from __future__ import annotations

from datetime import timedelta
from typing import Any

from millwright.automation.monitors import Declaration, DeclarationHistory
from millwright.automation.monitors.history import written_monitors
from millwright.testing.process import in_threads


def declared(name: str = "delay", every: str = "1h") -> Declaration:
    return Declaration(name=name, endpoint="delay", content={"endpoint": "delay", "every": every})


def history_of(project: Any, actor: str = "ada", place: str = "host:/delay") -> DeclarationHistory:
    return DeclarationHistory(stores=project.stores, clock=project.clock, actor=actor, place=place)


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
    assert set(found) == {"delay"}
    assert found["delay"]["digest"] == declared(every="2h").digest
    assert found["delay"]["declared"] == {"endpoint": "delay", "every": "2h"}
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


def cost(every: str = "1h") -> Declaration:
    return Declaration(name="cost", endpoint="cost", content={"endpoint": "cost", "every": every})


def written(project: Any) -> set[str]:
    return {name for names in written_monitors(project.stores.audit).names.values() for name in names}


def test_two_projects_of_a_workspace_leave_each_others_monitors_alone(project: Any) -> None:
    mine, other = history_of(project), history_of(project, place="host:/cost")
    assert mine.note([declared()]) == {"added": ["delay"]}
    assert other.note([cost()]) == {"added": ["cost"]}
    assert (mine.beside, other.beside) == (set(), {("delay", "delay")})
    for _ in range(30):
        project.clock.advance(timedelta(minutes=1))
        assert (mine.note([declared()]), other.note([cost()])) == ({}, {})
    assert mine.beside == {("cost", "cost")}
    assert written(project) == {"delay", "cost"}
    assert len(entries(project)) == 2


def test_monitors_of_a_project_whose_workers_are_gone_are_taken_out_by_another(project: Any) -> None:
    mine, other = history_of(project), history_of(project, place="host:/cost")
    mine.note([declared()])
    other.note([cost()])
    project.clock.advance(timedelta(minutes=9))
    assert other.note([cost()]) == {}  # it may be about to start again
    project.clock.advance(timedelta(minutes=2))
    assert other.note([cost()]) == {"removed": ["delay"]}
    assert other.beside == set()
    assert mine.note([declared()]) == {"added": ["delay"]}  # it was asleep
    assert written(project) == {"delay", "cost"}


def test_worker_that_starts_takes_the_place_of_an_earlier_one_of_its_folder(project: Any) -> None:
    old, other = history_of(project), history_of(project, place="host:/cost")
    old.note([declared(), declared("gone")])
    other.note([cost()])
    assert history_of(project).note([declared()]) == {"removed": ["gone"]}
    for _ in range(3):  # the earlier one still runs
        project.clock.advance(timedelta(minutes=5))
        assert (old.note([declared(), declared("gone")]), other.note([cost()])) == ({}, {})
    assert written(project) == {"delay", "cost"}


def test_monitor_that_two_projects_declare_in_two_ways_is_told_of_once(project: Any, caplog: Any) -> None:
    mine, other = history_of(project), history_of(project, place="host:/cost")
    mine.note([declared()])
    for _ in range(3):
        assert other.note([declared(every="2h")]) in ({"changed": ["delay"]}, {})
        assert mine.note([declared()]) == {}
        project.clock.advance(timedelta(minutes=2))
    assert len(entries(project)) == 2
    assert caplog.text.count("The monitor 'delay' is declared otherwise by a worker of host:/delay") == 1


def test_monitor_that_two_projects_declare_alike_stays_when_one_of_them_goes(project: Any) -> None:
    mine, other = history_of(project), history_of(project, place="host:/cost")
    mine.note([declared()])
    other.note([declared(), cost()])
    for _ in range(4):
        project.clock.advance(timedelta(minutes=5))
        mine.note([declared()])
    assert written(project) == {"delay"}
    history_of(project, place="host:/third").note([])
    assert written(project) == {"delay"}


def test_what_was_written_before_projects_were_told_apart_is_taken_over(project: Any) -> None:
    digest = str(declared().digest)
    details = {"monitors": {"delay": {"digest": digest, "declared": {"endpoint": "delay", "every": "1h"}}}}
    project.stores.audit.append(
        at=project.clock.now(), actor="ada", action="monitors.declare", subject="monitors", details=details
    )
    history = history_of(project)
    assert history.note([declared()]) == {}
    assert "set" in entries(project)[-1].details["monitors"]["delay"]
    history_of(project, place="host:/cost").note([cost()])
    assert written(project) == {"delay", "cost"}
