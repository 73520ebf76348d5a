from __future__ import annotations

import contextlib
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import MalformedRequestError
from millwright.deployment.realtime.json_body import decode_as, decode_json, decode_lenient_json

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


def refusal(body: bytes) -> MalformedRequestError:
    with pytest.raises(MalformedRequestError) as caught:
        decode_json(body)
    assert caught.value.http_status == 400
    return caught.value


@given(JSON.filter(lambda value: "\\ud" not in json.dumps(value)))
def test_json_decodes_as_the_standard_library_does(value):
    body = json.dumps(value).encode()
    assert decode_json(body) == json.loads(body)


def test_byte_order_mark_is_skipped():
    assert decode_json(b"\xef\xbb\xbf[1]") == [1]


def test_empty_body_is_refused_as_empty():
    assert refusal(b" \n").message == "Expected a JSON body, found an empty one."


def test_syntax_error_is_told_with_byte_line_and_column():
    error = refusal(b'{"a": 1,\n "b": ]}')
    assert error.message == "Expected JSON, found ']' at byte 15 (line 2, column 7)."
    assert error.details == {"byte": 15, "line": 2}


def test_cut_off_body_is_told_as_its_end():
    assert "found the end of the body at byte 7" in refusal(b'{"a": 1').message


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "nan", "inf"])
def test_number_that_is_not_finite_is_named(word):
    error = refusal(f'{{"a": {word}}}'.encode())
    assert word.lstrip("-").lower() in error.message.lower()
    assert error.hint == "Send null for a missing number."


def test_number_beyond_a_float_is_refused():
    assert "64-bit float" in refusal(b"[1e400]").message


def test_bytes_that_are_not_utf8_are_told_with_their_place():
    assert refusal(b'{"a": "\xff"}').details == {"byte": 7}


def test_half_a_surrogate_pair_is_named():
    assert "surrogate" in refusal(b'{"a": "\\ud800"}').message


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_deep_nesting_is_refused(opening):
    assert "nested too deeply" in refusal(opening * 100_000).message


@given(st.binary(max_size=60))
def test_any_bytes_decode_or_are_refused(body):
    with contextlib.suppress(MalformedRequestError):
        decode_json(body)


def test_other_shape_is_refused_with_its_place():
    with pytest.raises(
        MalformedRequestError, match=r"Expected a list of numbers\. Expected 'int', got 'str' - at '\$\[1\]'"
    ):
        decode_as(b'[1, "x"]', msgspec.json.Decoder(list[int]), "a list of numbers")


def test_shape_with_broken_json_is_refused_as_broken():
    with pytest.raises(MalformedRequestError, match=r"found ']' at byte 3"):
        decode_as(b"[1,]", msgspec.json.Decoder(list[int]), "a list of numbers")


@given(JSON.filter(lambda value: "\\ud" not in json.dumps(value)))
def test_lenient_json_decodes_as_the_standard_library_does(value):
    holds = json.dumps([value, "NaN", float("nan"), {'"NaN': "\\"}])
    assert decode_lenient_json(holds.encode()) == [value, "NaN", None, {'"NaN': "\\"}]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"[NaN, Infinity]", "has no NaN: found one at byte 1 "),
        (b"[Infinity]", "has no Infinity: found one at byte 1 "),
        (b"[NaNa]", "Expected JSON"),
        (b"[-NaN]", "Expected JSON"),
        (b'["NaN', "found the end of the body"),
        (b"", "found an empty one"),
    ],
)
def test_lenient_json_tells_the_first_fault_of_what_is_no_json_all_the_same(body, told):
    with pytest.raises(MalformedRequestError, match=told):
        decode_lenient_json(body)
