from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.events import Event
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Receiver(ThreadingHTTPServer):
    """Takes everything with the status it is told."""

    daemon_threads = True

    def __init__(self) -> None:
        self.status = 200
        self.received: list[dict[str, Any]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.received.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/hook"


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("MILLWRIGHT_WEBHOOKS__ALLOW_PRIVATE", "true")
    monkeypatch.setenv("MILLWRIGHT_WEBHOOKS__MAX_ATTEMPTS", "1")
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def happen(folder: Path, subject: str = "delay@1") -> None:
    with Workspace.open(folder) as workspace:
        event = Event(type="model.promoted", subject=subject, at=workspace.clock.now(), stream="models/delay")
        workspace.events.publish(event, workspace.stores.transactions)


def test_webhook_is_added_tested_told_listed_and_removed(tmp_path, mw, receiver):
    added = mw(tmp_path, "webhooks", "add", "bot", receiver.url, "--event", "model.promoted", "--secret", "s3cret")
    assert "Webhook bot gets model.promoted" in added.out
    assert "s3cret" not in added.out
    assert mw(tmp_path, "webhooks", "test", "bot").code == 0
    happen(tmp_path)
    assert "1 delivered, 0 to be tried again, 0 given up" in mw(tmp_path, "webhooks", "deliver").out
    assert [event["type"] for event in receiver.received] == ["millwright.webhook.test", "millwright.model.promoted"]
    (shown,) = json.loads(mw(tmp_path, "webhooks", "list", "--json").out)
    assert shown["secret"] is True
    assert shown["deliveries"] == {"pending": 0, "delivered": 1, "dead": 0}
    assert "bot" in mw(tmp_path, "webhooks", "list").out
    assert "is gone" in mw(tmp_path, "webhooks", "remove", "bot").out
    assert "There are no webhooks" in mw(tmp_path, "webhooks", "list").out


def test_dead_delivery_is_seen_and_retried(tmp_path, mw, receiver):
    mw(tmp_path, "webhooks", "add", "bot", receiver.url)
    receiver.status = 500
    happen(tmp_path)
    happen(tmp_path, "delay@2")
    assert "0 delivered, 0 to be tried again, 2 given up" in mw(tmp_path, "webhooks", "deliver").out
    dead = mw(tmp_path, "webhooks", "deliveries", "bot", "--state", "dead")
    assert "The receiver answered 500" in dead.out
    assert "mw webhooks retry" in dead.out
    receiver.status = 200
    assert "2 due again" in mw(tmp_path, "webhooks", "retry", "--all").out
    assert "2 delivered" in mw(tmp_path, "webhooks", "deliver").out
    assert [event["subject"] for event in receiver.received[2:]] == ["delay@1", "delay@2"]
    refused = mw(tmp_path, "webhooks", "retry")
    assert refused.code == 1
    assert "Expected a delivery or --all" in refused.err


def test_webhook_is_switched_off_and_on(tmp_path, mw, receiver):
    mw(tmp_path, "webhooks", "add", "bot", receiver.url)
    assert "is disabled" in mw(tmp_path, "webhooks", "disable", "bot").out
    happen(tmp_path)
    assert "is active" in mw(tmp_path, "webhooks", "enable", "bot").out
    happen(tmp_path, "delay@2")
    mw(tmp_path, "webhooks", "deliver")
    assert [event["subject"] for event in receiver.received] == ["delay@2"]


def test_test_that_is_not_taken_ends_with_1(tmp_path, mw, receiver):
    mw(tmp_path, "webhooks", "add", "bot", receiver.url)
    receiver.status = 403
    answer = mw(tmp_path, "webhooks", "test", "bot", "--json")
    assert answer.code == 1
    assert json.loads(answer.out)["status_code"] == 403


def test_private_address_and_unknown_event_are_refused(tmp_path, mw):
    answer = mw(tmp_path, "webhooks", "add", "bot", "https://127.0.0.1/x")
    assert answer.code == 1
    assert "webhooks.allow_private" in answer.err
    answer = mw(tmp_path, "webhooks", "add", "bot", "https://receiver.invalid/x", "--event", "model.promotd")
    assert "no event 'model.promotd'" in answer.err
    assert "model.promoted" in answer.err


def test_second_deliverer_is_told_that_another_one_is_at_work(tmp_path, mw, receiver):
    from datetime import timedelta

    from millwright.automation.delivery.lease import LEASE

    with Workspace.open(tmp_path) as workspace:
        now = workspace.clock.now()
        workspace.stores.leases.acquire(LEASE, "host:1:x", now=now, until=now + timedelta(minutes=1))
        answer = mw(tmp_path, "webhooks", "deliver")
    assert answer.code == 1
    assert "Another process delivers already: host:1:x" in answer.err
    assert receiver.received == []
