from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.filter import TRACES, parse_filter
from millwright.core.records.search import Comparison, Field, Kind


@pytest.mark.parametrize(
    ("written", "kind", "key"),
    [
        ("status", Kind.ATTRIBUTE, "status"),
        ("trace.state", Kind.ATTRIBUTE, "status"),
        ("name", Kind.TAG, "mlflow.traceName"),
        ("tag.name", Kind.TAG, "name"),
        ("attributes.run_id", Kind.METADATA, "mlflow.sourceRun"),
        ("metadata.mlflow.trace.session", Kind.METADATA, "mlflow.trace.session"),
        ("request_metadata.`a b`", Kind.METADATA, "a b"),
        ("trace.text", Kind.SPAN, "content"),
        ("span.attributes.`a b`", Kind.SPAN, "attributes.a b"),
        ("feedback.q", Kind.FEEDBACK, "q"),
        ("expectation.`my key`", Kind.EXPECTATION, "my key"),
        ("issue.id", Kind.ISSUE, "id"),
    ],
)
def test_field_is_found_by_what_clients_call_it(written: str, kind: Kind, key: str) -> None:
    assert TRACES.field(written) == Field(kind=kind, key=key)


@pytest.mark.parametrize(
    ("text", "op", "value"),
    [
        ("span.name RLIKE '^a'", "RLIKE", "^a"),
        ("feedback.q >= 0.5", ">=", 0.5),
        ("feedback.q = 'yes'", "=", "yes"),
        ("feedback.q IS NOT NULL", "IS NOT NULL", None),
        ("trace.status IN ('OK', 'ERROR')", "IN", ("OK", "ERROR")),
        ("prompt = 'p/1'", "=", "p/1"),
        ("end_time_ms < 5", "<", 5),
    ],
)
def test_comparison_is_read(text: str, op: str, value: object) -> None:
    found = parse_filter(text, TRACES)
    assert isinstance(found, Comparison)
    assert (found.op, found.value) == (op, value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("foo.x = 'y'", "Invalid entity type 'foo'"),
        ("span.bogus = 'x'", "Invalid span attribute 'bogus'"),
        ("issue.name = 'x'", "Invalid issue attribute 'name'"),
        ("issue.id != 'x'", "Invalid comparator '!='"),
        ("prompt != 'p/1'", "Invalid comparator '!='"),
        ("prompt = 'p'", "Invalid prompts filter value 'p'"),
        ("trace.text = 'x'", "Invalid comparator '='"),
        ("status > 'OK'", "Invalid comparator '>'"),
        ("status = 3", "Expected a quoted string value"),
        ("status IN 'OK'", "expected"),
        ("feedback.q > '1'", "Expected a numeric value"),
        ("feedback.q = 1", "Expected a quoted string value"),
        ("timestamp_ms = 'x'", "Expected numeric value"),
        ("metadata.`` = 'x'", "Expected a key"),
    ],
)
def test_comparison_that_traces_do_not_have_is_refused(text: str, told: str) -> None:
    with pytest.raises(InvalidInputError, match=told):
        parse_filter(text, TRACES)
