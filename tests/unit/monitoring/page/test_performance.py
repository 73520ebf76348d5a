from __future__ import annotations

from typing import Any

from millwright.monitoring.page.performance import slices_section


def part(value: str, current: float | None, *, lost: bool, gain: float | None = -0.1) -> dict[str, Any]:
    return {
        "column": "phase", "value": value, "labelled_rows": 40, "metric": "roc_auc", "current": current,
        "interval": [0.6, 0.8], "reference": 0.8, "gain": gain, "lost": lost,
    }  # fmt: skip


def test_lost_slices_come_first_and_unknown_ones_not_at_all():
    parts = [part("Design", 0.79, lost=False), part("Closeout", None, lost=False), part("Build", 0.6, lost=True)]
    found = slices_section({"slices": parts})
    assert found is not None
    assert [row[1] for row in found.tables[0].rows] == ["phase = Build", "phase = Design"]
    assert found.tables[0].rows[0][4] == "0.600 to 0.800"


def test_nothing_is_shown_without_slices():
    assert slices_section({}) is None
    assert slices_section({"slices": [part("Design", None, lost=False)]}) is None
