from __future__ import annotations

from millwright.monitoring.statistics.cut import Cut, cell_labels


def test_one_cell_holds_everything_when_there_are_no_borders():
    assert cell_labels([]) == ["<any value>"]


def test_value_on_a_border_lies_on_its_closed_side():
    assert cell_labels([Cut(1.0, closed=True), Cut(2.5, closed=False), Cut(4.0, closed=True)]) == [
        "≤ 1",
        "(1, 2.5)",
        "[2.5, 4]",
        "> 4",
    ]


def test_two_borders_at_one_number_leave_a_cell_for_it_alone():
    assert cell_labels([Cut(3.0, closed=False), Cut(3.0, closed=True)]) == ["< 3", "= 3", "> 3"]


def test_zero_is_shown_without_a_sign_and_long_numbers_are_rounded():
    assert cell_labels([Cut(-0.0, closed=True), Cut(1_234_567.8, closed=True)]) == [
        "≤ 0",
        "(0, 1.23457e+06]",
        "> 1.23457e+06",
    ]
