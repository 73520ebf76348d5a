"""uvicorn with an application that answers a fixed body of the same size: the floor of the HTTP stack."""

from __future__ import annotations

import sys
from typing import Any

import uvicorn

BODY = b'{"prediction":true,"probability":0.9999812245368958,"prediction_id":"019ab0000000700080000000000000aa"}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BODY))]


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Read the body and answer."""
    del scope
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


uvicorn.run(
    app,
    port=int(sys.argv[2]),
    loop="uvloop",
    http="httptools",
    ws="none",
    lifespan="off",
    interface="asgi3",
    log_config=None,
    access_log=False,
    proxy_headers=False,
    server_header=False,
)
