from __future__ import annotations

import socket
import time
from dataclasses import replace

import pytest

from millwright.automation.delivery.address import ForbiddenAddressError
from millwright.automation.delivery.message import Message
from millwright.automation.delivery.transport import post
from millwright.core.errors import InvalidInputError

MESSAGE = Message(b'{"a":1}', {"content-type": "application/json", "x-more": "1"})


def test_message_arrives_and_the_answer_comes_back(receiver, options):
    receiver.answers["/a?b=c"] = (503, b"busy", {"Retry-After": "7"})
    reply = post(f"{receiver.url}/a?b=c", MESSAGE, options)
    assert (reply.status, reply.body, reply.retry_after_s) == (503, "busy", 7.0)
    request = receiver.requests[0]
    assert request["body"] == MESSAGE.body
    assert request["headers"]["x-more"] == "1"
    assert request["headers"]["Host"] == receiver.url.removeprefix("http://")


def test_redirect_is_not_followed(receiver, options):
    receiver.answers["/a"] = (302, b"", {"Location": f"{receiver.url}/secret"})
    assert post(f"{receiver.url}/a", MESSAGE, options).status == 302
    assert len(receiver.requests) == 1


def test_address_is_checked_again_before_each_request(receiver, options):
    strict = replace(options, allow_private=False)
    with pytest.raises(ForbiddenAddressError):
        post(receiver.url.replace("http", "https"), MESSAGE, strict)
    with pytest.raises(InvalidInputError, match="scheme"):
        post(receiver.url, MESSAGE, strict)
    assert receiver.requests == []


def test_name_is_looked_up_once_so_that_it_cannot_lead_elsewhere_afterwards(receiver, options, monkeypatch):
    asked = []
    port = int(receiver.url.rpartition(":")[2])

    def rebinding(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **k: (rebinding if "rebind" in str(host) else real)(host, *a, **k)
    )
    assert post(f"http://rebind.example:{port}/", MESSAGE, options).status == 200
    assert asked == ["rebind.example"]


def test_answer_is_read_up_to_its_limit(receiver, options):
    receiver.answers["/a"] = (200, b"x" * 100_000, {})
    assert len(post(f"{receiver.url}/a", MESSAGE, options).body) == options.max_response_bytes


def test_receiver_that_answers_byte_by_byte_is_left(receiver, options):
    def drip(handler) -> None:
        try:
            for byte in b"HTTP/1.1 200 OK\r\n" * 100:
                handler.wfile.write(bytes([byte]))
                handler.wfile.flush()
                time.sleep(0.02)
        except OSError:
            pass

    receiver.answers["/a"] = drip
    begun = time.monotonic()
    with pytest.raises(OSError, match=r"no complete answer within 0\.3 s"):
        post(f"{receiver.url}/a", MESSAGE, replace(options, timeout_s=0.3))
    assert time.monotonic() - begun < 2


def test_receiver_that_speaks_something_else_is_an_os_error(receiver, options):
    receiver.answers["/a"] = lambda handler: handler.wfile.write(b"220 mail.example ESMTP\r\n")
    with pytest.raises(OSError, match="not an HTTP answer"):
        post(f"{receiver.url}/a", MESSAGE, options)


def test_nobody_there_is_an_os_error(options):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        post(f"http://127.0.0.1:{port}", MESSAGE, options)
