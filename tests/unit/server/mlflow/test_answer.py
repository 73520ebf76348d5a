from __future__ import annotations

import math
from datetime import UTC, datetime

import msgspec
import pytest

from millwright.server.mlflow.answer import Answer, Wire, encode, millis, moment, number


class Shape(Wire):
    name: str
    tags: list[str] = msgspec.field(default_factory=list)
    note: str | None = None


def test_defaults_are_left_out_and_the_rest_is_sent():
    assert encode(Shape(name="")) == b'{"name":""}'
    assert encode(Shape(name="a", tags=["b"], note="")) == b'{"name":"a","tags":["b"],"note":""}'


def test_answer_takes_bytes_as_they_are_and_encodes_the_rest():
    assert Answer(b"x").body == b"x"
    assert Answer({"a": 1}).body == b'{"a":1}'


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (1.5, b"1.5"),
        (math.nan, b'"NaN"'),
        (math.inf, b"1.7976931348623157e308"),
        (-math.inf, b"-1.7976931348623157e308"),
    ],
)
def test_numbers_are_sent_as_clients_read_them(value, sent):
    assert encode(number(value)) == sent


def test_milliseconds_are_exact_in_both_directions():
    for value in (0, 1, 1_700_000_000_123, -1):
        assert millis(moment(value)) == value
    assert millis(datetime(1970, 1, 1, 0, 0, 1, 999, tzinfo=UTC)) == 1000
