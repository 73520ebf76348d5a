"""A small application to put layers around, and a client that asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from litestar.testing import TestClient

from millwright.server.asgi import send_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the body's length, or with as much JSON as the path asks for."""
    if scope["type"] == "lifespan":
        for kind in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{kind}.complete"})
        return
    if scope["path"].startswith("/json/"):
        size = int(scope["path"].removeprefix("/json/"))
        await send_bytes(send, 200, b"[" + b"1," * (size // 2 - 2) + b"10]", content_type=b"application/json")
        return
    if scope["path"] == "/broken":
        raise RuntimeError("broken\nline")
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError("gone")
        length, more = length + len(message.get("body", b"")), message.get("more_body", False)
    await send_bytes(send, 200, str(length).encode())


@pytest.fixture
def client_of() -> Iterator[Callable[[Any], TestClient[Any]]]:
    opened: list[TestClient[Any]] = []

    def make(app: Any) -> TestClient[Any]:
        client = TestClient(app, base_url="http://mill.example", raise_server_exceptions=False)
        client.__enter__()
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def app() -> Any:
    return echo
