from __future__ import annotations

from time import perf_counter

from millwright.deployment.realtime.exchange import NO_ROUTE, Exchange


def test_exchange_begins_with_nothing_answered():
    before = perf_counter()
    exchange = Exchange("POST", "/predict", [(b"a", b"b")], ("127.0.0.1", 1))
    assert before <= exchange.started <= perf_counter()
    assert (exchange.method, exchange.path, exchange.client) == ("POST", "/predict", ("127.0.0.1", 1))
    assert (exchange.label, exchange.status, exchange.error) == (NO_ROUTE, 0, "")
    assert exchange.call is None
    assert exchange.answer is None
