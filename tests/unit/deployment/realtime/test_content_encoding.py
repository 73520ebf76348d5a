from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib

import pytest

from millwright.core.errors import MalformedRequestError, PayloadTooLargeError, UnsupportedMediaTypeError
from millwright.deployment.realtime.content_encoding import inflate

TEXT = b'{"a": 1}' * 50
GZIPPED = gzip.compress(TEXT, mtime=0)  # not the time of day: it would be part of the tests' names


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (GZIPPED, b"gzip"),
        (GZIPPED, b"X-GZIP"),
        (zlib.compress(TEXT), b"deflate"),
        (TEXT, b"identity"),
        (TEXT, b" "),
    ],
)
def test_body_is_inflated(body, encoding):
    assert inflate(body, encoding, 400) == TEXT


@pytest.mark.parametrize("encoding", [b"br", b"gzip, gzip", b"\xff"])
def test_other_encoding_is_refused_with_those_known(encoding):
    with pytest.raises(UnsupportedMediaTypeError, match="encoded as gzip or deflate, found"):
        inflate(TEXT, encoding, 1_000)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "found it cut off"),
        (TEXT, "found something else"),
        (GZIPPED[:-1], "found it cut off"),
        (GZIPPED + b"xyz", "found 3 bytes after its end"),
    ],
)
def test_body_that_is_not_so_encoded_is_refused(body, told):
    with pytest.raises(MalformedRequestError, match=told):
        inflate(body, b"gzip", 1_000)


def test_bomb_is_refused_without_being_inflated():
    bomb = zlib.compress(bytes(50 << 20))
    tracemalloc.start()
    with pytest.raises(PayloadTooLargeError, match="at most 1,000 bytes when inflated"):
        inflate(bomb, b"deflate", 1_000)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_limit_is_a_size_that_is_still_taken():
    assert len(inflate(GZIPPED, b"gzip", len(TEXT))) == len(TEXT)
    with pytest.raises(PayloadTooLargeError, match="at most"):
        inflate(GZIPPED, b"gzip", len(TEXT) - 1)


@pytest.mark.parametrize("path", ["/predict", "/invocations", "/v1/models/delay:predict"])
def test_every_contract_takes_compressed_bodies(serving, row, path):
    body = json.dumps(row if path == "/predict" else {"instances": [row]}).encode()
    assert serving.ask("POST", path, gzip.compress(body), headers={"content-encoding": "gzip"}).status == 200
    assert serving.ask("POST", path, body, headers={"content-encoding": "gzip"}).status == 400


def test_inflated_body_is_held_to_the_servers_limit(make_serving):
    serving = make_serving(max_body_bytes=10_000)
    response = serving.ask("POST", "/predict", gzip.compress(bytes(10_001)), headers={"content-encoding": "gzip"})
    assert (response.status, response.error["details"]) == (413, {"maximum": 10_000})
