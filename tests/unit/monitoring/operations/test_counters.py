from __future__ import annotations

from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from prometheus_client import CollectorRegistry, Counter, generate_latest

from millwright.monitoring.operations import ServedCounts
from millwright.monitoring.operations.counters import counted_since, fetch_counters, read_counters


def metrics() -> bytes:
    registry = CollectorRegistry()
    requests = Counter("millwright_requests", "Requests answered.", ["route", "method", "status"], registry=registry)
    for route, method, status, count in (
        ("/predict", "POST", "200", 90),
        ("/predict", "POST", "422", 5),
        ("/predict", "POST", "500", 2),
        ('/odd"{route', "POST", "503", 3),
        ("/health", "GET", "200", 1000),
    ):
        requests.labels(route, method, status).inc(count)
    return generate_latest(registry)


COUNTS = {"requests": 100, "errors": 5, "refused": 5, "shed": 3}
EXPECTED = ServedCounts(**COUNTS, totals=COUNTS)


def test_counters_are_those_of_prediction_requests_by_status():
    assert read_counters(metrics().decode()) == EXPECTED
    assert read_counters("").error_share is None


def test_counters_are_read_from_a_running_server():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/metrics" else 404)
            self.end_headers()
            self.wfile.write(metrics())

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        assert fetch_counters(url) == EXPECTED
        assert fetch_counters(f"{url}/other") is None
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert fetch_counters(url) is None
    assert fetch_counters("file:///etc/passwd") is None


def test_differences_begin_anew_when_the_server_did():
    totals = {"requests": 60, "errors": 1, "refused": 5, "shed": 0}
    report = {"operations": {"served": {"totals": totals}}, "created_at": "2026-01-15T12:00:00+00:00"}
    found = counted_since(report, EXPECTED)
    assert (found.requests, found.errors, found.refused, found.shed) == (40, 4, 0, 3)
    assert found.since == datetime(2026, 1, 15, 12, tzinfo=UTC)
    assert found.totals == COUNTS
    totals["requests"] = 500
    assert counted_since(report, EXPECTED) == EXPECTED
    assert counted_since({}, EXPECTED) == EXPECTED


def refused(*kinds: tuple[str, str, str, str, int]) -> str:
    registry = CollectorRegistry()
    labels = ["endpoint", "column", "expected", "found"]
    values = Counter("millwright_refused_values", "Requests refused.", labels, registry=registry)
    for *names, count in kinds:
        values.labels(*names).inc(count)
    return generate_latest(registry).decode()


def test_refused_values_are_told_by_column_since_the_last_look():
    odd = 'one of "a", \\b\n'
    before = read_counters(refused(("e", "load", "a finite number", "text", 5), ("e", "site", odd, "text", 1)))
    assert [each.text for each in before.refused_values] == [
        "load: expected a finite number, found text (5 requests)",
        f"site: expected {odd}, found text (1 request)",
    ]
    report = {"created_at": datetime(2026, 1, 1, tzinfo=UTC).isoformat()}
    report |= {"operations": {"served": {"totals": dict(before.totals)}}}
    kinds = ("e", "load", "a finite number", "text", 8), ("e", "site", odd, "text", 1), ("e", "", "", "", 2)
    since = counted_since(report, read_counters(refused(*kinds)))
    assert [each.text for each in since.refused_values] == [
        "load: expected a finite number, found text (3 requests)",
        "other values (2 requests)",
    ]
