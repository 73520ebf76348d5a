from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from millwright.core.ids import TraceId
from millwright.core.records.assessment import AssessmentKind, AssessmentRecord
from millwright.server.mlflow.failure import WireError
from millwright.server.mlflow.traces.assessment_shape import (
    AssessmentBody,
    assessment_shape,
    kind_and_value,
    source_type,
)

NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)


def body(**fields: Any) -> AssessmentBody:
    return msgspec.convert(fields, AssessmentBody)


def shape(kind: AssessmentKind, value: str) -> dict[str, Any]:
    record = AssessmentRecord(
        id="a", trace_id=TraceId("t"), name="q", kind=kind, created_at=NOON, updated_at=NOON, value=value
    )
    return assessment_shape(record)


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ({"feedback": {"value": {"a": [1, "x", None, True]}}}, '{"a": [1.0, "x", null, true]}'),
        ({"feedback": {"value": "ü"}}, '"ü"'),
        ({"feedback": {}}, "null"),
        ({"expectation": {"value": False}}, "false"),
        ({"expectation": {"serialized_value": {"serialization_format": "JSON_FORMAT", "value": "[1]"}}}, "[1]"),
        ({"issue": {"issue_name": "bad"}}, '{"issue_name": "bad"}'),
    ],
)
def test_value_is_kept_as_json(given: dict[str, Any], value: str) -> None:
    kind, text, error = kind_and_value(body(**given))
    assert (kind.value, text, error) == (next(iter(given)), value, None)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "Unknown assessment type: None"),
        ({"expectation": {}}, "The `value` field must be specified."),
        ({"expectation": {"serialized_value": {"serialization_format": "X"}}}, "Unknown serialization format: X."),
        (
            {"expectation": {"serialized_value": {"serialization_format": "JSON_FORMAT", "value": "{"}}},
            "Expected JSON",
        ),
        ({"feedback": {"value": 10**400}}, "64 bits"),
        ({"feedback": {"value": float("inf")}}, "finite"),
        ({"feedback": {"value": "\ud800"}}, "surrogates"),
    ],
)
def test_value_that_cannot_be_kept_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(WireError, match=told.replace(".", r"\.")):
        kind_and_value(body(**given))


def test_long_stack_trace_keeps_its_end() -> None:
    error = kind_and_value(body(feedback={"error": {"error_code": "E", "stack_trace": "a" * 20_000 + "b"}}))[2]
    assert error is not None
    assert error.stack_trace is not None
    assert len(error.stack_trace) == 10_000
    assert error.stack_trace.startswith("[Stack trace is truncated]")
    assert error.stack_trace.endswith("b")


def test_source_is_one_of_four() -> None:
    assert source_type(None) == "SOURCE_TYPE_UNSPECIFIED"
    assert source_type(body(source={"source_type": 2}).source) == "LLM_JUDGE"
    with pytest.raises(WireError, match="source_type"):
        source_type(body(source={"source_type": "DOG"}).source)


def test_shape_follows_the_kind() -> None:
    assert shape(AssessmentKind.FEEDBACK, "[1.0]")["feedback"] == {"value": [1.0]}
    assert shape(AssessmentKind.EXPECTATION, "1.5")["expectation"] == {"value": 1.5}
    serialized = {"serialization_format": "JSON_FORMAT", "value": '{"a": 1}'}
    assert shape(AssessmentKind.EXPECTATION, '{"a": 1}')["expectation"] == {"serialized_value": serialized}
    assert shape(AssessmentKind.ISSUE, '{"issue_name": "i"}')["issue"] == {"issue_name": "i"}
