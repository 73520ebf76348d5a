from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from millwright.cli.table import ColumnShape, column_shape, fitted_widths

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
SHAPES = st.lists(
    st.integers(0, 120).flatmap(
        lambda longest: st.builds(ColumnShape, st.just(longest), st.integers(0, longest), st.booleans())
    ),
    max_size=8,
)


def test_column_is_measured_by_its_longest_line_and_word():
    shape = column_shape("why", ["one two\nthree", "-"], ["one two\nthree", None], first=False)
    assert shape == ColumnShape(longest=7, word=5, whole=False)


def test_heading_counts():
    assert column_shape("main metric", ["1"], ["1"], first=False) == ColumnShape(11, 6, whole=False)


def test_first_column_numbers_and_times_stay_whole():
    assert column_shape("run", ["a b"], ["a b"], first=True).whole
    assert column_shape("rows", ["1"], [1], first=False).whole
    assert column_shape("at", ["2026-01-02 12:00"], [NOON], first=False).whole
    assert not column_shape("none", ["-"], [None], first=False).whole
    assert not column_shape("text", ["a"], ["a"], first=False).whole


def test_table_that_fits_is_as_wide_as_its_cells():
    assert fitted_widths([ColumnShape(10, 5, whole=True), ColumnShape(40, 8, whole=False)], 50) == [10, 40]


def test_longest_text_gives_way_first():
    shapes = [ColumnShape(16, 16, whole=True), ColumnShape(20, 8, whole=False), ColumnShape(90, 9, whole=False)]
    assert fitted_widths(shapes, 80) == [16, 20, 44]


def test_times_are_broken_before_words_are_cut():
    shapes = [ColumnShape(16, 16, whole=True), ColumnShape(19, 10, whole=True), ColumnShape(40, 20, whole=False)]
    assert fitted_widths(shapes, 50) == [16, 14, 20]


def test_words_are_cut_before_those_of_the_first_column():
    shapes = [ColumnShape(30, 30, whole=True), ColumnShape(40, 40, whole=False)]
    assert fitted_widths(shapes, 45) == [30, 15]
    assert fitted_widths(shapes, 30) == [22, 8]


@given(SHAPES, st.integers(1, 200))
def test_widths_fit_or_nothing_can_give_way(shapes, room):
    widths = fitted_widths(shapes, room)
    assert all(width <= shape.longest for width, shape in zip(widths, shapes, strict=True))
    if sum(widths) > room:
        assert widths == [min(shape.word, 8) for shape in shapes]
