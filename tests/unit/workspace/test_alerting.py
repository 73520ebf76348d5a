from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.ids import ReportId, new_id
from millwright.core.records.monitor import Severity
from millwright.monitoring.finding import AlertKind, Finding
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """
[channels.ops]
kind = "webhook"
url = "http://127.0.0.1:9/"
[[routes]]
channels = ["ops"]
"""
DRIFT = Finding(kind=AlertKind.DRIFT, severity=Severity.WARNING, message="It drifted.")


def test_alert_is_told_by_the_routes_of_the_project(tmp_path: Path):
    (tmp_path / "millwright.toml").write_text(SETTINGS, encoding="utf-8")
    with Workspace.open(tmp_path) as workspace:
        with workspace.stores.transactions.transaction():
            alert = workspace.alerts.record(DRIFT, endpoint="delay", report_id=ReportId(new_id()))
        (delivery,) = workspace.stores.notifications.list_deliveries()
        told = workspace.stores.notifications.get(delivery.notification_id)
    assert (delivery.channel, told.route, told.items[0].alert_id) == ("ops", "1", alert.id)


def test_nobody_is_told_without_routes(tmp_path: Path):
    (tmp_path / "millwright.toml").write_text("", encoding="utf-8")
    with Workspace.open(tmp_path) as workspace:
        with workspace.stores.transactions.transaction():
            workspace.alerts.record(DRIFT, endpoint="delay", report_id=ReportId(new_id()))
        assert workspace.stores.notifications.list_deliveries() == []
        assert workspace.stores.monitors.list_alerts()[0].told == {}
