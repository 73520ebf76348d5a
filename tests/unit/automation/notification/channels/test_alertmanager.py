from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.automation.notification import Channel
from millwright.automation.notification.channels import send
from millwright.automation.notification.digest import make_digest
from millwright.core.ids import AlertId
from millwright.core.records.monitor import Severity
from millwright.core.records.notification import News
from millwright.testing.notifications import news, notification

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.automation.notification.channels.channel import Sending

ALERTMANAGER, AMTOOL = shutil.which("prometheus-alertmanager"), shutil.which("amtool")


def test_alert_that_became_worse_ends_the_less_severe_one(receiver: Any, sending: Sending):
    item = replace(news(), news=News.WORSENED, severity=Severity.CRITICAL, subject="days")
    send(_channel(receiver.url), make_digest(notification(items=(item,))), sending)
    (request,) = receiver.requests
    ends = {alert["labels"]["severity"]: alert["endsAt"] for alert in request["body"]}
    assert request["path"] == "/api/v2/alerts"
    assert ends["info"] == ends["warning"] == item.at.isoformat() < ends["critical"]
    labels = request["body"][-1]["labels"]
    assert (labels["alertname"], labels["endpoint"], labels["subject"]) == ("MillwrightDrift", "delay", "days")


def test_alerts_of_a_group_are_each_summed_up(receiver: Any, sending: Sending):
    items = (replace(news(), kind="drift"), replace(news(), alert_id=AlertId("b"), kind="metric_anomaly", subject="f1"))
    send(_channel(receiver.url), make_digest(notification(items=items)), sending)
    [request] = receiver.requests
    summaries = {alert["labels"]["kind"]: alert["annotations"]["summary"] for alert in request["body"]}
    assert summaries == {"drift": "[warning] delay: drift", "metric_anomaly": "[warning] delay: metric anomaly of f1"}


def test_alerts_of_two_monitors_are_told_apart(receiver: Any, sending: Sending):
    items = tuple(replace(news(), alert_id=AlertId(name), monitor=name) for name in ("hourly", "daily"))
    send(_channel(receiver.url), make_digest(notification(items=items)), sending)
    [request] = receiver.requests
    assert sorted(alert["labels"]["monitor"] for alert in request["body"]) == ["daily", "hourly"]


def test_example_ends_soon_by_itself(receiver: Any, sending: Sending):
    send(_channel(receiver.url), make_digest(notification(), is_example=True), sending)
    [[alert]] = [request["body"] for request in receiver.requests]
    assert datetime.fromisoformat(alert["endsAt"]) - sending.now == timedelta(minutes=5)


@pytest.fixture
def alertmanager(tmp_path: Path) -> Iterator[str]:
    if ALERTMANAGER is None or AMTOOL is None:
        pytest.skip("prometheus-alertmanager is not installed: apt-get install prometheus-alertmanager")
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    config = tmp_path / "alertmanager.yml"
    config.write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n", encoding="utf-8")
    command = [ALERTMANAGER, f"--config.file={config}", f"--storage.path={tmp_path}", "--cluster.listen-address="]
    with subprocess.Popen(
        [*command, f"--web.listen-address={address}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        give_up = time.monotonic() + 20
        while time.monotonic() < give_up:
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", int(address.rpartition(":")[2]))) == 0:
                    break
            time.sleep(0.05)
        yield f"http://{address}"
        process.kill()


def test_alertmanager_shows_the_alert_until_it_is_resolved(alertmanager: str, sending: Sending):
    now = datetime.now(UTC)
    raised = replace(news("The column 'größe' drifted."), at=now, since=now - timedelta(minutes=1))
    here = replace(sending, now=now)
    send(_channel(alertmanager), make_digest(notification(items=(raised,))), here)
    (shown,) = _query(alertmanager)
    assert shown["labels"]["endpoint"] == "delay"
    assert shown["annotations"]["description"] == raised.message
    assert shown["status"]["state"] in {"active", "unprocessed"}
    ended = replace(raised, news=News.RESOLVED, at=now)
    send(_channel(alertmanager), make_digest(notification(items=(ended,))), here)
    assert _query(alertmanager) == []


def _channel(url: str) -> Channel:
    return Channel(name="am", kind="alertmanager", url=url)


def _query(url: str) -> list[dict[str, Any]]:
    assert AMTOOL is not None
    told = subprocess.run(
        [AMTOOL, f"--alertmanager.url={url}", "alert", "query", "-o", "json"], capture_output=True, check=True
    )
    return json.loads(told.stdout)
