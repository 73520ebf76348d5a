from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from millwright.core.ids import ReportId
from millwright.core.records.monitor import DriftRecord, MonitorReportRecord
from millwright.monitoring.page import distribution_figure
from millwright.monitoring.page.drift import drift_section

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
NUMBER = DriftRecord(
    column="days", kind="numeric", scores={"psi": 0.3, "kolmogorov_smirnov": 0.2}, p_value=0.001, statistic="psi",
    threshold=0.2, drifted=True, reference_rows=500, current_rows=300,
)  # fmt: skip
TENSOR = replace(NUMBER, column="photo", kind="tensor", scores={"mean_shift": 0.1, "mmd": 0.02}, statistic="mean_shift")


def report(*drift: DriftRecord) -> MonitorReportRecord:
    return MonitorReportRecord(
        id=ReportId("r"), endpoint="delay", model="delay", version=1, window_start=NOON, window_end=NOON,
        created_at=NOON, rows=300, labelled_rows=0, drift=drift, performance={}, reference_performance={},
    )  # fmt: skip


def test_every_distance_is_shown_of_columns_and_of_tensors():
    decided, columns, tensors = drift_section(report(TENSOR, NUMBER), {}).tables
    assert decided.headers[-1] == "p-value"
    assert columns.headers == ["Column", "PSI", "Kolmogorov-Smirnov"]
    assert columns.rows == [["days", 0.3, 0.2]]
    assert tensors.headers == ["Column", "Mean shift", "MMD"]
    assert tensors.rows == [["photo", 0.1, 0.02]]


def test_page_says_why_tensors_have_other_distances_and_why_one_is_missing():
    told = drift_section(report(TENSOR, NUMBER), {}).text
    assert any("PSI and the distances like it compare single values" in line for line in told)
    assert any("No classifier was asked about photo: it takes 200 rows on each side" in line for line in told)
    asked = replace(TENSOR, scores={**TENSOR.scores, "cosine": 0.2, "domain_auc": 0.7})
    section = drift_section(report(asked), {})
    assert not any("No classifier was asked" in line for line in section.text)
    assert section.tables[-1].headers == ["Column", "Mean shift", "MMD", "Cosine", "Domain AUC"]
    assert not any("tensors" in line for line in drift_section(report(NUMBER), {}).text)


def test_test_of_missing_values_has_a_column_where_some_are_missing():
    section = drift_section(report(replace(NUMBER, missing_p_value=0.04), TENSOR), {})
    assert section.tables[0].headers[-2:] == ["p-value", "p of missing"]
    assert [row[-2:] for row in section.tables[0].rows] == [[0.001, 0.04], [0.001, None]]
    assert any("Bonferroni" in line for line in section.text)


def test_distribution_leaves_out_cells_that_are_empty_on_both_sides():
    drawn = distribution_figure(
        {
            "column": "<b>phase",
            "statistic": "jensen_shannon",
            "scores": {"jensen_shannon": 0.5},
            "threshold": 0.1,
            "cells": {"labels": ["a", "b", "<new>"], "reference": [1, 3, 0], "current": [2, 0, 0]},
        }
    )
    assert list(drawn.data[0].x) == pytest.approx([0.25, 0.75])
    assert list(drawn.data[1].x) == [1.0, 0.0]
    assert "<b>phase" not in drawn.layout.title.text.replace("<b>", "", 1)
