from __future__ import annotations

import json

import pytest

from millwright.server.traffic.compression import SMALLEST, Compression


@pytest.fixture
def client(client_of, app):
    return client_of(Compression(app))


def test_long_json_is_sent_as_gzip_and_reads_the_same(client):
    answer = client.get("/json/50000")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "accept-encoding"
    assert int(answer.headers["content-length"]) < 1000
    assert len(json.loads(answer.content)) > 20_000


@pytest.mark.parametrize("path", [f"/json/{SMALLEST - 10}", "/text"])
def test_short_json_and_other_content_stay_as_they_are(client, path):
    answer = client.get(path)
    assert "content-encoding" not in answer.headers
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_client_that_does_not_take_gzip_gets_none(client):
    answer = client.get("/json/50000", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert len(answer.content) > 49_000
