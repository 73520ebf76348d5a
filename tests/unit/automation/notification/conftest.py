"""Real receivers on loopback, HTTP and SMTP; stores with a clock that stands still; alerts as checks raise them."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from millwright.automation.delivery.options import DeliveryOptions
from millwright.automation.notification import Channel, NotificationOptions, Notifications, Route
from millwright.core.clock import ManualClock
from millwright.core.events import EventBus
from millwright.core.records.monitor import Severity
from millwright.monitoring.alert import AlertDesk
from millwright.monitoring.alerting import AlertRules
from millwright.monitoring.finding import AlertKind, Finding
from millwright.storage.catalog import Stores, open_stores
from millwright.testing import sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.core.records.monitor import AlertRecord

DRIFT = Finding(kind=AlertKind.DRIFT, severity=Severity.WARNING, message="The column 'größe' drifted.")


@dataclass
class Receiver:
    """What was posted, and with which status it is answered."""

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)

    def bodies(self) -> list[Any]:
        return [request["body"] for request in self.requests]


@contextmanager
def serving(receiver: Receiver) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            receiver.requests.append({"path": self.path, "body": body, "headers": dict(self.headers)})
            self.send_response(receiver.status)
            for name, value in {"content-length": "2", **receiver.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    answering = Receiver()
    with serving(answering):
        yield answering


@dataclass
class MailServer:
    """Mails that were taken: sender, receivers and text. It refuses a receiver at `nowhere`."""

    port: int = 0
    mails: list[dict[str, Any]] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mail: dict[str, Any] = {"to": []}
        writer.write(b"220 test\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line.split(" ")[0].split(":")[0].upper()
            answer = "250 ok"
            if verb == "MAIL":
                mail["from"] = line
            elif verb == "RCPT":
                answer = "550 no such box" if "nowhere" in line else answer
                mail["to"] += [] if "nowhere" in line else [line]
            elif verb == "DATA":
                writer.write(b"354 go on\r\n")
                mail["text"] = (await reader.readuntil(b"\r\n.\r\n")).decode()
                self.mails.append(mail)
                mail = {"to": []}
            elif verb == "QUIT":
                writer.write(b"221 bye\r\n")
                break
            writer.write(f"{answer}\r\n".encode())
        writer.close()


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server, loop, ready = MailServer(), asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        listening = await asyncio.start_server(server.talk, "127.0.0.1", 0)
        server.port = listening.sockets[0].getsockname()[1]
        ready.set()
        try:
            await listening.serve_forever()
        except asyncio.CancelledError:
            listening.close()

    task = loop.create_task(serve())
    thread = threading.Thread(target=lambda: loop.run_until_complete(task))
    thread.start()
    assert ready.wait(5)
    yield server
    loop.call_soon_threadsafe(task.cancel)
    thread.join()
    loop.close()


@dataclass
class Desk:
    """Checks that find something or nothing, and everything behind them."""

    stores: Stores
    clock: ManualClock
    events: EventBus
    heard: list[str] = field(default_factory=list)
    built: Notifications | None = None

    def route(self, *routes: Route, channels: dict[str, Channel] | None = None, **options: Any) -> Notifications:
        """Have alerts told from now on."""
        names = {name for route in routes for name in (*route.channels, *route.escalate_to)}
        given = channels or {n: Channel(name=n, kind="webhook", url="http://127.0.0.1:9/x") for n in names}
        delivery = DeliveryOptions(allow_private=True, timeout_s=2.0, backoff_s=1.0, max_attempts=3)
        self.built = Notifications(
            stores=self.stores,
            clock=self.clock,
            events=self.events,
            channels=given,
            routes=routes,
            options=NotificationOptions(delivery=delivery, poll_s=0.02, tell_s=0.0, **options),
            secret_of=lambda name: f"the secret {name}",
        )
        self.events.keep(self.built.keep)
        return self.built

    def check(self, *findings: Finding, endpoint: str = "delay", **rules: Any) -> list[AlertRecord]:
        """A check that finds these and could have found everything."""
        desk = AlertDesk(
            stores=self.stores, clock=self.clock, events=self.events, actor="monitor", rules=AlertRules(**rules)
        )
        report = replace(sample.report(endpoint), drift=())
        with self.stores.transactions.transaction():
            return desk.observe(findings, report=report, judged=frozenset(AlertKind))

    def person(self) -> AlertDesk:
        return AlertDesk(stores=self.stores, clock=self.clock, events=self.events, actor="user:ada")

    def wait(self, **time: float) -> None:
        """Let time pass, and have told what it made due."""
        self.clock.advance(timedelta(**time))
        assert self.built is not None
        self.built.teller.tell_due()
        self.stores.notifications.seal_due(self.clock.now())

    def told(self) -> list[tuple[str, list[str]]]:
        """What was written so far, oldest first: route, and the news."""
        ids = list(dict.fromkeys(d.notification_id for d in reversed(self.stores.notifications.list_deliveries())))
        records = [self.stores.notifications.get(each) for each in ids]
        return [(record.route, [item.news.value for item in record.items]) for record in records]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    stores = open_stores(
        records_url=f"sqlite:///{tmp_path / 'records.db'}",
        artifacts_url=str(tmp_path / "artifacts"),
        predictions_url=str(tmp_path / "predictions"),
    )
    made = Desk(stores, ManualClock(sample.NOON), EventBus())
    made.events.subscribe("*", lambda event: made.heard.append(event.type))
    yield made
    stores.close()


@pytest.fixture
def drift() -> Finding:
    return DRIFT
