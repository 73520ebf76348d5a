"""Traces as they travel: version 3 as clients write them today, version 2 as they did before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.records.trace import TraceState
from millwright.server.mlflow.answer import millis
from millwright.server.mlflow.check import chosen
from millwright.server.mlflow.instant import duration, timestamp
from millwright.server.mlflow.traces.assessment_shape import assessment_shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from millwright.core.records.assessment import AssessmentRecord
    from millwright.core.records.trace import TraceRecord
    from millwright.storage.catalog import Stores

MAX_KEY, MAX_TAG, MAX_METADATA = 250, 4096, 250
_STATES = {
    "STATE_UNSPECIFIED": TraceState.UNSPECIFIED,
    "OK": TraceState.OK,
    "ERROR": TraceState.ERROR,
    "IN_PROGRESS": TraceState.IN_PROGRESS,
}
_NAMES = {state: name for name, state in _STATES.items()}
_OLD_NAMES = {**_NAMES, TraceState.UNSPECIFIED: "TRACE_STATUS_UNSPECIFIED"}
_OLD_STATES = {name: state for state, name in _OLD_NAMES.items()}


def trace_infos(stores: Stores, records: Sequence[TraceRecord]) -> list[dict[str, Any]]:
    """Traces with their assessments, without their spans."""
    assessments = stores.assessments.list_of([record.id for record in records])
    return [trace_info(record, assessments.get(record.id, ())) for record in records]


def trace_info(record: TraceRecord, assessments: Iterable[AssessmentRecord] = ()) -> dict[str, Any]:
    """A trace with the assessments given."""
    shape: dict[str, Any] = {
        "trace_id": record.id,
        "trace_location": {
            "type": "MLFLOW_EXPERIMENT",
            "mlflow_experiment": {"experiment_id": record.experiment_id},
        },
        "request_time": timestamp(record.requested_at),
        "state": _NAMES[record.state],
    }
    for name in ("client_request_id", "request_preview", "response_preview"):
        if getattr(record, name) is not None:
            shape[name] = getattr(record, name)
    if record.duration_ms is not None:
        shape["execution_duration"] = duration(record.duration_ms)
    if record.metadata:
        shape["trace_metadata"] = _cut(record.metadata, MAX_METADATA)
    if record.tags:
        shape["tags"] = _cut(record.tags, MAX_TAG)
    if found := [assessment_shape(each) for each in assessments]:
        shape["assessments"] = found
    return shape


def old_trace_info(record: TraceRecord) -> dict[str, Any]:
    """A trace in the form of version 2."""
    shape: dict[str, Any] = {
        "request_id": record.id,
        "experiment_id": record.experiment_id,
        "timestamp_ms": millis(record.requested_at),
        "execution_time_ms": record.duration_ms or 0,
        "status": _OLD_NAMES[record.state],
    }
    for name, facts in (
        ("request_metadata", _cut(record.metadata, MAX_METADATA)),
        ("tags", _cut(record.tags, MAX_TAG)),
    ):
        if facts:
            shape[name] = [{"key": key, "value": value} for key, value in sorted(facts.items())]
    return shape


def state_of(given: str | int, parameter: str = "state") -> TraceState:
    """A state from its name or number.

    Raises:
        WireError: There is none such.
    """
    return _STATES[chosen(given, _STATES, parameter, first=0)]


def old_state_of(given: str | int, parameter: str = "status") -> TraceState:
    """The same, as version 2 names them.

    Raises:
        WireError: There is none such.
    """
    return _OLD_STATES[chosen(given, ("TRACE_STATUS_UNSPECIFIED", "OK", "ERROR", "IN_PROGRESS"), parameter, first=0)]


def _cut(facts: Mapping[str, str], limit: int) -> dict[str, str]:
    return {key[:MAX_KEY]: value[:limit] for key, value in facts.items()}
