"""Bodies of OTLP, decoded within bounds."""

from __future__ import annotations

import gzip
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from millwright.core.errors import PayloadTooLargeError
from millwright.server.mlflow.failure import WireError
from millwright.server.mlflow.traces.otlp_decode import JSON, MAX_SPANS, PROTOBUF, decompress, kept, parse, plain

from .test_otlp import request


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate"]))
def test_what_was_compressed_comes_back(body: bytes, encoding: str) -> None:
    packed = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)
    assert decompress(packed, encoding) == body


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "GZIP ", "", "br"]))
def test_any_bytes_are_decompressed_or_refused(body: bytes, encoding: str) -> None:
    with suppress(WireError):
        assert isinstance(decompress(body, encoding), bytes)


def test_decompression_stops_at_its_bound() -> None:
    packed = gzip.compress(b"\0" * 1000)
    assert len(decompress(packed, "gzip", 1000)) == 1000
    with pytest.raises(PayloadTooLargeError):
        decompress(packed, "gzip", 999)
    with pytest.raises(PayloadTooLargeError):
        decompress(gzip.compress(b"\0" * 600) * 2, "gzip", 999)


@pytest.mark.parametrize("body", [b"", b"\xff", b"\n\x05abc", b"{}"])
def test_body_without_spans_is_refused(body: bytes) -> None:
    for kind in (PROTOBUF, JSON):
        with pytest.raises(WireError, match="Invalid OpenTelemetry format"):
            parse(body, kind)


def test_more_spans_than_the_bound_are_refused() -> None:
    made = request({})
    scope = made.resource_spans[0].scope_spans[0]
    scope.spans.extend([scope.spans[0]] * MAX_SPANS)
    with pytest.raises(WireError, match=r"100,000.*100,001"):
        parse(made.SerializeToString(), PROTOBUF)


def test_ids_in_json_are_hexadecimal() -> None:
    text = """{"resourceSpans": [{"scopeSpans": [{"spans": [
        {"traceId": "0A", "spanId": "0b", "links": [{"traceId": "0c", "spanId": "0d"}], "kind": 1}]}]}]}"""
    span = parse(text.encode(), JSON).resource_spans[0].scope_spans[0].spans[0]
    assert (span.trace_id, span.span_id, span.links[0].trace_id) == (b"\x0a", b"\x0b", b"\x0c")
    with pytest.raises(WireError):
        parse(text.replace("0A", "no").encode(), JSON)


def test_values_become_those_that_json_has() -> None:
    nested = AnyValue(
        kvlist_value={"values": [KeyValue(key="a\0", value=AnyValue(array_value={"values": [AnyValue(int_value=1)]}))]}
    )
    assert plain(nested) == {"a\ufffd": [1]}
    assert plain(AnyValue()) is None
    assert plain(AnyValue(bool_value=False)) is False
    assert plain(AnyValue(bytes_value=b"\1")) == "AQ=="
    assert [plain(AnyValue(double_value=value)) for value in (1.5, float("inf"))] == [1.5, "inf"]
    assert [kept(text) for text in ("a\0b", "ü\ud800", "plain")] == ["a\ufffdb", "ü?", "plain"]
