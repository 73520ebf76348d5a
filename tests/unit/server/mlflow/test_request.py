from __future__ import annotations

import json
import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.server.mlflow.failure import WireError
from millwright.server.mlflow.request import check_content_type, decode_body, decode_query, parse_query


class Point(msgspec.Struct):
    key: str = ""
    value: float = 0.0
    step: int = 0


class Body(msgspec.Struct):
    run_id: str = ""
    experiment_ids: list[str] = msgspec.field(default_factory=list)
    points: list[Point] = msgspec.field(default_factory=list)
    max_results: int | None = None
    flag: bool = False


def body(data, *required: str):
    return decode_body(json.dumps(data).encode(), Body, required)


def refusal(data, *required: str):
    with pytest.raises(WireError) as caught:
        body(data, *required)
    assert (caught.value.code, caught.value.status) == ("INVALID_PARAMETER_VALUE", 400)
    return caught.value.message


def test_body_is_decoded_and_unknown_fields_are_passed_over():
    assert body({"run_id": "a", "other": [1], "points": [{"key": "k", "value": 1, "step": 2}]}) == Body(
        run_id="a", points=[Point("k", 1.0, 2)]
    )


@pytest.mark.parametrize("data", [{"step": "7"}, {"step": 7.0}, {"step": 7}])
def test_integers_may_come_as_text_or_as_whole_floats(data):
    assert body({"points": [{"key": "k", "value": "0.5", **data}]}).points == [Point("k", 0.5, 7)]


@pytest.mark.parametrize(("text", "value"), [("Infinity", math.inf), ("-Infinity", -math.inf)])
def test_infinities_come_as_text_or_bare(text, value):
    assert body({"points": [{"key": "k", "value": text}]}).points[0].value == value
    assert decode_body(b'{"points": [{"key": "k", "value": %s}]}' % text.encode(), Body, ()).points[0].value == value


@pytest.mark.parametrize("text", [b'"NaN"', b"NaN"])
def test_nan_comes_as_text_or_bare(text):
    assert math.isnan(decode_body(b'{"points": [{"value": %s}]}' % text, Body, ()).points[0].value)


def test_null_counts_as_absent():
    assert body({"run_id": None, "max_results": None, "points": [{"key": None, "value": 1}]}) == Body(
        points=[Point("", 1.0)]
    )


def test_camel_case_is_read_also_inside():
    assert body({"runId": "a", "maxResults": 3}) == Body(run_id="a", max_results=3)


def test_field_spelled_in_both_ways_is_refused():
    assert "both 'run_id' and 'runId'" in refusal({"run_id": "a", "runId": "b", "max_results": None})


def test_body_encoded_twice_is_read():
    assert decode_body(json.dumps(json.dumps({"run_id": "a"})).encode(), Body, ()) == Body(run_id="a")


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b"3", b"\xff\xfe", b'"\\ud800"', b"[" * 100_000])
def test_what_is_no_object_counts_as_empty(data):
    assert decode_body(data, Body, ()) == Body()


def test_missing_parameter_is_named():
    told = (
        "Missing value for required parameter 'run_id'. See the API docs for more information about request parameters."
    )
    assert refusal({}, "run_id") == refusal({"run_id": ""}, "run_id") == refusal({"run_id": None}, "run_id") == told


def test_wrong_type_is_named_with_the_value():
    assert refusal({"run_id": 123}, "run_id").startswith(
        "Invalid value 123 for parameter 'run_id' supplied:  Hint: Value was of type 'int'. See the API docs"
    )
    assert "for parameter 'points' supplied" in refusal({"run_id": "a", "points": {"a": 1}}, "run_id")
    assert "for parameter 'points' supplied" in refusal({"run_id": "a", "points": [{"step": "x"}]}, "run_id")


def test_missing_parameter_before_the_wrong_one_is_told_first():
    assert "required parameter 'run_id'" in refusal({"points": 3}, "run_id", "points")


def test_old_name_of_the_run_is_read():
    assert body({"run_uuid": "a"}, "run_id").run_id == "a"
    assert body({"run_id": "a", "run_uuid": "b"}, "run_id").run_id == "a"
    assert body({"run_uuid": "a", "key": "run_id"}, "run_id").run_id == "a"
    assert decode_query([("run_uuid", "a")], Body, ("run_id",)).run_id == "a"


def test_query_gives_lists_numbers_and_booleans():
    query = parse_query(b"experiment_ids=1&experiment_ids=2&max_results=5&flag=true&run_id=a%20b&run_id=c&q=1")
    assert decode_query(query, Body, ("run_id",)) == Body(
        run_id="a b", experiment_ids=["1", "2"], max_results=5, flag=True
    )


def test_content_type_must_be_json():
    check_content_type("application/json; charset=utf-8")
    for other in ("", "text/plain", "application/jsonp"):
        with pytest.raises(WireError, match="Content-Type must be one of"):
            check_content_type(other)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_body_or_a_refusal(data):
    try:
        assert isinstance(decode_body(data, Body, ()), Body)
    except WireError as error:
        assert error.status == 400  # noqa: PT017 - either outcome is right


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["run_id", "points", "experiment_ids", "max_results", "flag"]), json_values))
def test_any_json_gives_a_body_or_a_refusal(data):
    try:
        assert isinstance(decode_body(json.dumps(data).encode(), Body, ("run_id",)), Body)
    except WireError as error:
        assert error.status == 400  # noqa: PT017 - either outcome is right
