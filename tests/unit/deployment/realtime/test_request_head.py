from __future__ import annotations

import pytest

from millwright.core.errors import UnsupportedMediaTypeError
from millwright.deployment.realtime.request_head import check_content_type, read_head
from millwright.deployment.realtime.route import JSON_TYPES


def test_head_holds_what_the_headers_say():
    head = read_head([(b"host", b"x"), (b"content-type", b"a/b"), (b"content-length", b"12"), (b"x-request-id", b"r")])
    assert head.encoding == b""
    assert read_head([(b"content-encoding", b"gzip")]).encoding == b"gzip"
    assert (head.content_type, head.length, head.request_id) == (b"a/b", 12, "r")


def test_absent_headers_are_empty():
    head = read_head([])
    assert (head.content_type, head.length, head.request_id) == (b"", 0, "")


def test_first_of_several_counts():
    assert read_head([(b"x-request-id", b"a"), (b"x-request-id", b"b")]).request_id == "a"


@pytest.mark.parametrize(("value", "length"), [(b"-1", 0), (b"x", 0), (b"", 0), (b"9" * 5_000, int("9" * 20))])
def test_length_is_a_number_whatever_is_sent(value, length):
    assert read_head([(b"content-length", value)]).length == length


@pytest.mark.parametrize("value", [b"a" * 129, b"a\tb", b"\xe4"])
def test_request_id_that_is_no_plain_text_is_left_out(value):
    assert read_head([(b"x-request-id", value)]).request_id == ""


@pytest.mark.parametrize("value", [b"", b"application/json", b"Application/JSON; charset=utf-8", b"application/x+json"])
def test_json_is_taken(value):
    check_content_type(value, JSON_TYPES)


def test_other_type_is_refused_with_what_to_send():
    with pytest.raises(UnsupportedMediaTypeError) as caught:
        check_content_type(b"text/csv; header=present", JSON_TYPES)
    assert caught.value.details == {"found": "text/csv", "takes": ["application/json", "text/json"]}
    assert "application/json" in caught.value.hint


def test_path_says_which_types_it_takes():
    check_content_type(b"text/csv; header=present", frozenset({b"text/csv"}))
    with pytest.raises(UnsupportedMediaTypeError, match=r"text/csv, found application/x\+json"):
        check_content_type(b"application/x+json", frozenset({b"text/csv"}))
