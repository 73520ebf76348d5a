from __future__ import annotations

from dataclasses import replace
from typing import Any

from millwright.automation.monitors import Declaration, FailedChecks, failed_check
from millwright.core.errors import InvalidInputError
from millwright.core.records.monitor import Severity
from millwright.monitoring.alert import AlertDesk
from millwright.monitoring.settings import MonitorSettings

DECLARED = Declaration(name="delay", endpoint="delay")
ERROR = InvalidInputError("The model takes no column 'regoin' to group by.", hint="Did you mean 'region'?")


def failures(project: Any) -> FailedChecks:
    desk = AlertDesk(stores=project.stores, clock=project.clock, events=project.events, actor="monitor")
    return FailedChecks(stores=project.stores, clock=project.clock, desk=desk)


def test_failure_is_told_with_what_to_do_and_written_down(project: Any) -> None:
    failures(project).tell(DECLARED, ERROR)
    alert = failed_check(project.stores.monitors, DECLARED)
    assert alert is not None
    assert alert.message == f"The monitor 'delay' cannot be checked, so nothing is watched by it: {ERROR}"
    assert alert.report_id is None
    assert alert.evidence["error"]["code"] == "invalid_input"
    entries = project.stores.audit.list(subject="endpoint:delay")
    [entry] = [each for each in entries if each.action == "monitor.fail"]
    assert entry.details["monitor"]["name"] == "delay"


def test_monitors_of_one_endpoint_fail_and_recover_each_for_itself(project: Any) -> None:
    other = replace(DECLARED, name="other")
    failures(project).tell(DECLARED, ERROR)
    failures(project).tell(other, ERROR)
    failures(project).end(other)
    failures(project).end(other)
    assert failed_check(project.stores.monitors, other) is None
    assert failed_check(project.stores.monitors, DECLARED) is not None


def test_severity_is_as_declared(project: Any) -> None:
    settings = MonitorSettings(severities={"check_failed": Severity.CRITICAL})
    failures(project).tell(replace(DECLARED, settings=settings), ERROR)
    alert = failed_check(project.stores.monitors, DECLARED)
    assert alert is not None
    assert alert.severity is Severity.CRITICAL
