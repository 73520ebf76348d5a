from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.core.filter import EXPERIMENTS, LOGGED_MODELS, MODEL_VERSIONS, RUNS, TRACES, parse_filter, parse_order
from millwright.core.records.search import All, Any_, Comparison, Field, Kind, Order


def compare(kind, key, op, value=None):
    return Comparison(field=Field(kind=Kind(kind), key=key), op=op, value=value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metrics.auc > 0.8", compare("metric", "auc", ">", 0.8)),
        ("metric.auc>=-1e-3", compare("metric", "auc", ">=", -1e-3)),
        ("params.model = 'rf'", compare("param", "model", "=", "rf")),
        ("parameters.`a b` != 'it''s'", compare("param", "a b", "!=", "it's")),
        ("tags.\"mlflow.x y\" LIKE 'a%'", compare("tag", "mlflow.x y", "LIKE", "a%")),
        ("tags.mlflow.parentRunId = 'r'", compare("tag", "mlflow.parentRunId", "=", "r")),
        ('tag.env ilike "PROD"', compare("tag", "env", "ILIKE", "PROD")),
        ("tags.a IS NOT NULL", compare("tag", "a", "IS NOT NULL")),
        ("params.a is null", compare("param", "a", "IS NULL")),
        ("status = 'FINISHED'", compare("attribute", "status", "=", "FINISHED")),
        ("attributes.start_time < 1700000000000", compare("attribute", "start_time", "<", 1_700_000_000_000)),
        ("attr.`run name` = 'x'", compare("attribute", "run_name", "=", "x")),
        ("run_id IN ('a', 'b')", compare("attribute", "run_id", "IN", ("a", "b"))),
        ("run_id NOT IN ('a',)", compare("attribute", "run_id", "NOT IN", ("a",))),
        ("dataset.digest = 'd'", compare("dataset", "digest", "=", "d")),
        ("`run_id` = 'a'", compare("attribute", "run_id", "=", "a")),
        ("\"run_id\" = 'a'", compare("attribute", "run_id", "=", "a")),
    ],
)
def test_comparison_is_read_in_every_form_that_clients_write(text, expected):
    assert parse_filter(text, RUNS) == expected


def test_comparisons_are_joined_by_and_in_any_case():
    assert parse_filter("metrics.a > 1 and params.b = 'and' AND tags.c = 'd'", RUNS) == All(
        parts=(compare("metric", "a", ">", 1), compare("param", "b", "=", "and"), compare("tag", "c", "=", "d"))
    )


def test_empty_filter_is_none():
    assert parse_filter("  ", RUNS) is None


def test_or_not_and_parentheses_are_our_own():
    read = parse_filter("not (metrics.a > 1 or params.b = 'x') and tags.c = 'd'", RUNS, disjunctions=True)
    assert read == All(
        parts=(
            All(parts=(compare("metric", "a", "<=", 1), compare("param", "b", "!=", "x"))),
            compare("tag", "c", "=", "d"),
        )
    )
    assert isinstance(parse_filter("metrics.a = 1 OR metrics.a = 2", RUNS, disjunctions=True), Any_)
    for text in ("metrics.a = 1 OR metrics.a = 2", "(metrics.a = 1)", "NOT metrics.a = 1"):
        with pytest.raises(InvalidInputError, match=r"Invalid clause\(s\) in filter string"):
            parse_filter(text, RUNS)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("metrics.a > '1x'", "Expected numeric value type for metric"),
        ("params.a = 1", "Expected a quoted string value for parameter"),
        ("params.a > 'x'", "Invalid comparator '>'"),
        ("metrics.a LIKE 'x'", "Invalid comparator 'LIKE'"),
        ("metrics.a IS NULL", "Invalid comparator 'IS NULL'"),
        ("stat = 'x'", "Invalid attribute key 'stat' specified.*Did you mean 'status'"),
        ("nothing.a = 'x'", "Invalid entity type 'nothing'"),
        ("metrics.a >", "expected a quoted text at position 11, found the end"),
        ("metrics.a", "expected a comparison at position 9"),
        ("metrics.a > 1 metrics.b > 2", "expected AND or the end at position 14"),
        ("metrics.a > 1 and", "expected a field at position 17"),
        ("params.a = 'x", "Invalid clause"),
        ("status IN 'x'", "expected \\("),
        ("status IN ('x')", "Invalid comparator 'IN'"),
        ("dataset.size = 'x'", "Invalid dataset key 'size'"),
        ("params.`` = 'x'", "Expected a key behind 'params.'"),
        ("params.a NOT LIKE 'x'", "expected a comparison"),
        ("x" * 100_001, "at most 100,000 characters"),
    ],
)
def test_refusal_says_what_was_expected_and_where(text, told):
    with pytest.raises(InvalidInputError, match=told) as caught:
        parse_filter(text, RUNS)
    assert caught.value.message


def test_depth_and_length_are_bounded():
    with pytest.raises(InvalidInputError, match="at most 50 parentheses"):
        parse_filter("(" * 5000 + "metrics.a = 1" + ")" * 5000, RUNS, disjunctions=True)
    with pytest.raises(InvalidInputError, match="at most 50 parentheses"):
        parse_filter("not " * 5000 + "metrics.a = 1", RUNS, disjunctions=True)
    with pytest.raises(InvalidInputError, match="at most 1,000 comparisons"):
        parse_filter(" and ".join(["metrics.a = 1"] * 1001), RUNS)


@pytest.mark.parametrize(
    ("text", "schema", "expected"),
    [
        ("name LIKE 'a%'", EXPERIMENTS, compare("attribute", "name", "LIKE", "a%")),
        ("creation_time > 3", EXPERIMENTS, compare("attribute", "creation_time", ">", 3)),
        ("run_id IN ('a')", MODEL_VERSIONS, compare("attribute", "run_id", "IN", ("a",))),
        ("version_number >= 2", MODEL_VERSIONS, compare("attribute", "version_number", ">=", 2)),
        ("creation_time > 3", LOGGED_MODELS, compare("attribute", "creation_timestamp_ms", ">", 3)),
        ("trace.status = 'OK'", TRACES, compare("attribute", "status", "=", "OK")),
    ],
)
def test_each_family_has_its_own_fields(text, schema, expected):
    assert parse_filter(text, schema) == expected


@pytest.mark.parametrize(
    ("text", "kind", "key", "ascending"),
    [
        ("metrics.auc DESC", "metric", "auc", False),
        ("metrics.`a b` asc", "metric", "a b", True),
        ("start_time", "attribute", "start_time", True),
        ("  attributes.Created   DESC ", "attribute", "start_time", False),
        ("tags.x", "tag", "x", True),
    ],
)
def test_order_is_a_field_and_a_direction(text, kind, key, ascending):
    assert parse_order(text, RUNS) == Order(field=Field(kind=Kind(kind), key=key), ascending=ascending)


@pytest.mark.parametrize("text", ["", "DESC", "nothing.x DESC", "metrics.a b DESC", "metrics.a ACS", "what"])
def test_order_that_cannot_be_read_is_refused(text):
    with pytest.raises(InvalidInputError):
        parse_order(text, RUNS)


@given(st.text(max_size=60), st.booleans())
def test_any_text_gives_a_condition_or_a_refusal(text, disjunctions):
    for parse in (lambda: parse_filter(text, RUNS, disjunctions=disjunctions), lambda: parse_order(text, RUNS)):
        try:
            parse()
        except InvalidInputError as error:
            assert error.message  # noqa: PT017 - either outcome is right


PIECES = "metrics.a|params.`b`|tags.c|status|=|>|LIKE|IN|IS|NOT|NULL|'x'|1.5|(|)|,|AND|OR"
pieces = st.sampled_from(PIECES.split("|"))


@given(st.lists(pieces, max_size=12), st.booleans())
def test_any_tokens_give_a_condition_or_a_refusal(found, disjunctions):
    try:
        parse_filter(" ".join(found), RUNS, disjunctions=disjunctions)
    except InvalidInputError as error:
        assert error.message  # noqa: PT017 - either outcome is right
