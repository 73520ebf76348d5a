from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from millwright.evaluation.gates.slice_floor import SliceFloor


def test_slice_floor_fires_for_the_worst_slice_below_the_floor(make_subject: Any):
    result = SliceFloor(metric="accuracy", min=0.75).evaluate(make_subject())

    assert not result.passed
    assert (result.value, result.limit) == (0.7, 0.75)
    assert result.reason == (
        "The worst of 2 slices is borough = Y (150 rows) with Accuracy 0.700; at least 0.750 is asked for."
    )


def test_slice_floor_names_every_slice_below_the_floor(make_subject: Any):
    result = SliceFloor(metric="accuracy", min=0.75, min_rows=10).evaluate(make_subject())

    assert result.details["failing"] == ["borough = Y", "phase = Design"]
    assert result.reason.endswith("Also outside: borough = Y.")


def test_slice_floor_fires_for_a_loss_above_its_limit(make_subject: Any):
    result = SliceFloor(metric="brier", max=0.15).evaluate(make_subject())

    assert not result.passed
    assert result.value == 0.2


def test_slice_floor_stays_silent_when_every_large_slice_reaches_it(make_subject: Any):
    assert SliceFloor(metric="accuracy", min=0.7).evaluate(make_subject()).passed


def test_slice_floor_judges_only_the_columns_asked_for(make_subject: Any):
    result = SliceFloor(metric="accuracy", min=0.9, columns=("phase",), min_rows=10).evaluate(make_subject())

    assert result.value == 0.4


def test_slice_floor_is_not_applicable_when_no_slice_is_large_enough(make_subject: Any):
    result = SliceFloor(metric="accuracy", min=0.9, columns=("phase",)).evaluate(make_subject())

    assert result.passed
    assert not result.applicable
    assert "No slice with at least 50 rows" in result.reason


def test_slice_floor_fires_when_the_report_has_no_slices_of_a_column(make_subject: Any, report: Any):
    gate = SliceFloor(metric="accuracy", min=0.5, columns=("type",))

    assert "no slices of type (only of borough, phase)" in gate.evaluate(make_subject()).reason
    assert not gate.evaluate(make_subject(report=replace(report, slices=()))).passed


@pytest.mark.parametrize("settings", [{}, {"min": 0.1, "max": 0.2}, {"min": 0.1, "min_rows": 0}])
def test_slice_floor_refuses_settings_that_make_no_sense(settings: dict[str, Any]):
    with pytest.raises(ValueError, match="expected"):
        SliceFloor(metric="accuracy", **settings)
