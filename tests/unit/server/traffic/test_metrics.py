from __future__ import annotations

import pytest

from millwright.server.traffic.metrics import RequestMetrics

KNOWN = ("/api/2.0/mlflow/runs/get", "/ajax-api/2.0/mlflow/runs/get", "/get-artifact")


@pytest.fixture
def metrics() -> RequestMetrics:
    return RequestMetrics(KNOWN)


def test_request_is_counted_and_timed(metrics):
    metrics.count("GET", KNOWN[0], 200, 0.004)
    metrics.count("GET", KNOWN[0], 200, 0.004)
    text, content_type = metrics.text()
    assert content_type.startswith(b"text/plain")
    assert f'millwright_http_requests_total{{method="GET",route="{KNOWN[0]}",status="200"}} 2.0' in text.decode()
    assert 'millwright_http_request_duration_seconds_bucket{le="0.005"' in text.decode()


@pytest.mark.parametrize(
    ("path", "route"),
    [
        (KNOWN[1], KNOWN[1]),
        ("/api/2.0/mlflow/runs/nothing", "/api/2.0/mlflow/runs/*"),
        ("/api/2.0/mlflow/invented-by-a-client/x", "other"),
        ("/api/v1/models/churn", "/api/v1/*"),
        ("/models/churn/1", "/models/*"),
        ("/x" * 500, "other"),
        ("/", "other"),
    ],
)
def test_names_of_clients_are_no_labels(metrics, path, route):
    assert metrics.route(path) == route


def test_invented_method_is_no_label(metrics):
    metrics.count("INVENTED", "/", 405, 0.1)
    assert b"INVENTED" not in metrics.text()[0]
