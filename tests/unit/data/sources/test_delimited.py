from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.data.sources.delimited import SEPARATORS, find_separator, read_delimited

VALUES = st.text(alphabet=st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=6)


def rows(text: str, separator: str = ",") -> list[tuple[str | None, ...]]:
    return read_delimited(text.encode(), separator, "x.csv").rows()


def test_values_stay_the_text_that_they_are() -> None:
    frame = read_delimited(b"id,n,d\n007, 1.50 ,01/02/2024\n,NA,\n", ",", "x.csv")
    assert frame.schema == {"id": pl.String, "n": pl.String, "d": pl.String}
    assert frame.rows() == [("007", " 1.50 ", "01/02/2024"), (None, "NA", None)]


def test_quoted_fields_hold_separators_quotes_and_line_breaks() -> None:
    assert rows('a,b\n"x, y","1\n2"\n"say ""hi""",3\n') == [("x, y", "1\n2"), ('say "hi"', "3")]


def test_quotes_inside_plain_fields_are_kept() -> None:
    assert rows('a,b\n5" pipe,2\n6" pipe,3\n"x"y,4\n') == [('5" pipe', "2"), ('6" pipe', "3"), ("xy", "4")]


def test_blanks_before_a_quote_are_forgiven() -> None:
    assert rows('a, b\n1, "x, y"\n') == [("1", "x, y")]


def test_blank_lines_are_no_rows() -> None:
    assert rows("\n\na,b\n1,2\n\n3,4\n\n\n") == [("1", "2"), ("3", "4")]
    assert rows("a\n1\n\n2\n") == [("1",), ("2",)]


def test_line_of_empty_fields_is_a_row() -> None:
    assert rows("a,b\n,\n1,2\n") == [(None, None), ("1", "2")]


def test_header_that_repeats_or_spans_lines_is_cleaned() -> None:
    assert read_delimited(b'"a\nx",b ,,B\n1,2,3,4\n', ",", "x.csv").columns == ["a x", "b", "column_3", "B_2"]


@pytest.mark.parametrize("quoted", ["x", '"x"'])
@pytest.mark.parametrize(("line", "count"), [("1", 1), ("1,2,3,4", 4)])
def test_line_with_other_fields_is_named(quoted: str, line: str, count: int) -> None:
    with pytest.raises(InvalidInputError, match=f"Expected 3 fields .* line 4 has {count}") as caught:
        rows(f'a,b,{quoted}\n1,2,"3\n4"\n{line}\n5,6,7\n')
    assert caught.value.details["lines"] == [4]


def test_many_lines_with_other_fields_are_counted() -> None:
    with pytest.raises(InvalidInputError, match="and 3 more lines differ"):
        rows("a,b\n" + "1\n" * 8)


def test_quote_that_is_never_closed_is_an_error() -> None:
    with pytest.raises(InvalidInputError, match="from line 3 on"):
        rows('a,b\n1,2\n"3,4\n5,6\n')
    with pytest.raises(InvalidInputError, match="from line 2 on"):
        rows('a,b\n"3,4\n' + "5,6\n" * 50_000)


def test_header_without_rows_is_an_error() -> None:
    with pytest.raises(InvalidInputError, match="a header and nothing below it"):
        rows("a,b\n")
    with pytest.raises(InvalidInputError, match="only blank lines"):
        rows("\n\n")


@pytest.mark.parametrize("separator", SEPARATORS)
def test_separator_is_found(separator: str) -> None:
    lines = [["a", "b", "c"], ["1", "x y", "3"], ["4", "5", "6"]]
    assert find_separator("\n".join(separator.join(line) for line in lines).encode()) == separator


def test_separator_is_not_the_decimal_comma() -> None:
    assert find_separator(b"a;b\n1,5;2,5\n3,5;4,5\n") == ";"


def test_separator_is_none_for_a_single_column() -> None:
    assert find_separator(b"a\n1\n2\n") is None


@given(st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=6), st.sampled_from(SEPARATORS))
def test_values_come_back_as_they_were_written(table: list[tuple[str, str, str]], separator: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b", "c"), *table])
    assert [tuple(v or "" for v in row) for row in rows(text.getvalue(), separator)] == table


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=6))
def test_unusual_quotes_give_the_records_of_the_standard_reader(table: list[tuple[str, str]]) -> None:
    text = "a,b\n" + "".join(f"{a},{b}\n" for a, b in table)
    expected = [record for record in csv.reader(io.StringIO(text, newline="")) if record]
    try:
        found = rows(text)
    except InvalidInputError:
        unclosed = list(csv.reader(io.StringIO(f"{text}\n!", newline="")))[-1] != ["!"]
        assert unclosed or any(len(record) != 2 for record in expected)
    else:
        if all(len(record) == 2 for record in expected):
            assert [[v or "" for v in row] for row in found] == expected[1:]


@pytest.mark.parametrize(
    "text", ['a,b\n1,"open\n2,3\n', 'a,b\n1,"open\n2,3', 'a,b\n1,2\n3,"x\n4,5\n', 'a,b\n1,2\n3,"x\n4,5']
)
def test_a_quote_that_is_never_closed_swallows_no_rows(text: str) -> None:
    with pytest.raises(InvalidInputError, match="every quote in t"):
        read_delimited(text.encode(), ",", "t.csv")


def test_a_single_quote_inside_a_value_is_kept() -> None:
    frame = read_delimited(b'size,n\n5" pipe,1\n6 pipe,2', ",", "t.csv")
    assert frame.rows() == [('5" pipe', "1"), ("6 pipe", "2")]
