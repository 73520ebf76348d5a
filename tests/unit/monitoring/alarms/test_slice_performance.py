from __future__ import annotations

from typing import Any

from millwright.monitoring.alarms import find_alarms
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.settings import MonitorSettings
from millwright.monitoring.slice_performance import SlicePerformance


def part(value: str, current: float, *, lost: bool) -> SlicePerformance:
    return SlicePerformance(
        column="phase", value=value, rows=200, labelled_rows=100, metric="roc_auc", current=current, reference=0.85,
        gain=current - 0.85, p_value=0.0001, limit=0.05, lost=lost,
    )  # fmt: skip


def test_slice_performance_names_the_worst_slice(comparison: Any):
    slices = (part("Design", 0.7, lost=True), part("Closeout", 0.5, lost=True), part("Other", 0.84, lost=False))
    (found,) = find_alarms(comparison(slices=slices), MonitorSettings())
    assert found.kind is AlertKind.SLICE_PERFORMANCE
    assert found.message == (
        "Where phase is Closeout, roc_auc is 0.5 on 100 labelled rows; at evaluation it was 0.85. "
        "Lost as well: phase = Design."
    )
    assert (found.evidence["column"], found.evidence["expected"], found.evidence["found"]) == ("phase", 0.85, 0.5)
    assert found.evidence["slices"][0]["coverage"] == 0.5


def test_slice_performance_is_no_news_while_all_is_lost(comparison: Any, lost: Any):
    slices = (part("Design", 0.5, lost=True),)
    found = find_alarms(comparison(slices=slices, performance=lost), MonitorSettings())
    assert [finding.kind for finding in found] == [AlertKind.PERFORMANCE]


def test_slice_performance_is_silent_when_slices_hold(comparison: Any):
    assert find_alarms(comparison(slices=(part("Design", 0.84, lost=False),)), MonitorSettings()) == []
