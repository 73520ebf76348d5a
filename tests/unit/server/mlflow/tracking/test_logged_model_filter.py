from __future__ import annotations

import pytest

from millwright.core.records.search import All, Comparison, Field, Kind
from millwright.server.mlflow.failure import WireError
from millwright.server.mlflow.tracking.logged_model_filter import parse_model_field, parse_model_filter


def one(kind, key, op, value):
    return Comparison(field=Field(kind=kind, key=key), op=op, value=value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name = 'x'", one(Kind.ATTRIBUTE, "name", "=", "x")),
        ('attributes.name ilike "X%"', one(Kind.ATTRIBUTE, "name", "ILIKE", "X%")),
        ("creation_time>=5", one(Kind.ATTRIBUTE, "creation_timestamp_ms", ">=", 5.0)),
        ("last_updated_timestamp < 5e3", one(Kind.ATTRIBUTE, "last_updated_timestamp_ms", "<", 5000.0)),
        ("metrics.`a b.c` != -1.5", one(Kind.METRIC, "a b.c", "!=", -1.5)),
        ("params.lr = '0.1'", one(Kind.PARAM, "lr", "=", "0.1")),
        ("tags.\"a.b\" LIKE '%AND%'", one(Kind.TAG, "a.b", "LIKE", "%AND%")),
        ("name IN ('a', 'b,c')", one(Kind.ATTRIBUTE, "name", "IN", ("a", "b,c"))),
        ("model_id not  in ('a')", one(Kind.ATTRIBUTE, "model_id", "NOT IN", ("a",))),
    ],
)
def test_comparison_is_read(text, expected):
    assert parse_model_filter(text) == All(parts=(expected,))


def test_comparisons_are_joined_by_and():
    parsed = parse_model_filter("name = 'a' and metrics.x > 1 AND tags.y = 'z'")
    assert isinstance(parsed, All)
    assert len(parsed.parts) == 3
    assert parse_model_filter("") is parse_model_filter("  ") is None


@pytest.mark.parametrize(
    "text",
    ["x", "name", "name =", "name = 'a' OR name = 'b'", "name = 'a' AND", "AND", "name LIKE", "metrics.x = 'a'",
     "name IN 'a'",
     "name = ('a')", "metrics.x LIKE 1", "nope.x = 'a'", "nope = 'a'", "name = 'a' name = 'b'",
     "(name = 'a')",
     "name IN ()",      "'" * 5000, "name = '" + "a" * 5000],
)  # fmt: skip
def test_anything_else_is_refused(text):
    with pytest.raises(WireError) as caught:
        parse_model_filter(text)
    assert caught.value.status == 400


def test_order_is_by_attribute_or_metric():
    assert parse_model_field("creation_time") == Field(kind=Kind.ATTRIBUTE, key="creation_timestamp_ms")
    assert parse_model_field("metrics.a.b") == Field(kind=Kind.METRIC, key="a.b")
    for text in ("params.x", "nope"):
        with pytest.raises(WireError, match="Invalid order by field name"):
            parse_model_field(text)
