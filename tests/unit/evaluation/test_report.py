from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.evaluation.report import Confusion, Curve, EvaluationReport, Importance, SliceResult
from millwright.models.task import Task

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
METRICS = st.dictionaries(st.text(max_size=8), NUMBERS, max_size=3)
LABELS = st.one_of(st.text(max_size=5), st.integers(-9, 9), st.booleans())
CURVES = st.builds(
    Curve,
    label=st.text(max_size=5),
    x=st.lists(NUMBERS, max_size=3).map(tuple),
    y=st.lists(NUMBERS, max_size=3).map(tuple),
    weight=st.lists(st.integers(0, 99), max_size=3).map(tuple),
)
REPORTS = st.builds(
    EvaluationReport,
    task=st.sampled_from(list(Task)),
    rows=st.integers(1, 10**6),
    target=st.text(max_size=9),
    metrics=METRICS,
    positive=st.text(max_size=3),
    intervals=st.dictionaries(st.text(max_size=8), st.tuples(NUMBERS, NUMBERS), max_size=2),
    baseline=METRICS,
    confusion=st.none()
    | st.builds(
        Confusion,
        labels=st.lists(LABELS, max_size=2).map(tuple),
        matrix=st.lists(st.lists(st.integers(0, 9), max_size=2).map(tuple), max_size=2).map(tuple),
    ),
    classification_report=st.dictionaries(st.text(max_size=3), METRICS, max_size=2),
    slices=st.lists(
        st.builds(
            SliceResult, column=st.text(max_size=3), value=st.text(max_size=3), rows=st.integers(1, 9), metrics=METRICS
        ),
        max_size=2,
    ).map(tuple),
    importances=st.lists(st.builds(Importance, column=st.text(max_size=3), mean=NUMBERS, std=NUMBERS), max_size=2).map(
        tuple
    ),
    importance_metric=st.text(max_size=3),
    curves=st.dictionaries(st.text(max_size=3), st.lists(CURVES, max_size=2).map(tuple), max_size=2),
    notes=st.lists(st.text(max_size=9), max_size=2).map(tuple),
)


@given(REPORTS)
def test_report_survives_json(report: EvaluationReport):
    data = report.to_json()

    assert EvaluationReport.from_json(data) == report
    assert json.loads(data)["target"] == report.target


def test_equal_reports_give_equal_bytes_whatever_the_order_of_their_metrics():
    first, second = (
        EvaluationReport(task=Task.BINARY, rows=1, target="y", metrics=metrics)
        for metrics in ({"a": 1.0, "b": 2.0}, {"b": 2.0, "a": 1.0})
    )

    assert first.to_json() == second.to_json()


@pytest.mark.parametrize("data", [b"", b"[]", b'{"task": "binary"}', b'{"task": "other", "rows": 1}'])
def test_report_refuses_other_json(data: bytes):
    with pytest.raises(InvalidInputError, match="Expected an evaluation report"):
        EvaluationReport.from_json(data)
