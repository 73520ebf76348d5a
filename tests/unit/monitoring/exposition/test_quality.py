from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from millwright.monitoring.document import json_values
from millwright.monitoring.exposition import quality
from millwright.monitoring.exposition.fact import ReportFacts
from millwright.monitoring.quality import QualitySubject
from millwright.monitoring.quality.volume import Volume
from millwright.monitoring.window import WindowRows

BEGUN = datetime(2026, 1, 15, 12, tzinfo=UTC)


def test_findings_are_counted_by_check_also_where_there_are_none(told: Any):
    found = {
        labels[0]: value for (metric, labels), value in told(quality.QUALITY).items() if metric is quality.FINDINGS
    }
    assert found == {
        "type_change": 1.0, "out_of_range": 0.0, "new_categories": 1.0, "schema_change": 1.0, "duplicates": 0.0,
        "volume": 0.0, "freshness": 1.0,
    }  # fmt: skip


def test_columns_are_told_with_the_share_of_what_is_wrong(told: Any):
    found = told(quality.QUALITY)
    assert found[quality.NEW_CATEGORY, ("phase",)] == 60 / 480  # of the present ones
    assert found[quality.NEW_CATEGORY_EXPECTED, ("phase",)] == 0.0
    assert found[quality.TYPE_CHANGE, ("days", "type")] >= 0.25
    assert found[quality.OUT_OF_RANGE, ("days", "below")] == 0.0
    assert found[quality.RANGE_LIMIT, ("days", "below")] < found[quality.RANGE_LIMIT, ("days", "above")]
    assert found[quality.SCHEMA_CHANGES, ("appeared",)] == 1.0  # `colour`
    assert found[quality.SCHEMA_CHANGES, ("vanished",)] == 0.0


def test_rows_and_keys_that_repeat_are_told_apart(told: Any):
    found = told(quality.QUALITY)
    assert found[quality.DUPLICATE, ("keys",)] == pytest.approx(2 / 3)
    assert (found[quality.DUPLICATE, ("rows",)], found[quality.DUPLICATE_REFERENCE, ("rows",)]) == (0.0, 0.0)
    assert (quality.DUPLICATE_REFERENCE, ("keys",)) not in found


def test_volume_is_told_by_the_second(told: Any):
    found = told(quality.QUALITY)
    assert found[quality.VOLUME, ()] == pytest.approx(300 / 3600)  # 600 rows in two whole hours
    assert found[quality.VOLUME_LOW, ()] == pytest.approx(0.01)
    assert found[quality.VOLUME_HIGH, ()] is None


def test_freshness_is_told_as_moments(told: Any):
    found = told(quality.QUALITY)
    assert found[quality.NEWEST, ("row",)] == pytest.approx(BEGUN.timestamp() + 0.599)
    assert found[quality.NEWEST, ("label",)] == pytest.approx(BEGUN.timestamp())
    assert (found[quality.AGE_LIMIT, ("row",)], found[quality.AGE_LIMIT, ("label",)]) == (3600.0, None)


def test_hours_that_are_unlike_those_of_earlier_weeks_are_counted(told: Any, facts: Any, model: Any):
    times = [BEGUN + timedelta(hours=hour, minutes=minute) for hour in range(3) for minute in range(40)]
    rows = WindowRows(
        rows=pl.DataFrame({"at": times}), features=pl.DataFrame(), outputs=pl.DataFrame(), model="delay", version=1,
        start=BEGUN, end=BEGUN + timedelta(hours=3), left_out={},
    )  # fmt: skip
    earlier = {
        BEGUN + timedelta(hours=hour) - timedelta(weeks=week): 40 if hour else 400
        for hour in range(3)
        for week in range(1, 5)
    }
    subject = QualitySubject(
        rows=rows, inputs=pl.DataFrame(), reference=pl.DataFrame(), signature=model.signature,
        now=BEGUN + timedelta(hours=3), hours=earlier,
    )  # fmt: skip
    measures = [asdict(each) for each in Volume(unusual_hours=1).measure(subject)]
    document = {"quality": json_values([{"check": "volume", "judged": True, "measures": measures}])}
    found = told(quality.QUALITY, ReportFacts(record=facts.record, document=document))
    assert found[quality.UNUSUAL_HOURS, ()] == 1.0
    assert found[quality.FINDINGS, ("volume",)] == 1.0


def test_check_that_could_not_judge_has_no_count(told: Any, facts: Any):
    document = {"quality": [{"check": "volume", "judged": False, "measures": []}]}
    assert told(quality.QUALITY, ReportFacts(record=facts.record, document=document)) == {}
