from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.filter import TRACES, parse_filter
from millwright.core.records.search import Any_, Comparison, Field, Kind
from millwright.storage.backends.sql.trace_condition import trace_condition


@pytest.mark.parametrize("sqlite", [True, False], ids=["sqlite", "postgres"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "status = 'OK' AND tag.a IS NULL AND metadata.b LIKE '%'",
        "span.name = 'a' AND span.attributes.b IN ('c', 'd') AND trace.text LIKE '%e%'",
        "feedback.q > 0.5 AND expectation.w != 'x' AND feedback.z IS NULL",
        "run_id = 'r' AND prompt = 'p/1' AND issue.id = 'i' AND timestamp_ms != 5 AND end_time > 3",
    ],
)
def test_statement_has_as_many_marks_as_values(text: str, *, sqlite: bool) -> None:
    found = trace_condition(parse_filter(text, TRACES), sqlite=sqlite)
    assert found.text.count("?") == len(found.values)


def test_conditions_on_spans_are_asked_of_one_span() -> None:
    both = parse_filter("span.name = 'a' AND span.type = 'b'", TRACES)
    assert trace_condition(both, sqlite=True).text.count("EXISTS") == 1


def test_one_of_several_conditions_is_enough() -> None:
    parts = tuple(Comparison(field=Field(kind=Kind.SPAN, key="name"), op="=", value=name) for name in "ab")
    found = trace_condition(Any_(parts=parts), sqlite=True)
    assert (found.text.count("EXISTS"), found.values) == (2, ("a", "b"))
    assert " OR " in found.text


@pytest.mark.parametrize(
    ("kind", "key", "op"),
    [
        (Kind.ATTRIBUTE, "shape", "="),
        (Kind.ATTRIBUTE, "prompt", "!="),
        (Kind.SPAN, "shape", "="),
        (Kind.ISSUE, "id", "LIKE"),
        (Kind.METRIC, "m", "="),
    ],
)
def test_comparison_that_traces_do_not_have_is_refused(kind: Kind, key: str, op: str) -> None:
    with pytest.raises(InvalidInputError, match="Expected a comparison that traces have"):
        trace_condition(Comparison(field=Field(kind=kind, key=key), op=op, value="x"), sqlite=True)
