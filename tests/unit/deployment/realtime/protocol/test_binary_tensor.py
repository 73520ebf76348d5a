from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import MalformedRequestError
from millwright.deployment.realtime.protocol.binary_tensor import decode, encode

FLOATS = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@dataclass
class Sent:
    shape: list[int]
    datatype: str
    name: str = "x"
    data: list[Any] | None = None


@pytest.mark.parametrize(
    ("datatype", "raw", "values"),
    [
        ("UINT32", b"\1\0\0\0\0\1\0\0", [1, 256]),
        ("INT64", b"\xff" * 8, [-1]),
        ("FP16", b"\x00\x3c", [1.0]),
        ("FP32", b"\x00\x00\x80\x3f\x00\x00\xc0\x7f", [1.0, None]),
        ("BOOL", b"\0\1\2", [False, True, True]),
        ("BYTES", b"\1\0\0\0a\0\0\0\0\2\0\0\0\xc3\xa9", ["a", "", "\xe9"]),
    ],
)
def test_bytes_become_values(datatype, raw, values):
    found = decode(Sent([len(values)], datatype), raw)
    assert found == values
    assert [type(value) for value in found] == [type(value) for value in values]


@pytest.mark.parametrize(
    ("datatype", "raw", "told"),
    [
        ("FP32", b"123", "to hold 4 bytes, as its shape and datatype say, found 3"),
        ("FP32", b"\x00\x00\x80\x7f", "to hold finite numbers, found inf in element 0"),
        ("BYTES", b"\5\0\0\0a", "to hold 9 bytes, as the length of element 0 says, found 5"),
        ("BYTES", b"\1\0", "to hold 5 bytes"),
        ("BYTES", b"\1\0\0\0\xff", "to hold text in UTF-8, found other bytes in element 0"),
    ],
)
def test_wrong_bytes_are_refused(datatype, raw, told):
    with pytest.raises(MalformedRequestError, match="Expected the tensor 'x'") as caught:
        decode(Sent([1], datatype), raw)
    assert told in caught.value.message


@given(st.lists(FLOATS))
def test_floats_come_back(values):
    assert decode(Sent([len(values)], "FP64"), encode("FP64", values)) == values


@given(st.lists(st.text()))
def test_texts_come_back(values):
    assert decode(Sent([len(values)], "BYTES"), encode("BYTES", values)) == values


def test_integers_and_booleans_come_back():
    assert decode(Sent([2], "INT64"), encode("INT64", [-(2**63), 2**63 - 1])) == [-(2**63), 2**63 - 1]
    assert encode("BOOL", [True, False]) == b"\1\0"


@pytest.mark.parametrize("datatype", ["INT64", "BOOL", "BYTES"])
def test_null_has_no_form_but_in_floats(datatype):
    assert encode(datatype, [None]) is None
