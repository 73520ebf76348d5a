from __future__ import annotations

from datetime import UTC, datetime

import pytest

from millwright.core.ids import ExperimentId, TraceId
from millwright.core.records.trace import TraceRecord, TraceState
from millwright.server.mlflow.failure import WireError
from millwright.server.mlflow.traces.trace_shape import old_state_of, old_trace_info, state_of, trace_info

RECORD = TraceRecord(
    id=TraceId("t"),
    experiment_id=ExperimentId("7"),
    state=TraceState.UNSPECIFIED,
    requested_at=datetime(2025, 1, 1, tzinfo=UTC),
    metadata={"m": "x" * 300},
    tags={"b": "2", "a": "y" * 5000},
)


def test_trace_of_version_3_leaves_out_what_is_not_known() -> None:
    shape = trace_info(RECORD)
    assert set(shape) == {"trace_id", "trace_location", "request_time", "state", "trace_metadata", "tags"}
    assert shape["state"] == "STATE_UNSPECIFIED"
    assert shape["trace_location"]["mlflow_experiment"] == {"experiment_id": "7"}


def test_long_facts_are_cut_when_they_are_sent() -> None:
    shape = trace_info(RECORD)
    assert (len(shape["trace_metadata"]["m"]), len(shape["tags"]["a"])) == (250, 4096)


def test_trace_of_version_2_has_lists_of_pairs() -> None:
    shape = old_trace_info(RECORD)
    assert (shape["request_id"], shape["status"], shape["execution_time_ms"]) == ("t", "TRACE_STATUS_UNSPECIFIED", 0)
    assert shape["timestamp_ms"] == 1735689600000
    assert [each["key"] for each in shape["tags"]] == ["a", "b"]


@pytest.mark.parametrize("state", TraceState)
def test_every_state_has_a_name_and_a_number(state: TraceState) -> None:
    name = trace_info(
        TraceRecord(id=TraceId("t"), experiment_id=ExperimentId("7"), state=state, requested_at=RECORD.requested_at)
    )["state"]
    assert state_of(name) is state
    assert {state_of(number) for number in range(4)} == set(TraceState)
    assert {old_state_of(number) for number in range(4)} == set(TraceState)


def test_state_that_does_not_exist_is_refused() -> None:
    for find in (state_of, old_state_of):
        with pytest.raises(WireError, match="Expected one of"):
            find("DREAMING")
