from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING, Any

from millwright.governance.openlineage.http_sink import HttpSink
from millwright.governance.openlineage.options import OpenLineageOptions
from unit.governance.openlineage.conftest import Receiver, receiving

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest


def sink(receiver: Receiver, **options: Any) -> HttpSink:
    return HttpSink(OpenLineageOptions(**{"url": f"{receiver.url}/api/v1/lineage", **options}))


def sent(target: HttpSink, bodies: Sequence[bytes], limit_s: float = 20.0) -> None:
    for body in bodies:
        target.send(body)
    target.close(limit_s)


def test_events_arrive_in_their_order_with_the_token(receiver: Receiver) -> None:
    bodies = [str(number).encode() for number in range(200)]
    sent(sink(receiver, api_key="key"), bodies)
    assert receiver.bodies == bodies
    assert set(receiver.paths) == {"/api/v1/lineage"}
    assert receiver.headers[0]["Authorization"] == "Bearer key"
    assert receiver.headers[0]["Content-Type"] == "application/json"


def test_no_token_is_sent_without_one(receiver: Receiver) -> None:
    sent(sink(receiver), [b"1"])
    assert "Authorization" not in receiver.headers[0]


def test_event_is_sent_again_until_it_is_taken(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    receiver.answers = [503, 429]
    sent(sink(receiver), [b"1", b"2"])
    assert receiver.bodies == [b"1", b"2"]
    assert len(receiver.paths) == 4
    assert "answered 503; trying again" in caplog.text
    assert "could not be sent" not in caplog.text


def test_refused_event_is_left_out_and_the_next_one_sent(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    receiver.answers = [422, 302]
    sent(sink(receiver), [b"1", b"2", b"3"])
    assert receiver.bodies == [b"3"]
    assert "refused an event with 422; it is left out" in caplog.text


def test_event_that_the_receiver_always_fails_on_does_not_hold_up_the_others(receiver: Receiver) -> None:
    receiver.answers = [500] * 8
    sent(sink(receiver), [b"poison", b"2"])
    assert receiver.bodies == [b"2"]


def test_nobody_there_is_told_once_and_ends_at_the_limit(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = Receiver(url=f"http://ann:secret@127.0.0.1:{closed.getsockname()[1]}")
        sent(sink(nobody, api_key="key"), [b"1", b"2"], limit_s=0.1)
    assert caplog.text.count("cannot be reached") == 1
    assert "2 events could not be sent to http://127.0.0.1" in caplog.text
    assert "secret" not in caplog.text
    assert "key" not in caplog.text


def test_receiver_that_comes_back_gets_what_waited() -> None:
    with socket.socket() as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    target = sink(Receiver(url=f"http://127.0.0.1:{port}"))
    target.send(b"1")
    found = Receiver()
    with receiving(found, port):
        assert found.full.wait(30)
        target.close(5.0)
    assert found.bodies == [b"1"]


def test_queue_has_an_end(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    receiver.gate.clear()
    target = sink(receiver, queue_size=3)
    for number in range(10):
        target.send(str(number).encode())
    receiver.gate.set()
    target.close(20.0)
    assert receiver.bodies == [b"0", b"1", b"2"]
    assert "7 events could not be sent" in caplog.text


def test_silent_receiver_holds_up_nobody_for_longer_than_the_limit(receiver: Receiver, caplog) -> None:
    receiver.gate.clear()
    target = sink(receiver)
    target.send(b"1")
    with caplog.at_level(logging.WARNING):
        target.close(0.05)
    assert "1 events could not be sent" in caplog.text
