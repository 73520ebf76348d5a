from __future__ import annotations

from typing import Any

import pytest

from millwright.monitoring.finding import AlertKind
from millwright.monitoring.quality import QualitySettings, check_quality


@pytest.mark.parametrize("size", [50, 1000])
def test_checks_find_nothing_in_50_windows_that_are_like_the_reference(rows: Any, subject: Any, size: int):
    reference = rows(2000, seed=1)
    broken = [
        (seed, measure.message)
        for seed in range(100, 150)
        for result in check_quality(subject(rows(size, seed=seed), reference=reference), QualitySettings(), min_rows=50)
        for measure in result.broken
    ]
    assert broken == []


def test_checks_of_shares_judge_nothing_on_too_few_rows(rows: Any, subject: Any):
    found = check_quality(subject(rows(10).drop("phase")), QualitySettings(), min_rows=50)
    assert not any(result.judged for result in found)
    assert any(measure.broken for result in found for measure in result.measures)
    assert not any(result.broken for result in found)


def test_checks_that_are_left_out_are_not_run(rows: Any, subject: Any):
    found = check_quality(subject(rows(60)), QualitySettings(duplicates=None, schema=None), min_rows=50)
    kinds = {result.kind for result in found}
    assert AlertKind.TYPE_CHANGE in kinds
    assert not kinds & {AlertKind.DUPLICATES, AlertKind.SCHEMA_CHANGE}
