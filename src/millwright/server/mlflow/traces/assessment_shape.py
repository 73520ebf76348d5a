"""Assessments as they travel."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.records.assessment import AssessmentError, AssessmentKind
from millwright.server.mlflow.check import check_text, chosen
from millwright.server.mlflow.failure import invalid, unfit
from millwright.server.mlflow.instant import timestamp

if TYPE_CHECKING:
    from millwright.core.records.assessment import AssessmentRecord

_SOURCES = ("SOURCE_TYPE_UNSPECIFIED", "HUMAN", "LLM_JUDGE", "CODE")
_FORMAT = "JSON_FORMAT"
_MAX_STACK = 10_000
_CUT = "[Stack trace is truncated]\n...\n"


class Source(msgspec.Struct):
    """Who assessed."""

    source_type: str | int = _SOURCES[0]
    source_id: str = ""


class ErrorBody(msgspec.Struct):
    """Why there is no feedback."""

    error_code: str = ""
    error_message: str = ""
    stack_trace: str = ""


class FeedbackBody(msgspec.Struct):
    """How good an answer was."""

    value: Any = None
    error: ErrorBody | None = None


class SerializedValue(msgspec.Struct):
    """A value as JSON text."""

    serialization_format: str = ""
    value: str = ""


class ExpectationBody(msgspec.Struct):
    """What an answer should have been."""

    value: Any = None
    serialized_value: SerializedValue | None = None


class IssueBody(msgspec.Struct):
    """A known problem."""

    issue_name: str = ""


class AssessmentBody(msgspec.Struct):
    """An assessment, as it is sent by clients."""

    assessment_id: str = ""
    assessment_name: str = ""
    span_id: str = ""
    source: Source | None = None
    create_time: str = ""
    last_update_time: str = ""
    feedback: FeedbackBody | None = None
    expectation: ExpectationBody | None = None
    issue: IssueBody | None = None
    rationale: str = ""
    metadata: dict[str, str] = msgspec.field(default_factory=dict)
    overrides: str = ""
    valid: bool | None = None


def kind_and_value(body: AssessmentBody) -> tuple[AssessmentKind, str, AssessmentError | None]:
    """What an assessment says: its kind, the value as JSON text, and an error.

    Raises:
        WireError: It says nothing, or something that is no JSON.
    """
    if body.feedback is not None:
        return AssessmentKind.FEEDBACK, feedback_value(body.feedback), error_of(body.feedback)
    if body.expectation is not None:
        return AssessmentKind.EXPECTATION, expectation_value(body.expectation), None
    if body.issue is not None:
        return AssessmentKind.ISSUE, _text({"issue_name": body.issue.issue_name}), None
    raise invalid("Unknown assessment type: None. Expected a feedback, an expectation or an issue.")


def feedback_value(body: FeedbackBody) -> str:
    """A feedback's value as JSON text.

    Raises:
        WireError: It is none.
    """
    return _text(_floats(body.value))


def expectation_value(body: ExpectationBody) -> str:
    """An expectation's value as JSON text.

    Raises:
        WireError: There is none, or it is no JSON.
    """
    serialized = body.serialized_value
    if serialized is None:
        if body.value is None:
            raise invalid("The `value` field must be specified.")
        return _text(_floats(body.value))
    if serialized.serialization_format != _FORMAT:
        raise invalid(f"Unknown serialization format: {serialized.serialization_format}. Only {_FORMAT} is supported.")
    try:
        return _text(json.loads(serialized.value))
    except (ValueError, RecursionError) as error:
        raise unfit("expectation.serialized_value.value", serialized.value[:200], "Expected JSON.") from error


def error_of(body: FeedbackBody) -> AssessmentError | None:
    """A feedback's error; of a long stack trace its end."""
    error = body.error
    if error is None:
        return None
    stack = error.stack_trace
    if len(stack) > _MAX_STACK:
        stack = _CUT + stack[len(_CUT) - _MAX_STACK :]
    return AssessmentError(code=error.error_code, message=error.error_message or None, stack_trace=stack or None)


def source_type(source: Source | None) -> str:
    """The name of a kind of sources.

    Raises:
        WireError: There is none such.
    """
    return _SOURCES[0] if source is None else chosen(source.source_type, _SOURCES, "source_type", first=0)


def assessment_shape(record: AssessmentRecord) -> dict[str, Any]:
    """An assessment, as it is sent."""
    shape: dict[str, Any] = {
        "assessment_id": record.id,
        "assessment_name": record.name,
        "trace_id": record.trace_id,
        "source": {"source_type": record.source_type} | ({"source_id": record.source_id} if record.source_id else {}),
        "create_time": timestamp(record.created_at),
        "last_update_time": timestamp(record.updated_at),
        "valid": record.valid,
    }
    for name in ("span_id", "rationale", "overrides"):
        if getattr(record, name):
            shape[name] = getattr(record, name)
    if record.metadata:
        shape["metadata"] = dict(record.metadata)
    value = json.loads(record.value)
    if record.kind is AssessmentKind.FEEDBACK:
        shape["feedback"] = {"value": value} | _error_shape(record.error)
    elif record.kind is AssessmentKind.EXPECTATION:
        plain = value is not None and not isinstance(value, list | dict)
        serialized = {"serialized_value": {"serialization_format": _FORMAT, "value": record.value}}
        shape["expectation"] = {"value": value} if plain else serialized
    else:
        shape["issue"] = value
    return shape


def _error_shape(error: AssessmentError | None) -> dict[str, Any]:
    if error is None:
        return {}
    told = {"error_code": error.code, "error_message": error.message, "stack_trace": error.stack_trace}
    return {"error": {name: value for name, value in told.items() if value is not None}}


def _floats(value: Any) -> Any:
    """With every number as a float, as protobuf's values are."""
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError as error:
            raise unfit("value", str(value)[:50], "Expected numbers of 64 bits.") from error
    if isinstance(value, list):
        return [_floats(each) for each in value]
    if isinstance(value, dict):
        return {key: _floats(each) for key, each in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        raise unfit("value", str(value), "Expected finite numbers.")
    return value


def _text(value: Any) -> str:
    return check_text(json.dumps(value, ensure_ascii=False), "value")
