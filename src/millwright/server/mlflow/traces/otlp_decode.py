"""Bodies of OTLP decoded: compression, protobuf and JSON, within bounds, from callers whom nobody trusts."""

from __future__ import annotations

import base64
import json
import math
import zlib
from typing import TYPE_CHECKING, Any

from millwright.core.errors import MissingExtraError, PayloadTooLargeError
from millwright.server.mlflow.failure import WireError, invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
MAX_BODY_BYTES = 64 << 20  # decompressed, too
MAX_SPANS = 100_000
MAX_ATTRIBUTES = 5_000  # of a span, with those of its events and links; OpenTelemetry's SDKs stop at 128 of each
_MEMBERS = 64
_IDS = ("traceId", "spanId", "parentSpanId")
_MALFORMED = "Invalid OpenTelemetry format"


def decompress(body: bytes, encoding: str, limit: int = MAX_BODY_BYTES) -> bytes:
    """A body without its compression.

    Args:
        body: As it came.
        encoding: Of the header: `gzip`, `deflate` (with zlib's frame or without), `identity` or nothing.
        limit: The longest result.

    Raises:
        WireError: It is not of that encoding, or of one that nobody knows.
        PayloadTooLargeError: The result would be longer.
    """
    kind = encoding.strip().lower()
    if kind in {"", "identity"}:
        return body
    if kind == "gzip":
        return _inflate(body, 31, limit, kind)
    if kind != "deflate":
        raise invalid(f"Unsupported Content-Encoding: {encoding[:100]}")
    try:
        return _inflate(body, 15, limit, kind)
    except WireError:
        return _inflate(body, -15, limit, kind)


def _inflate(body: bytes, window: int, limit: int, kind: str) -> bytes:
    pieces: list[bytes] = []
    left = limit + 1
    for _ in range(_MEMBERS):  # gzip's files may stand one behind the other; each costs a copy of what is left
        if not body:
            return b"".join(pieces)
        stream = zlib.decompressobj(window)
        try:
            piece = stream.decompress(body, left)
        except zlib.error as error:
            raise invalid(f"Failed to decompress {kind} payload") from error
        pieces.append(piece)
        left -= len(piece)
        if left <= 0:
            raise PayloadTooLargeError(
                f"Expected at most {limit:,} bytes of spans, found more after decompression.",
                hint="Send them in several requests.",
            )
        if not stream.eof:
            raise invalid(f"Failed to decompress {kind} payload")
        body = stream.unused_data
    raise invalid(f"Failed to decompress {kind} payload")


def parse(body: bytes, media_type: str) -> Any:
    """The `ExportTraceServiceRequest` in a body.

    Args:
        body: Decompressed.
        media_type: `PROTOBUF` or `JSON`.

    Raises:
        WireError: It is none, has no spans, or more than the bounds allow.
        MissingExtraError: OpenTelemetry's protobuf classes are not installed.
    """
    request = _request_class()()
    try:
        if media_type == JSON:
            _parse_json(body, request)
        else:
            request.ParseFromString(body)
    except (ValueError, RecursionError) as error:  # protobuf's own errors are of these, or are dealt with below
        raise invalid(_MALFORMED) from error
    except Exception as error:
        if type(error).__module__.startswith("google."):
            raise invalid(_MALFORMED) from error
        raise
    if not request.resource_spans:
        raise invalid(f"{_MALFORMED} - no spans found")
    _check(request)
    return request


def _request_class() -> Any:
    try:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
            ExportTraceServiceRequest,
        )
    except ImportError as error:
        raise MissingExtraError("opentelemetry-proto", "server") from error
    return ExportTraceServiceRequest


def _parse_json(body: bytes, request: Any) -> None:
    from google.protobuf.json_format import ParseDict

    data = json.loads(body)
    if not isinstance(data, dict):
        raise ValueError("Expected an object.")  # noqa: TRY004 - told as every other malformed body
    for span in _json_spans(data):
        _bytes_of_ids(span)
        for link in _dicts(span.get("links")):
            _bytes_of_ids(link)
    ParseDict(data, request, ignore_unknown_fields=True)


def _json_spans(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in _dicts(data.get("resourceSpans")):
        for scope in _dicts(resource.get("scopeSpans")):
            yield from _dicts(scope.get("spans"))


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _bytes_of_ids(found: dict[str, Any]) -> None:
    # OTLP's JSON writes ids as hexadecimal digits, protobuf's as base64.
    for name in _IDS:
        if isinstance(found.get(name), str):
            found[name] = base64.b64encode(bytes.fromhex(found[name])).decode()


def _check(request: Any) -> None:
    spans = 0
    for resource in request.resource_spans:
        _check_attributes(len(resource.resource.attributes))
        for scope in resource.scope_spans:
            spans += len(scope.spans)
            for span in scope.spans:
                parts = (*span.events, *span.links) if span.events or span.links else ()
                _check_attributes(len(span.attributes) + len(parts) + sum(len(part.attributes) for part in parts))
    if spans > MAX_SPANS:
        raise invalid(f"Expected at most {MAX_SPANS:,} spans in a request, found {spans:,}. Send them in several.")


def _check_attributes(count: int) -> None:
    if count > MAX_ATTRIBUTES:
        raise invalid(
            f"Expected at most {MAX_ATTRIBUTES:,} attributes, events and links of a span or resource, found {count:,}."
        )


def plain(value: Any) -> Any:
    """What an `AnyValue` holds, as Python's values; bytes as base64 text, numbers that JSON cannot write as text."""
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [plain(each) for each in value.array_value.values]
    if kind == "kvlist_value":
        return {kept(each.key): plain(each.value) for each in value.kvlist_value.values}
    held = getattr(value, kind)
    if kind == "double_value" and not math.isfinite(held):
        return str(held)
    if kind == "string_value":
        return kept(held)
    return base64.b64encode(held).decode() if kind == "bytes_value" else held


def kept(text: str) -> str:
    """A text as every database keeps it: without halves of characters, and without NUL, even inside JSON."""
    text = text.replace("\0", "\ufffd")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
