from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from millwright.automation.notification.options import LEASE
from millwright.core.ids import ReportId, new_id
from millwright.core.process import current_owner
from millwright.core.records.monitor import Severity
from millwright.monitoring.finding import AlertKind, Finding
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = """
[channels.ops]
kind = "webhook"
url = "secret:OPS_URL"
[channels.mail]
url = "mailto://ada:topsecret@mail.example"
[[routes]]
severity = "warning"
channels = ["ops"]
escalate_to = ["mail"]
group_wait_seconds = 0
"""


@contextmanager
def receiving() -> Iterator[tuple[str, list[Any]]]:
    received: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/ops", received
    finally:
        server.shutdown()
        server.server_close()


def project(folder: Path, settings: str = SETTINGS) -> Path:
    (folder / "millwright.toml").write_text(settings, encoding="utf-8")
    return folder


def test_channels_are_listed_without_their_secrets(tmp_path: Path, mw: Any):
    shown = mw(project(tmp_path), "alerts", "channels", "--json").json
    assert {each["name"]: each["url"] for each in shown["channels"]} == {"mail": "mailto://…", "ops": "secret:OPS_URL"}
    assert shown["routes"][0]["escalate_to"] == ["mail"]
    assert "topsecret" not in mw(tmp_path, "alerts", "channels").out
    assert "There are no channels" in mw(project(tmp_path, ""), "alerts", "channels").out


def test_channel_is_tried_with_an_example(tmp_path: Path, mw: Any, monkeypatch: Any):
    folder = project(tmp_path)
    with receiving() as (url, received):
        monkeypatch.setenv("OPS_URL", url)
        assert mw(folder, "alerts", "channels", "--test", "ops").out == "✓ The channel ops took the example\n"
    assert received[0]["data"]["example"] is True
    failed = mw(folder, "alerts", "channels", "--test", "ops", "--json")
    assert (failed.code, failed.json["delivered"]) == (1, False)
    assert url not in failed.out


def test_alert_is_delivered_by_a_command_and_retried_by_another(tmp_path: Path, mw: Any, monkeypatch: Any):
    folder = project(tmp_path)
    monkeypatch.setenv("OPS_URL", "http://127.0.0.1:9/ops")
    finding = Finding(kind=AlertKind.DRIFT, severity=Severity.WARNING, message="It drifted.")
    with Workspace.open(folder) as workspace, workspace.stores.transactions.transaction():
        workspace.alerts.record(finding, endpoint="delay", report_id=ReportId(new_id()))
    failed = mw(folder, "alerts", "deliver")
    assert failed.code == 1
    assert "✗ 0 delivered, 1 to be tried again, 0 given up" in failed.out
    assert (failed.out.count("cannot be reached"), failed.err) == (1, "")
    assert mw(folder, "alerts", "deliver", "--json").json["attempts"] == 0  # it rests, which is no failure
    (waiting, *_) = [
        each for each in mw(folder, "alerts", "channels", "--json").json["channels"] if each["name"] == "ops"
    ]
    assert waiting["deliveries"]["pending"] == 1
    assert "cannot be reached" in waiting["last_error"]
    assert (waiting["waiting"]["resting"], waiting["waiting"]["attempts"]) == (1, 1)
    listed = mw(folder, "alerts", "channels")
    assert "1 rests until" in listed.out
    assert "Nobody delivers at present" in listed.out + listed.err
    again = mw(folder, "alerts", "channels", "--retry", "ops", "--json")  # at once, not when its rest is over
    assert (again.code, again.json["retried"], again.json["pending"]) == (1, 1, 1)
    assert again.json["waiting"]["attempts"] == 2
    with receiving() as (url, received):
        monkeypatch.setenv("OPS_URL", url)
        assert "✓ 1 delivered" in mw(folder, "alerts", "channels", "--retry", "ops").out
        assert len(received) == 1
    assert "nothing waits, and nothing was given up" in mw(folder, "alerts", "channels", "--retry", "ops").out
    assert "no channel 'opps'" in mw(folder, "alerts", "channels", "--retry", "opps").err


def test_retry_leaves_it_to_the_process_that_delivers(tmp_path: Path, mw: Any, monkeypatch: Any):
    folder = project(tmp_path)
    monkeypatch.setenv("OPS_URL", "http://127.0.0.1:9/ops")
    finding = Finding(kind=AlertKind.DRIFT, severity=Severity.WARNING, message="It drifted.")
    with Workspace.open(folder) as workspace:
        with workspace.stores.transactions.transaction():
            workspace.alerts.record(finding, endpoint="delay", report_id=ReportId(new_id()))
        workspace.notifications.deliver_once()
        now = workspace.clock.now()
        until = now + timedelta(hours=1)
        assert workspace.stores.leases.take(LEASE, f"{current_owner()}/x", now=now, until=until)
        said = mw(folder, "alerts", "channels", "--retry", "ops")
        assert "1 due now; " in said.out
        assert " delivers them" in said.out
        assert f"{current_owner()} delivers" in mw(folder, "alerts", "channels").out


def test_settings_of_channels_are_refused_without_showing_what_they_hold(tmp_path: Path, mw: Any):
    answer = mw(project(tmp_path, "[channels.ops]\nulr = 'mailto://topsecret'\n"), "alerts", "channels")
    assert answer.code == 1
    assert "channels.ops" in answer.err
    assert "topsecret" not in answer.err
    unknown = mw(project(tmp_path, "[[routes]]\nchannels = ['ops']\n"), "alerts", "channels")
    assert "The route 1 tells the channel 'ops', which is not declared" in unknown.err
