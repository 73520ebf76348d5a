from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from millwright.core.ids import PipelineRunId
from millwright.pipelines.runner.freshness import age_s, duration_text, is_fresh
from millwright.testing import sample

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(("ttl_s", "fresh"), [(None, True), (59.0, False), (60.0, True), (61.0, True), (0.5, False)])
def test_result_counts_until_it_is_older_than_allowed(ttl_s: float | None, fresh: bool) -> None:
    record = sample.step_run(
        PipelineRunId("1" * 32), started_at=NOW - timedelta(seconds=90), ended_at=NOW - timedelta(seconds=60)
    )
    assert is_fresh(record, ttl_s, NOW) is fresh


def test_age_without_an_end_is_counted_from_the_start() -> None:
    record = sample.step_run(PipelineRunId("1" * 32), started_at=NOW - timedelta(seconds=90), ended_at=None)
    assert age_s(record, NOW) == 90


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.25, "0.25 s"),
        (90, "90 s"),
        (600, "10 min"),
        (5_400, "90 min"),
        (7_200, "2 h"),
        (129_600, "36 h"),
        (259_200, "3 d"),
    ],
)
def test_duration_is_told_in_one_unit(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
