from __future__ import annotations

import asyncio
import json

import pytest

from millwright.core.errors import ForbiddenError, StorageError
from millwright.server.asgi import client_of, header_of, send_bytes, send_error


def answered(act) -> tuple[int, dict[bytes, bytes], bytes]:
    sent = []

    async def send(message) -> None:
        sent.append(message)

    asyncio.run(act(send))
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


def test_answer_tells_its_length():
    status, headers, body = answered(lambda send: send_bytes(send, 201, b"abc", more=[(b"x", b"y")]))
    assert (status, headers[b"content-length"], headers[b"x"], body) == (201, b"3", b"y", b"abc")


@pytest.mark.parametrize("path", ["/api/2.0/mlflow/runs/get", "/ajax-api/3.0/x", "/v1/traces", "/get-artifact"])
def test_error_on_the_wire_is_told_as_mlflow_tells_it(path):
    status, _, body = answered(lambda send: send_error({"path": path}, send, ForbiddenError("No.", hint="Ask.")))
    assert (status, json.loads(body)) == (403, {"error_code": "PERMISSION_DENIED", "message": "No. Ask."})


def test_error_elsewhere_has_our_shape():
    _, _, body = answered(lambda send: send_error({"path": "/api/v1/x"}, send, StorageError("Gone.")))
    assert json.loads(body)["error"]["code"] == "storage"


def test_last_of_repeated_headers_counts_and_none_is_empty():
    scope = {"headers": [(b"a", b"1"), (b"a", b"2")], "client": ("10.0.0.1", 5)}
    assert (header_of(scope, b"a"), header_of(scope, b"b")) == ("2", "")
    assert client_of(scope) == "10.0.0.1"
    assert client_of({"client": None}) == ""
