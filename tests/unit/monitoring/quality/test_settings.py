from __future__ import annotations

from millwright.monitoring.quality import QualitySettings
from millwright.monitoring.quality.volume import Volume


def test_checks_are_those_that_are_not_left_out():
    every = [check.kind for check in QualitySettings().checks()]
    assert len(every) == len(set(every)) == 7
    few = QualitySettings(volume=Volume(min_per_hour=3), types=None, freshness=None)
    assert [check.kind for check in few.checks()] == [
        kind for kind in every if kind not in ("type_change", "freshness")
    ]
