from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from millwright.automation.monitors import Declaration, FailedChecks, MonitorRound
from millwright.core.errors import InvalidInputError, NotFoundError, StorageError
from millwright.monitoring.alert import AlertDesk
from millwright.monitoring.window import Window
from millwright.testing import sample
from millwright.testing.process import in_threads

DECLARED = Declaration(
    name="delay", endpoint="delay", every=timedelta(minutes=10), window=timedelta(hours=1), content={"every": "10m"}
)


@dataclass
class Checker:
    """Notes what it is asked, and raises what it is told to."""

    asked: list[dict[str, Any]] = field(default_factory=list)
    error: Exception | None = None

    def check(self, endpoint: str, **given: Any) -> Any:
        self.asked.append({"endpoint": endpoint, **given})
        if self.error is not None:
            raise self.error
        return sample.report()


@pytest.fixture
def checker(project: Any) -> Checker:
    project.stores.endpoints.put(replace(sample.endpoint("delay"), model="delay"))
    return Checker()


def round_of(project: Any, checker: Checker) -> MonitorRound:
    desk = AlertDesk(stores=project.stores, clock=project.clock, events=project.events, actor="monitor")
    return MonitorRound(
        stores=project.stores,
        clock=project.clock,
        checker=checker,
        reference_of=lambda each: each.reference,  # type: ignore[arg-type, return-value]
        failures=FailedChecks(stores=project.stores, clock=project.clock, desk=desk),
    )


def test_monitor_is_checked_once_per_interval(project: Any, checker: Checker) -> None:
    assert len(round_of(project, checker).check_due([DECLARED])) == 1
    [asked] = checker.asked
    now = project.clock.now()
    assert asked["window"] == Window(start=now - timedelta(hours=1))
    assert asked["declared"] == {"name": "delay", "digest": DECLARED.digest}
    assert asked["reference"] == "training"
    project.clock.advance(timedelta(minutes=9, seconds=59))
    assert round_of(project, checker).check_due([DECLARED]) == []
    project.clock.advance(timedelta(seconds=1))
    assert len(round_of(project, checker).check_due([DECLARED])) == 1


def test_several_workers_check_it_once(project: Any, checker: Checker) -> None:
    found = in_threads(lambda _: round_of(project, checker).check_due([DECLARED]), count=4)
    assert sum(len(each) for each in found) == len(checker.asked) == 1


def test_changed_declaration_is_due_at_once(project: Any, checker: Checker) -> None:
    round_of(project, checker).check_due([DECLARED])
    changed = replace(DECLARED, content={"every": "10m", "rows": 5})
    assert len(round_of(project, checker).check_due([changed])) == 1


def test_monitor_that_is_switched_off_or_whose_endpoint_is_not_there_waits(project: Any, checker: Checker) -> None:
    others = [replace(DECLARED, enabled=False), replace(DECLARED, endpoint="later")]
    assert round_of(project, checker).check_due(others) == []
    assert checker.asked == []
    project.stores.endpoints.put(replace(sample.endpoint("later"), model="delay"))
    assert len(round_of(project, checker).check_due(others)) == 1  # no interval had begun


@pytest.mark.parametrize("error", [NotFoundError("No reference."), InvalidInputError("Rows that do not fit.")])
def test_check_that_fails_does_not_hold_up_the_others(project: Any, checker: Checker, error: Exception) -> None:
    checker.error = error
    assert round_of(project, checker).check_due([DECLARED, replace(DECLARED, name="other")]) == []
    assert len(checker.asked) == 2
    checker.error = None
    assert round_of(project, checker).check_due([DECLARED]) == []  # its interval has begun


def test_monitor_that_cannot_be_checked_is_an_alert_until_it_can(project: Any, checker: Checker) -> None:
    checker.error = NotFoundError("There is no version 'visits@3'.", hint="See: mw data list")
    round_of(project, checker).check_due([DECLARED])
    project.clock.advance(DECLARED.every)
    round_of(project, checker).check_due([DECLARED])
    [alert] = project.stores.monitors.list_alerts("delay")
    assert (alert.kind, alert.subject, alert.state, alert.count) == ("check_failed", "delay", "open", 2)
    assert alert.message.endswith("There is no version 'visits@3'. See: mw data list")
    checker.error = None
    project.clock.advance(DECLARED.every)
    assert len(round_of(project, checker).check_due([DECLARED])) == 1
    [alert] = project.stores.monitors.list_alerts("delay")
    assert alert.state == "resolved"


def test_store_that_is_away_for_a_moment_raises_no_alert(project: Any, checker: Checker) -> None:
    checker.error = StorageError("The database is locked.")
    assert round_of(project, checker).check_due([DECLARED]) == []
    assert project.stores.monitors.list_alerts() == []
