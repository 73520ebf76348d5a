from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import MalformedRequestError
from millwright.deployment.realtime.protocol.table_body import read_csv, read_json_lines, write_csv, write_json_lines
from millwright.models.column import ColumnType, SignatureColumn

ROW = {"days": 12.5, "crews": 3, "permit": True, "borough": "Queens", "start": "2026-01-31", "note": "roof first"}
LINE = b"12.5,3,true,Queens,2026-01-31,roof first"
HEADER = b"days,crews,permit,borough,start,note"


@pytest.mark.parametrize(
    "body",
    [
        LINE,
        LINE + b"\r\n",
        b"\xef\xbb\xbf" + HEADER + b"\n" + LINE,
        HEADER + b"\n\n" + LINE + b"\n\n",
        b'note,start,borough,permit,crews,days\n"roof first",2026-01-31,Queens,TRUE,3,12.5',
    ],
)
def test_row_is_read_with_or_without_a_header(signature, body):
    assert read_csv(body, signature.inputs) == [ROW]


def test_header_may_leave_out_what_is_not_required(signature):
    assert read_csv(b"borough,crews,days\nx,1,2", signature.inputs) == [{"borough": "x", "crews": 1, "days": 2.0}]


def test_header_with_an_unknown_column_is_a_header(signature):
    assert read_csv(b"id,borough,crews,days\n7,x,1,2", signature.inputs)[0]["id"] == "7"


def test_header_where_no_column_is_required_holds_names_only():
    columns = [SignatureColumn(name=name, type=ColumnType.CATEGORY, required=False) for name in ("a", "b")]
    assert read_csv(b"b\nx", columns) == [{"b": "x"}]
    assert read_csv(b"a,x", columns) == [{"a": "a", "b": "x"}]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (b"", None),
        (b"nan", None),
        (b"NaN", None),
        (b"1e3", 1000.0),
        (b"x", "x"),
        (b"1_0", "1_0"),
        (b"-inf", "-inf"),
    ],
)
def test_number_is_read(field, value):
    assert read_csv(b"1," + field, columns(ColumnType.NUMBER))[0]["b"] == value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (b"", None),
        (b"-3", -3),
        (b"3.0", 3.0),
        (b"3.5", 3.5),
        (b"1_0", "1_0"),
        pytest.param(b"9" * 5_000, "9" * 5_000, id="long"),
    ],
)
def test_integer_is_read(field, value):
    assert read_csv(b"1," + field, columns(ColumnType.INTEGER))[0]["b"] == value


@pytest.mark.parametrize(("field", "value"), [(b"", None), (b"True", True), (b" false", False), (b"1", "1")])
def test_boolean_is_read(field, value):
    assert read_csv(b"1," + field, columns(ColumnType.BOOLEAN))[0]["b"] is value or value == "1"


def columns(kind: ColumnType) -> list[SignatureColumn]:
    return [SignatureColumn(name="a", type=ColumnType.NUMBER), SignatureColumn(name="b", type=kind)]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"1,2", "Expected 6 fields in each line, one per column of the model, found 2 in row 0."),
        (HEADER + b"\n" + LINE + b"\n1,2", "Expected 6 fields in each line, as in the header, found 2 in row 1."),
        (b"days,crew,borough\n1,2,x", "Expected a header that names all columns, or none: 'crews' is missing."),
        (b"days,days,crews,borough\n1,1,2,x", "Expected each column once in the header, found 'days' twice."),
        (b'"a"b,c\n', "Expected CSV, found something else in line 1"),
        (b'"never closed', "Expected CSV, found something else in line 1"),
        pytest.param(
            b"x" * 200_000, "Expected CSV, found something else in line 1: field larger than field limit", id="long"
        ),
        (b"a,\xff", "Expected CSV in UTF-8, found another byte at byte 2."),
    ],
)
def test_wrong_table_is_refused_with_what_was_expected(signature, body, told):
    with pytest.raises(MalformedRequestError) as caught:
        read_csv(body, signature.inputs)
    assert told in caught.value.message


def test_mistake_in_a_header_is_told_with_what_was_meant(signature):
    with pytest.raises(MalformedRequestError) as caught:
        read_csv(b"days,crew,borough\n1,2,x", signature.inputs)
    assert caught.value.hint == "Did you mean 'crew'?"
    assert caught.value.details == {"missing": ["crews"], "unknown": ["crew"]}


@pytest.mark.parametrize("body", [b"", b"\n\n", b"\xef\xbb\xbf", HEADER])
def test_table_without_lines_is_no_rows(signature, body):
    assert read_csv(body, signature.inputs) == []


@given(body=st.binary(max_size=60) | st.text(alphabet=' ,"\n\r1ab\x00', max_size=40).map(str.encode))
def test_any_body_is_rows_or_refused(signature, body):
    try:
        rows = read_csv(body, signature.inputs)
    except MalformedRequestError:
        return
    assert all(len(row) == len(rows[0]) for row in rows)


def test_lines_of_json_are_read_as_objects_lists_or_features():
    body = b'{"a": 1, "b": 2}\n\n[1, 2]\n{"features": [1, 2]}\n'
    assert read_json_lines(body, ("a", "b")) == [{"a": 1, "b": 2}] * 3


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"[1, 2]\n\n[1,\n[1, 2]", "Line 3: Expected JSON, found the end of the body"),
        (b"[NaN, 2]", "Line 1: Expected JSON, which has no NaN"),
        (b"[1, 2]\n[1]", "found 1 in row 1"),
        (b"\xff", "Line 1: Expected JSON"),
    ],
)
def test_wrong_line_of_json_is_told(body, told):
    with pytest.raises(MalformedRequestError) as caught:
        read_json_lines(body, ("a", "b"))
    assert told in caught.value.message


def test_predictions_are_written_without_a_header():
    rows = [{"a": True, "b": 0.25, "c": 'x,"y"'}, {"a": False, "b": None, "c": "z"}]
    assert write_csv(rows, ("c", "a", "b")) == b'"x,""y""",true,0.25\nz,false,\n'
    assert write_json_lines([1, {"a": None}]) == b'1\n{"a":null}\n'
