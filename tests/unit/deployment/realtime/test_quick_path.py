"""What is quick and what is not; `test_http_protocol` compares the answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

HEAD = {b"content-type": b"application/json", b"content-length": b"20", b"host": b"h"}


def ask(serving: Any, row: Any, url: bytes = b"/predict", given_id: bytes | None = None) -> bytes | None:
    path = serving.app.quick
    quick = path.find(url, HEAD)
    assert quick is not None
    found: bytes | None = path.answer(quick, list(HEAD.items()), given_id, json.dumps(row).encode(), None, [])
    return found


@pytest.mark.parametrize(
    "url", [b"/predict", b"/predict/", b"/invocations", b"/score", b"/v1/models/site:predict", b"/v2/models/site/infer"]
)
def test_paths_that_predict_are_quick(serving, url):
    assert serving.app.quick.find(url, HEAD) is not None
    assert serving.app.quick.find(url, HEAD) is serving.app.quick.find(url, HEAD)


@pytest.mark.parametrize("url", [b"/metrics", b"/nothing", b"/predict?x=1", b"/%70redict", b"*", b"/pr\xc3\xa4", b""])
def test_other_paths_are_not(serving, url):
    assert serving.app.quick.find(url, HEAD) is None


@pytest.mark.parametrize(
    "other",
    [
        {b"content-type": b"text/csv"},
        {b"content-length": b"40000"},
        {b"content-length": b"-1"},
        {b"content-encoding": b"gzip"},
        {b"expect": b"100-continue"},
        {b"connection": b"close"},
        {b"transfer-encoding": b"chunked"},
    ],
)
def test_other_heads_are_not(serving, other):
    assert serving.app.quick.find(b"/predict", HEAD | other) is None


def test_body_beyond_the_servers_limit_is_not(make_serving):
    path = make_serving(max_body_bytes=10).app.quick
    assert path.find(b"/predict", HEAD) is None
    assert path.find(b"/predict", HEAD | {b"content-length": b"10"}) is not None


def test_nothing_is_quick_where_answers_wait_for_the_log(make_serving):
    assert make_serving(durable=True).app.quick.find(b"/predict", HEAD) is None


def test_nothing_is_quick_while_the_server_ends_or_has_too_much_to_do(serving, row):
    quick = serving.app.quick.find(b"/predict", HEAD)
    serving.state.draining = True
    assert serving.app.quick.find(b"/predict", HEAD) is None
    assert serving.app.quick.answer(quick, [], None, json.dumps(row).encode(), None, []) is None
    serving.state.draining = False
    serving.app.admission._most = 0
    assert serving.app.quick.find(b"/predict", HEAD) is None


def test_model_that_takes_longer_is_left_to_the_application(serving, row):
    serving.slot.current.is_quick = False
    assert ask(serving, row) is None
    assert serving.state.stats.routes == {}


def test_number_of_paths_that_are_remembered_is_bounded(serving):
    path = serving.app.quick
    for number in range(1_000):
        path.find(b"/v2/models/m%d/infer" % number, HEAD)
    assert len(path._targets) == 256
    assert path.find(b"/predict", HEAD) is not None


def test_heads_that_are_remembered_are_few_and_none_of_one_request_alone(serving):
    path = serving.app.quick
    quick = path.find(b"/predict", HEAD)
    for number in range(1_000):
        path.remember(b"head %d" % number, quick, [(b"host", b"h")], number)
        assert len(path.known) <= 256
    assert path.known[b"head 999"].length == 999
    path.remember(b"own", quick, [(b"x-request-id", b"1")], 1)
    path.remember(b"traced", quick, [(b"traceparent", b"1")], 1)
    path.remember(b"other contract", path.find(b"/v2/models/permits/infer", HEAD), [], 1)
    assert not path.known.keys() & {b"own", b"traced", b"other contract"}


def test_answer_has_what_the_application_would_send(serving, row):
    found = ask(serving, row, given_id=b"mine")
    assert found is not None
    head, _, body = found.partition(b"\r\n\r\n")
    identifier = json.loads(body)["prediction_id"]
    assert head.decode().split("\r\n") == [
        "HTTP/1.1 200 OK",
        "content-type: application/json",
        f"content-length: {len(body)}",
        "x-request-id: mine",
        "x-model-version: delay@1",
        f"x-prediction-id: {identifier}",
    ]
    assert [record.id for record in serving.close()] == [identifier]
