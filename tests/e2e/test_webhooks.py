"""Events reach a real receiver although the process that delivers is killed: none is lost, and the order is kept."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from e2e.workplace import HERE, finish
from millwright.core.events import Event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.workplace import Workplace

KILL_AT = str(HERE / "kill_at.py")
EVENTS = 12


@contextmanager
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    received: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            received.append({"id": self.headers["webhook-id"], **body})
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook", received
        server.shutdown()
        thread.join()


@pytest.mark.slow
def test_killed_delivery_loses_nothing_and_keeps_the_order(workplace: Workplace) -> None:
    (workplace.folder / "millwright.toml").write_text("[webhooks]\nallow_private = true\n")
    with receiver() as (url, received):
        workplace.mw("webhooks", "add", "bot", url)
        with workplace.open() as workspace:
            for number in range(EVENTS):
                stream = f"models/{'ab'[number % 2]}"
                event = Event(type="model.promoted", subject=str(number), at=workspace.clock.now(), stream=stream)
                with workspace.stores.transactions.transaction():
                    workspace.events.publish(event, workspace.stores.transactions)
        for point in ("call SqlDeliveryStore.put_attempt 2", "return SqlDeliveryStore.put_attempt 3", "call post 4"):
            killed = workplace.start(*point.split(), "webhooks", "deliver", program=(KILL_AT,))
            assert finish(killed, code=None).code == -9
        done = workplace.mw("webhooks", "deliver", "--json").json
        assert done["dead"] == done["pending"] == 0
    first_seen = list(dict.fromkeys(each["id"] for each in received))
    assert len(first_seen) == EVENTS
    assert (
        len(received) == EVENTS + 1
    )  # what was sent when `put_attempt` was called came a second time, known by its id
    subjects = [
        next(int(each["subject"]) for each in received if each["id"] == identifier) for identifier in first_seen
    ]
    for model in (0, 1):
        own = [number for number in subjects if number % 2 == model]
        assert own == sorted(own)
