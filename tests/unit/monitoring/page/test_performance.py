from __future__ import annotations

from typing import Any

from millwright.monitoring.page.performance import past_section, slices_section


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


def test_metrics_stand_beside_those_of_earlier_checks():
    odd = {"value": 0.6, "usual": 0.8, "score": -9.0, "limit": 5.0, "checks": 24, "seasonal": False}
    limits = {**odd, "score": 0.5, "limit": 1.0, "low": 0.5, "high": 0.9, "seasonal": True}
    document = {
        "performance": {"metric": "roc_auc"},
        "past": {**odd, "low": None, "high": None},
        "past_metrics": {"accuracy": limits},
    }
    found = past_section(document)
    assert found is not None
    assert [(getattr(row[0], "text", None), *row[1:]) for row in found.tables[0].rows] == [
        ("odd", "ROC AUC", 0.6, 0.8, None, -9.0, 5.0, 24, "no"),
        ("as usual", "Accuracy", 0.6, 0.8, "0.500 to 0.900", 0.5, 1.0, 24, "yes"),
    ]
    assert past_section({"performance": None, "past": None, "past_metrics": {}}) is None
    assert past_section({}) is None


def test_nothing_is_shown_without_slices():
    assert slices_section({}) is None
    assert slices_section({"slices": [part("Design", None, lost=False)]}) is None
