"""A receiver of OTLP over HTTP, as a collector has one."""

from __future__ import annotations

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """Keeps the spans that are sent to it.

    Attributes:
        url: Where it listens.
        spans: Resource attributes and span of each.
        requests: Path and headers of each request.
    """

    def __init__(self) -> None:
        self.spans: list[tuple[dict[str, Any], Any]] = []
        self.requests: list[tuple[str, dict[str, str]]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.take(self)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        """One request of the protocol."""
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
            ExportTraceServiceRequest,
            ExportTraceServiceResponse,
        )

        body = handler.rfile.read(int(handler.headers["content-length"]))
        if handler.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        asked = ExportTraceServiceRequest.FromString(body)
        self.requests.append((handler.path, dict(handler.headers)))
        for resource in asked.resource_spans:
            about = attributes(resource.resource)
            self.spans += [(about, span) for scope in resource.scope_spans for span in scope.spans]
        answer = ExportTraceServiceResponse().SerializeToString()
        handler.send_response(200)
        handler.send_header("content-type", "application/x-protobuf")
        handler.send_header("content-length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer)

    @staticmethod
    def attributes(part: Any) -> dict[str, Any]:
        """Attributes of a span or resource as Python values."""
        return attributes(part)

    def close(self) -> None:
        """End it."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def attributes(part: Any) -> dict[str, Any]:
    """Attributes as Python values."""
    return {one.key: value_of(one.value) for one in part.attributes}


def value_of(value: Any) -> Any:
    """One value of OTLP."""
    kind = value.WhichOneof("value")
    found = getattr(value, kind)
    return [value_of(each) for each in found.values] if kind == "array_value" else found
