from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from millwright.automation.limits.cost import MeasuredCost
from millwright.automation.limits.gain import Gain, expected_gain
from millwright.automation.limits.limits import Worth
from millwright.core.ids import ReportId
from millwright.core.records.monitor import MonitorReportRecord

START = datetime(2026, 1, 15, tzinfo=UTC)
COST = MeasuredCost(median=40.0, runs=3)


def report(*, days: float = 2.0, now: dict[str, float] | None = None) -> MonitorReportRecord:
    return MonitorReportRecord(
        id=ReportId("r"), endpoint="delay", model="delay", version=1, window_start=START,
        window_end=START + timedelta(days=days), created_at=START, rows=1000, labelled_rows=0, drift=(),
        performance=now or {}, reference_performance={"rmse": 2.0} if now else {},
    )  # fmt: skip


def account(
    found: MonitorReportRecord, document: dict[str, Any], worth: Worth, evaluated: dict[str, float] | None = None
) -> Gain | None:
    return expected_gain(found, document, worth, COST, evaluated=evaluated or {}, currency="EUR")


def test_gain_of_a_measured_loss_is_the_stated_product() -> None:
    worth = Worth(per_unit=0.1, metric="rmse", horizon_days=4, recovered=0.5)
    gain = account(report(now={"rmse": 2.6}), {}, worth)
    assert gain is not None
    # (2.6 - 2.0) * 0.5 * 500 rows a day * 0.1 * 4 days
    assert gain.value == pytest.approx(60.0)
    assert (gain.loss, gain.measured, gain.rows_per_day) == (pytest.approx(0.6), True, 500)
    assert gain.pays
    assert gain.text == (
        "Expected gain 60 EUR: rmse is 0.6 worse than the reference (measured on labels) * 0.5 won back * "
        "500 rows a day * 0.1 EUR * 4 days; expected cost 40 EUR: the median of 3 measured runs."
    )


def test_short_window_is_not_extrapolated_to_a_day() -> None:
    gain = account(report(days=0.01, now={"rmse": 2.6}), {}, Worth(per_unit=0.1, metric="rmse"))
    assert gain is not None
    assert gain.rows_per_day == 1000


def test_estimated_loss_counts_where_labels_are_missing() -> None:
    document = {"performance": None, "estimated": {"metrics": {"roc_auc": 0.7, "accuracy": 0.8}}}
    gain = account(report(), document, Worth(per_unit=0.01), {"roc_auc": 0.9})
    assert gain is not None
    assert (gain.metric, gain.loss, gain.measured) == ("roc_auc", pytest.approx(0.2), False)
    assert gain.value == pytest.approx(0.2 * 500 * 0.01 * 7)
    assert not gain.pays


def test_model_that_became_better_has_nothing_to_win_back() -> None:
    gain = account(report(now={"rmse": 1.5}), {"performance": {"metric": "rmse"}}, Worth(per_unit=1))
    assert gain is not None
    assert (gain.loss, gain.value, gain.pays) == (-0.5, 0.0, False)
    assert gain.text == (
        "Expected gain 0 EUR: rmse is 0.5 better than the reference (measured on labels), and nothing is to be won "
        "back; expected cost 40 EUR: the median of 3 measured runs."
    )


@pytest.mark.parametrize("metric", ["", "rmse", "nothing"])
def test_without_labels_and_estimate_there_is_no_account(metric: str) -> None:
    assert account(report(), {"performance": None, "estimated": None}, Worth(per_unit=1, metric=metric)) is None
