"""What every `AssessmentStore` must do."""

# ruff: noqa: S101 - assertions are what a suite is made of
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import AlreadyExistsError, NotFoundError
from millwright.core.ids import TraceId
from millwright.core.records.assessment import AssessmentError, AssessmentKind, AssessmentRecord
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.trace_search import found, trace

if TYPE_CHECKING:
    from millwright.storage.base.assessments import AssessmentStore
    from millwright.storage.base.traces import TraceStore

_T = TraceId("t")


def _feedback(name: str, value: str = "true", trace_id: str = "t") -> AssessmentRecord:
    return AssessmentRecord(
        id=f"a-{name}",
        trace_id=TraceId(trace_id),
        name=name,
        kind=AssessmentKind.FEEDBACK,
        created_at=sample.NOON,
        updated_at=sample.NOON,
        value=value,
    )


class AssessmentStoreConformance(StoreConformance):
    """Subclass it, and define `opener` and the fixture `traces`: the `TraceStore` of the same place, with a trace t."""

    def test_assessment_comes_back_as_it_was_given(self, store: AssessmentStore, traces: TraceStore) -> None:
        """Until it is changed."""
        record = replace(
            _feedback("q", '{"a": "ü"}'),
            error=AssessmentError(code="E", message="m", stack_trace="s"),
            source_type="HUMAN",
            source_id="ada",
            span_id="1",
            rationale="why",
            metadata={"k": "v"},
        )
        store.create(record)
        assert store.get(_T, record.id) == record
        changed = replace(
            record, value="0.5", error=None, rationale=None, metadata={}, updated_at=sample.NOON + timedelta(seconds=1)
        )
        store.update(changed)
        assert store.get(_T, record.id) == changed
        with pytest.raises(AlreadyExistsError):
            store.create(record)
        assert traces.get(_T).id == _T

    def test_override_ends_with_what_overrides(self, store: AssessmentStore, traces: TraceStore) -> None:
        """The one below is valid again."""
        store.create(_feedback("q"))
        store.create(replace(_feedback("r"), overrides="a-q"))
        assert not store.get(_T, "a-q").valid
        assert found(traces, "feedback.q = 'true'") == []
        store.delete(_T, "a-r")
        assert store.get(_T, "a-q").valid
        assert found(traces, "feedback.q = 'true'") == ["t"]
        store.delete(_T, "a-r")
        with pytest.raises(NotFoundError, match="'a-x' not found"):
            store.create(replace(_feedback("s"), overrides="a-x"))

    def test_assessments_are_listed_by_trace(self, store: AssessmentStore, traces: TraceStore) -> None:
        """The oldest first."""
        traces.put(trace("u"))
        store.create(replace(_feedback("late"), created_at=sample.NOON + timedelta(seconds=1)))
        store.create(_feedback("early"))
        store.create(_feedback("other", trace_id="u"))
        traces.put(trace("v"))
        listed = store.list_of([_T, TraceId("u"), TraceId("v")])
        assert {key: [each.name for each in value] for key, value in listed.items()} == {
            "t": ["early", "late"],
            "u": ["other"],
        }

    def test_assessment_that_is_not_there_is_named(self, store: AssessmentStore, traces: TraceStore) -> None:
        """So is the trace."""
        for call in (store.update, store.create):
            with pytest.raises(NotFoundError, match="'gone' not found"):
                call(_feedback("q", trace_id="gone"))
        with pytest.raises(NotFoundError, match="'a-q' not found for trace 't'"):
            store.get(_T, "a-q")
        with pytest.raises(NotFoundError, match="'a-q' not found for trace 't'"):
            store.update(_feedback("q"))
        with pytest.raises(NotFoundError, match="'gone' not found"):
            store.get(TraceId("gone"), "a-q")
        store.create(_feedback("q"))
        traces.delete([_T])
        assert store.list_of([_T]) == {}

    @pytest.mark.parametrize(
        ("value", "text", "fitting"),
        [
            ("true", "= 'true'", "t"),
            ("true", "!= 'true'", ""),
            ("true", "> 0", ""),
            ('"yes"', "= 'yes'", "t"),
            ('"yes"', "!= 'yes'", ""),
            ('"yes"', "LIKE '%e%'", "t"),
            ('"yes"', "ILIKE '%E%'", "t"),
            ('"yes"', "RLIKE 'y.s'", "t"),
            ("0.75", ">= 0.75", "t"),
            ("0.75", "> 0.75", ""),
            ("0.75", "< 1", "t"),
            ("0.75", "= '0.75'", "t"),
            ("0.75", "IS NOT NULL", "t"),
            ("0.75", "IS NULL", ""),
        ],
    )
    def test_traces_are_found_by_assessments(
        self, store: AssessmentStore, traces: TraceStore, value: str, text: str, fitting: str
    ) -> None:
        """By their values; an expectation is no feedback."""
        store.create(_feedback("q", value))
        assert found(traces, f"feedback.q {text}") == list(fitting)
        assert found(traces, f"expectation.q {text}") == (["t"] if text == "IS NULL" else [])

    def test_assessment_of_a_session_is_one_of_its_traces(self, store: AssessmentStore, traces: TraceStore) -> None:
        """In the same experiment."""
        for name, session in (("t", "s"), ("u", "s"), ("v", "other")):
            traces.put(replace(trace(name), metadata={"mlflow.trace.session": session}))
        store.create(replace(_feedback("q"), metadata={"mlflow.trace.session": "s"}))
        assert found(traces, "feedback.q = 'true'") == ["t", "u"]
        assert found(traces, "feedback.q IS NULL") == ["v"]

    def test_issues_are_found_by_their_name(self, store: AssessmentStore, traces: TraceStore) -> None:
        """Which is the issue's id."""
        store.create(replace(_feedback("i-1"), kind=AssessmentKind.ISSUE))
        assert found(traces, "issue.id = 'i-1'") == ["t"]
