from __future__ import annotations

from millwright.deployment.violation import reason, violation_error
from millwright.models.check import Violation


def test_reason_names_column_expected_and_found():
    told = reason(Violation(3, "age", "a finite number", "the text 'x'"))
    assert told == "column 'age': expected a finite number, found the text 'x'"


def test_reason_names_no_column_when_the_row_is_no_row():
    assert reason(Violation(0, "", "an object", "a list")) == "expected an object, found a list"


def test_error_names_the_row_when_there_are_several():
    error = violation_error([Violation(1, "age", "a number", "null")], rows=2, columns=["age"])
    assert error.message == "Row 1, column 'age': expected a number, found null."
    assert error.http_status == 422


def test_error_names_no_row_when_there_is_one():
    error = violation_error([Violation(0, "age", "a number", "null")], rows=1, columns=["age"])
    assert error.message == "Column 'age': expected a number, found null."


def test_error_names_the_closest_column_when_one_is_unknown():
    error = violation_error([Violation(0, "aeg", "a column", "an unknown one")], rows=1, columns=["age", "height"])
    assert "Did you mean 'age'?" in error.hint


def test_error_counts_all_and_lists_twenty():
    violations = [Violation(number // 2, "age", "a number", "null") for number in range(60)]
    details = violation_error(violations, rows=30, columns=["age"]).details
    assert details["violation_count"] == 60
    assert details["row_count"] == 30
    assert len(details["violations"]) == len(details["rows"]) == 20
    assert details["violations"][3] == {"row": 1, "column": "age", "expected": "a number", "found": "null"}
