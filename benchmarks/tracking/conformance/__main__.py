"""`python -m benchmarks.tracking.conformance --stock URL --ours URL`: both servers new and empty."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

import httpx
from benchmarks.tracking.conformance.generated import generated
from benchmarks.tracking.conformance.replay import Replay, recorded

if TYPE_CHECKING:
    from collections.abc import Callable


def sender(url: str) -> Callable[[str, str, dict[str, Any]], tuple[int, str]]:
    """What sends requests to a server: bodies as JSON, those of GET as its query."""
    client = httpx.Client(base_url=url, timeout=60)

    def send(method: str, path: str, body: dict[str, Any]) -> tuple[int, str]:
        more = {"params": body} if method == "GET" else {"json": body}
        answer = client.request(method, path, **more)  # type: ignore[arg-type]
        return answer.status_code, answer.text

    return send


def main() -> int:
    """Replay everything on both servers and print where they differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stock", required=True, help="a stock MLflow server")
    parser.add_argument("--ours", required=True, help="`mw server`")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--messages", action="store_true", help="compare the messages of failures, too")
    options = parser.parse_args()
    stock, ours = Replay(sender(options.stock)), Replay(sender(options.ours))
    asked = differing = 0
    for request in (*recorded(), *generated(options.seed)):
        expected, found = stock.ask(request), ours.ask(request)
        asked += 1
        if not options.messages:
            for reply in (expected, found):
                if reply.status >= 400 and isinstance(reply.body, dict):
                    reply.body.pop("message", None)
        if expected != found and not request.differs:
            differing += 1
            print(f"{request.method} {request.path} {json.dumps(request.body)[:200]}")
            print(f"  stock {expected.status} {json.dumps(expected.body)[:600]}")
            print(f"  ours  {found.status} {json.dumps(found.body)[:600]}")
    print(f"{asked} requests, {differing} differ.")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
