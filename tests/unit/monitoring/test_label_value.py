from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.label_value import ExpectedLabel

X = pl.DataFrame({"x": [1.0, 2.0, 3.0]})


def expected(values: list, task: Task = Task.BINARY) -> ExpectedLabel:
    return ExpectedLabel(Signature.infer(X, pl.Series("y", values), task))


@pytest.mark.parametrize("value", [1, 1.0, "1", " 1 ", "1.0", True, "true"])
def test_label_is_the_number_that_stands_for_the_class(value: object):
    assert expected([0, 1, 1]).read(value, row=1) == 1


@pytest.mark.parametrize("value", [True, "True", "true", "1", 1])
def test_label_is_the_boolean_that_stands_for_the_class(value: object):
    assert expected([False, True, True]).read(value, row=1) is True


@pytest.mark.parametrize("value", ["late", "Late", " LATE "])
def test_label_is_text_whatever_its_case(value: object):
    assert expected(["late", "ok", "ok"]).read(value, row=1) == "late"


def test_label_keeps_to_its_case_when_classes_differ_in_it():
    label = expected(["a", "A", "b"], Task.MULTICLASS)
    assert label.read("A", row=1) == "A"
    with pytest.raises(InvalidInputError, match="expected one of"):
        label.read("B", row=1)


@pytest.mark.parametrize("value", [2, "2", "maybe", 0.5, "nan"])
def test_label_names_row_expected_and_found_when_it_is_no_class(value: object):
    with pytest.raises(InvalidInputError, match=r"Row 7: expected one of the model's classes \(0, 1\)") as caught:
        expected([0, 1, 1]).read(value, row=7)
    assert repr(value) in caught.value.message


def test_label_is_a_number_in_regression():
    label = expected([1.0, 2.0, 3.0], Task.REGRESSION)
    assert label.read("2.5", row=1) == 2.5
    assert label.read(3, row=1) == 3.0


@pytest.mark.parametrize("value", ["x", "nan", float("inf"), True, [1]])
def test_label_must_be_finite_in_regression(value: object):
    with pytest.raises(InvalidInputError, match="Row 2: expected a finite number"):
        expected([1.0, 2.0, 3.0], Task.REGRESSION).read(value, row=2)
