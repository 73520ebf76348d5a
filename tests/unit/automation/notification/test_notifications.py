from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.automation.notification import Channel, Route
from millwright.core.errors import ConfigurationError, InvalidInputError, NotFoundError
from millwright.core.records.delivery import DeliveryState

if TYPE_CHECKING:
    from pathlib import Path

OPS = Route(name="ops", channels=("hook",), group_wait=timedelta(0))


def test_route_to_an_unknown_channel_is_refused_at_once(desk: Any):
    known = {"hok": Channel(name="hok", kind="webhook", url="http://x")}
    with pytest.raises(ConfigurationError, match=r"no channel 'hook'.*Did you mean 'hok'"):
        desk.route(OPS, channels=known)
    with pytest.raises(ConfigurationError, match="Two routes are called 'ops'"):
        desk.route(OPS, OPS)
    with pytest.raises(InvalidInputError, match="no kind of channel 'pigeon'"):
        desk.route(channels={"x": Channel(name="x", kind="pigeon", url="y")})


def test_secrets_are_looked_up_when_they_are_needed(desk: Any):
    given = {"hook": Channel(name="hook", kind="webhook", url="secret:URL", secret="secret:KEY")}
    told = desk.route(OPS, channels=given)
    channel = told.channel("hook")
    assert (channel.url, channel.secret) == ("the secret URL", "the secret KEY")
    with pytest.raises(NotFoundError, match="no channel 'x'"):
        told.channel("x")


def test_example_is_sent_and_not_kept(desk: Any, receiver: Any):
    given = {"hook": Channel(name="hook", kind="webhook", url=receiver.url)}
    told = desk.route(OPS, channels=given)
    assert told.test("hook") == ""
    assert receiver.bodies()[0]["data"]["example"] is True
    assert desk.stores.notifications.list_deliveries() == []
    receiver.status = 404
    assert "answered 404" in told.test("hook")


DETECT_AND_DIE = """
import os, signal, sys
from datetime import timedelta
from millwright.automation.notification import Channel, NotificationOptions, Notifications, Route
from millwright.core.clock import SystemClock
from millwright.core.events import EventBus
from millwright.core.ids import ReportId, new_id
from millwright.core.records.monitor import Severity
from millwright.monitoring.alert import AlertDesk
from millwright.monitoring.finding import AlertKind, Finding
from millwright.storage.catalog import open_stores

folder, url = sys.argv[1:]
stores = open_stores(records_url=f"sqlite:///{folder}/records.db", artifacts_url=folder, predictions_url=folder)
clock, events = SystemClock(), EventBus()
told = Notifications(
    stores=stores, clock=clock, events=events, channels={"hook": Channel(name="hook", kind="webhook", url=url)},
    routes=[Route(name="ops", channels=("hook",), group_wait=timedelta(0))], options=NotificationOptions(),
    secret_of=str,
)
events.keep(told.keep)
desk = AlertDesk(stores=stores, clock=clock, events=events, actor="monitor")
finding = Finding(kind=AlertKind.DRIFT, severity=Severity.CRITICAL, message="Before the kill.")
with stores.transactions.transaction():
    desk.record(finding, endpoint="delay", report_id=ReportId(new_id()))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_alert_of_a_process_that_was_killed_is_delivered_by_another(desk: Any, receiver: Any, tmp_path: Path):
    """Killed between the detection and the delivery."""
    command = [sys.executable, "-c", DETECT_AND_DIE, str(tmp_path), receiver.url]
    assert subprocess.run(command, check=False, env=os.environ).returncode == -signal.SIGKILL
    (alert,) = desk.stores.monitors.list_alerts()
    assert receiver.requests == []
    desk.clock.advance(alert.created_at - desk.clock.now() + timedelta(seconds=1))
    told = desk.route(OPS, channels={"hook": Channel(name="hook", kind="webhook", url=receiver.url)})
    assert [each.state for each in told.deliver_once()] == [DeliveryState.DELIVERED]
    (body,) = receiver.bodies()
    assert body["data"]["alerts"][0]["message"] == "Before the kill."
