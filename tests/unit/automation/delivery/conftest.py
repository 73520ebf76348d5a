"""A real HTTP receiver on loopback that answers as it is told, and stores with a clock that stands still."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from millwright.automation.delivery import DeliveryOptions, Outbox, WebhookDraft, Webhooks
from millwright.core.clock import ManualClock
from millwright.core.events import Event
from millwright.storage.catalog import Stores, open_stores
from millwright.testing import sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass
class Receiver:
    """What came in, and what is answered: status, body and headers, by path, or a function of the handler."""

    url: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(request["body"]) for request in self.requests]


@contextmanager
def serving(receiver: Receiver) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.requests.append({"path": self.path, "body": body, "headers": dict(self.headers)})
            answer = receiver.answers.get(self.path, (200, b"ok", {}))
            if callable(answer):
                answer(self)
                return
            status, text, headers = answer
            self.send_response(status)
            self.send_header("content-length", str(len(text)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

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


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    opened = open_stores(
        records_url=f"sqlite:///{tmp_path}/x.db", artifacts_url=str(tmp_path), predictions_url=str(tmp_path)
    )
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(sample.NOON)


@pytest.fixture
def options() -> DeliveryOptions:
    return DeliveryOptions(allow_private=True, timeout_s=2, max_attempts=3, poll_s=0.02, lease_s=5)


@pytest.fixture
def webhooks(stores: Stores, clock: ManualClock, options: DeliveryOptions) -> Webhooks:
    return Webhooks(stores=stores, clock=clock, actor="user:ada", options=options)


@pytest.fixture
def happen(stores: Stores, clock: ManualClock) -> Callable[..., None]:
    """Makes something happen, and keeps it in the outbox."""
    outbox = Outbox(stores.deliveries)

    def tell(kind: str = "model.promoted", *, name: str = "delay", **data: Any) -> None:
        facts = {"name": name, "version": 1, "alias": "champion", **data}
        outbox.keep(Event(type=kind, subject=f"{name}@1", at=clock.now(), data=facts, stream=f"models/{name}"))

    return tell


@pytest.fixture
def draft(receiver: Receiver) -> WebhookDraft:
    return WebhookDraft(name="hook", url=f"{receiver.url}/hook", events=("*",), secret="s3cret")
