from __future__ import annotations

from typing import Any

import pytest

from millwright.core.errors import NotFoundError
from millwright.deployment.realtime.answer import Answer
from millwright.deployment.realtime.exchange import Exchange
from millwright.deployment.realtime.responder import Responder


@pytest.fixture
def exchange() -> Exchange:
    exchange = Exchange("POST", "/predict", [], ("127.0.0.1", 7))
    exchange.label = "predict"
    return exchange


def test_request_ids_differ_and_are_of_one_process(serving):
    responder = Responder(serving.state)
    made = [responder.request_id() for _ in range(100)]
    assert len(set(made)) == 100
    assert {len(each) for each in made} == {32}
    assert len({each[:20] for each in made}) == 1


def test_refusal_is_counted_and_answered(serving, exchange):
    answer = Responder(serving.state).refusal(NotFoundError("Expected more."), exchange)
    assert (answer.status, exchange.error) == (404, "not_found")
    assert serving.state.stats.errors == {("predict", "not_found"): 1}


def test_headers_name_the_only_model_and_the_end(serving):
    responder = Responder(serving.state)
    headers = dict(responder.headers(Answer(b"abc", headers=((b"allow", b"GET"),)), None, "r"))
    assert headers == {
        b"content-type": b"application/json",
        b"content-length": b"3",
        b"x-request-id": b"r",
        b"allow": b"GET",
        b"x-model-version": b"delay@1",
    }
    serving.state.draining = True
    assert (b"connection", b"close") in responder.headers(Answer(b""), None, "r")


def test_answered_request_is_counted_and_told(serving, exchange):
    seen: list[Any] = []

    class Seeing:
        def answered(self, observed: Any) -> None:
            seen.append(observed)

    serving.state.observers = (Seeing(),)
    exchange.status = 200
    exchange.answer = Answer(b"abc")
    Responder(serving.state).tell(exchange, "r")
    assert serving.state.stats.routes["predict", "POST", 200].count == 1
    (observed,) = seen
    assert (observed.client, observed.request_id, observed.size, observed.status) == ("127.0.0.1:7", "r", 3, 200)
    assert observed.seconds > 0
