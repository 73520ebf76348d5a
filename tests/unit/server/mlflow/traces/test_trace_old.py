from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from unit.server.mlflow.conftest import Wire

START = 1735689700000


def begin(wire: Wire, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = wire.post("traces", {"experiment_id": "0", "timestamp_ms": START, **more})["trace_info"]
    return found


def test_trace_is_begun_and_ended(wire: Wire) -> None:
    begun = begin(wire, request_metadata=[{"key": "a", "value": "1"}], tags=[{"key": "b", "value": "2"}])
    trace_id = begun["request_id"]
    place = {"key": "mlflow.artifactLocation", "value": f"mlflow-artifacts:/0/traces/{trace_id}/artifacts"}
    assert begun == {
        "request_id": trace_id,
        "experiment_id": "0",
        "timestamp_ms": START,
        "execution_time_ms": 0,
        "status": "IN_PROGRESS",
        "request_metadata": [{"key": "a", "value": "1"}],
        "tags": [{"key": "b", "value": "2"}, place],
    }
    end = {"timestamp_ms": START + 250, "status": "OK", "request_metadata": [{"key": "c", "value": "3"}]}
    ended = wire.patch(f"traces/{trace_id}", end)["trace_info"]
    assert (ended["status"], ended["execution_time_ms"], ended["tags"]) == ("OK", 250, begun["tags"])
    assert [each["key"] for each in ended["request_metadata"]] == ["a", "c"]
    assert wire.get(f"traces/{trace_id}/info")["trace_info"] == ended


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"experiment_id": ""}, "'experiment_id'"),
        ({"tags": [{"value": "2"}]}, "parameter 'tags'"),
        ({"timestamp_ms": 2**60}, "'timestamp_ms'"),
    ],
)
def test_trace_that_cannot_be_is_refused(wire: Wire, wrong: dict[str, Any], told: str) -> None:
    status, _, message = wire.fails("POST", "traces", {"experiment_id": "0", "timestamp_ms": 1, **wrong})
    assert status == 400
    assert told in message


def test_trace_that_is_not_there_is_named(wire: Wire) -> None:
    missing = (404, "RESOURCE_DOES_NOT_EXIST", "Trace with ID 'nope' not found.")
    assert wire.fails("PATCH", "traces/nope", {"timestamp_ms": 1, "status": "OK"}) == missing
    assert wire.fails("GET", "traces/nope/info") == missing
    assert wire.fails("POST", "traces", {"experiment_id": "77", "timestamp_ms": 1})[0] == 404
    trace_id = begin(wire)["request_id"]
    assert wire.fails("PATCH", f"traces/{trace_id}", {"timestamp_ms": 1, "status": "HUH"})[0] == 400
