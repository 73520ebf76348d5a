"""Assessments of traces: `/mlflow/traces/{trace_id}/assessments…`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from msgspec import Struct

from millwright.core.errors import NotFoundError
from millwright.core.ids import TraceId
from millwright.core.records.assessment import AssessmentKind, AssessmentRecord
from millwright.server.mlflow.answer import millis, moment
from millwright.server.mlflow.check import MAX_KEY, check_length, check_text
from millwright.server.mlflow.failure import invalid, missing, not_there
from millwright.server.mlflow.instant import moment_of
from millwright.server.mlflow.permission import Access, ResourceKind, Rule, segment
from millwright.server.mlflow.route import Mode, Route
from millwright.server.mlflow.traces.assessment_shape import (
    AssessmentBody,
    assessment_shape,
    error_of,
    expectation_value,
    feedback_value,
    kind_and_value,
    source_type,
)

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.server.mlflow.call import Call

_TEXTS = ("assessment_id", "assessment_name", "span_id", "rationale", "overrides")
_NAMES = {"assessmentname": "assessment_name"}


class CreateAssessment(Struct):
    """A new assessment."""

    assessment: AssessmentBody | None = None


class UpdateAssessment(Struct):
    """What changes: the fields of `assessment` that `update_mask` names, with commas between."""

    assessment: AssessmentBody | None = None
    update_mask: str = ""


def create(call: Call, body: CreateAssessment) -> dict[str, Any]:
    """Assess a trace."""
    if body.assessment is None:
        raise missing("assessment")
    record = new_assessment(body.assessment, TraceId(call.path["trace_id"]), call.now())
    try:
        call.stores.assessments.create(record)
    except NotFoundError as error:
        raise not_there(error.message) from error
    return {"assessment": assessment_shape(record)}


def get(call: Call, _body: None) -> dict[str, Any]:
    """Get an assessment."""
    return {"assessment": assessment_shape(_found(call))}


def update(call: Call, body: UpdateAssessment) -> dict[str, Any]:
    """Change an assessment; its metadata are added to."""
    record, given = _found(call), body.assessment
    if given is None:
        raise missing("assessment")
    _check(given)
    for path in body.update_mask.split(","):
        record = _changed(record, given, _NAMES.get(path.strip().lower(), path.strip()))
    record = replace(record, updated_at=moment(millis(call.now())))
    call.stores.assessments.update(record)
    return {"assessment": assessment_shape(record)}


def delete(call: Call, _body: None) -> None:
    """Remove an assessment; one that it overrode is valid again."""
    call.stores.assessments.delete(TraceId(call.path["trace_id"]), call.path["assessment_id"])


def new_assessment(body: AssessmentBody, trace_id: TraceId, now: datetime) -> AssessmentRecord:
    """An assessment that a client tells of.

    Raises:
        WireError: It says nothing, or something that cannot be kept.
    """
    _check(body)
    kind, value, error = kind_and_value(body)
    now = moment(millis(now))
    source = body.source
    return AssessmentRecord(
        id=body.assessment_id or f"a-{uuid4().hex}",
        trace_id=trace_id,
        name=body.assessment_name,
        kind=kind,
        created_at=moment_of(body.create_time, "create_time") if body.create_time else now,
        updated_at=moment_of(body.last_update_time, "last_update_time") if body.last_update_time else now,
        value=value,
        error=error,
        source_type=source_type(source),
        source_id=check_text(source.source_id, "source_id") or None if source is not None else None,
        span_id=body.span_id or None,
        rationale=body.rationale or None if kind is not AssessmentKind.EXPECTATION else None,
        overrides=body.overrides or None,
        metadata=body.metadata,
    )


def _changed(record: AssessmentRecord, given: AssessmentBody, field: str) -> AssessmentRecord:
    if field == "assessment_name":
        return replace(record, name=given.assessment_name)
    if field == "metadata":
        return replace(record, metadata={**record.metadata, **given.metadata})
    if field == "rationale" and record.kind is not AssessmentKind.EXPECTATION:
        return replace(record, rationale=given.rationale or None)
    if field == "valid" and given.valid is not None:
        return replace(record, valid=given.valid)
    if field == "feedback" and given.feedback is not None:
        if record.kind is not AssessmentKind.FEEDBACK:
            raise invalid("Cannot update feedback value on an Expectation assessment.")
        return replace(record, value=feedback_value(given.feedback), error=error_of(given.feedback))
    if field == "expectation" and given.expectation is not None:
        if record.kind is not AssessmentKind.EXPECTATION:
            raise invalid("Cannot update expectation value on a Feedback assessment.")
        return replace(record, value=expectation_value(given.expectation))
    return record


def _check(body: AssessmentBody) -> None:
    for name in _TEXTS:
        check_text(getattr(body, name), name)
    check_length("assessment_name", body.assessment_name, MAX_KEY)
    check_length("assessment_id", body.assessment_id, MAX_KEY)


def _found(call: Call) -> AssessmentRecord:
    try:
        return call.stores.assessments.get(TraceId(call.path["trace_id"]), call.path["assessment_id"])
    except NotFoundError as error:
        raise not_there(error.message) from error


_ALL = "/mlflow/traces/{trace_id}/assessments"
_ONE = f"{_ALL}/{{assessment_id}}"
_TRACE = segment(ResourceKind.TRACE, "trace_id")
_READ, _WRITE = Rule(Access.READ, _TRACE), Rule(Access.WRITE, _TRACE)

ROUTES = (
    Route(
        method="POST",
        path=_ALL,
        body=CreateAssessment,
        required=("assessment",),
        mode=Mode.WRITE,
        versions=(3,),
        handler=create,
        rule=_WRITE,
    ),
    Route(method="GET", path=_ONE, versions=(3,), handler=get, rule=_READ),
    Route(
        method="PATCH",
        path=_ONE,
        body=UpdateAssessment,
        required=("assessment", "update_mask"),
        mode=Mode.WRITE,
        versions=(3,),
        handler=update,
        rule=_WRITE,
    ),
    Route(method="DELETE", path=_ONE, mode=Mode.WRITE, versions=(3,), handler=delete, rule=_WRITE),
)
