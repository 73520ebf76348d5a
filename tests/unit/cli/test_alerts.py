from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.ids import ReportId, new_id
from millwright.core.records.monitor import Severity
from millwright.monitoring.finding import AlertKind, Finding
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

DRIFT = Finding(kind=AlertKind.DRIFT, severity=Severity.WARNING, message="The column 'load' drifted.", subject="load")


@pytest.fixture
def alarmed(tmp_path: Path) -> Path:
    """A workspace with an alert that was found twice."""
    (tmp_path / "millwright.toml").write_text("", encoding="utf-8")
    with Workspace.open(tmp_path) as workspace:
        for _ in range(2):
            with workspace.stores.transactions.transaction():
                workspace.alerts.record(DRIFT, endpoint="delay", report_id=ReportId(new_id()))
    return tmp_path


def test_alerts_list_shows_the_subject_and_how_often_it_was_found(alarmed: Path, mw: Any):
    answer = mw(alarmed, "alerts", "list")
    line = next(line for line in answer.out.splitlines() if "delay" in line)
    assert "drift load" in line
    assert line.split()[-1] == "2"
    assert mw(alarmed, "alerts", "list", "--endpoint", "delay", "--json").json[0]["endpoint"] == "delay"


def test_alerts_of_a_declared_monitor_are_listed_by_its_name(alarmed: Path, mw: Any):
    with Workspace.open(alarmed) as workspace, workspace.stores.transactions.transaction():
        workspace.alerts.record(DRIFT, endpoint="delay", report_id=None, monitor="hourly")
    [alert] = mw(alarmed, "alerts", "list", "--monitor", "hourly", "--json").json
    assert alert["monitor"] == "hourly"
    assert len(mw(alarmed, "alerts", "list", "--json").json) == 2
    assert "hourly" in mw(alarmed, "alerts", "show", alert["id"]).out


def test_alerts_of_an_endpoint_that_there_is_not_are_an_error_with_the_nearest(alarmed: Path, mw: Any):
    answer = mw(alarmed, "alerts", "list", "--endpoint", "dealy")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == "Error: There is no endpoint 'dealy'. Did you mean 'delay'?\n"


def test_alerts_are_acknowledged_and_resolved_with_a_reason(alarmed: Path, mw: Any):
    alert = mw(alarmed, "alerts", "list", "--json").json[0]["id"]
    answer = mw(alarmed, "alerts", "ack", alert[-8:], "--reason", "looking")
    assert answer.out.startswith(f"✓ {alert[-8:]} (delay, drift load) is acknowledged by ")
    assert mw(alarmed, "alerts", "list", "--open", "--json").json == []
    shown = mw(alarmed, "alerts", "resolve", alert, "--reason", "mended", "--json").json
    assert (shown[0]["state"], shown[0]["count"]) == ("resolved", 2)
    again = mw(alarmed, "alerts", "ack", alert)
    assert (again.code, again.err.count("\n")) == (1, 1)
    assert "is resolved" in again.err


def test_alerts_show_tells_what_people_did(alarmed: Path, mw: Any):
    alert = mw(alarmed, "alerts", "list", "--json").json[0]["id"]
    mw(alarmed, "alerts", "ack", alert, "--reason", "looking")
    answer = mw(alarmed, "alerts", "show", alert[-8:])
    assert answer.out.startswith("warning: The column 'load' drifted.")
    assert "looking" in answer.out
    history = mw(alarmed, "alerts", "show", alert, "--json").json["history"]
    assert [entry["action"] for entry in history] == ["alert.raise", "alert.acknowledge"]


@pytest.mark.parametrize("verb", ["show", "ack", "resolve"])
def test_alert_that_is_not_there_is_refused(alarmed: Path, mw: Any, verb: str):
    answer = mw(alarmed, "alerts", verb, "nowhere!")
    assert (answer.code, answer.out) == (1, "")
    assert "There is no alert 'nowhere!'" in answer.err
