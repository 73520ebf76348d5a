from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.cli.console import Output
from millwright.cli.monitor_insight import print_insights

if TYPE_CHECKING:
    import pytest

DOCUMENT: dict[str, Any] = {
    "anomalies": {
        "share": 0.12, "method": "tails", "rows": [500, 100], "risen": True,
        "examples": [{"prediction_id": "p1", "score": 2.5, "features": [{"name": "days", "fall": 0.3}]}],
    },
    "concept": {
        "scale": 2.0, "note": "",
        "drifts": [
            {"worse": True, "before": 0.1, "after": 0.4, "changed_at": "2026-01-15T12:00:00+00:00", "changed_id": "p7"},
            {"worse": False, "before": 0.4, "after": 0.1, "changed_at": "2026-01-16T12:00:00", "changed_id": "p8"},
        ],
    },
    "attribution": {
        "drift": [{"column": "days", "score": 0.41, "importance": 0.23, "weight": 1.0, "where": "> 120"}],
        "loss": {
            "name": "Brier score", "before": 0.2, "now": 0.4,
            "features": [
                {"column": "phase", "worse": [
                    {"label": "Design", "rows": 60, "before": 0.2, "now": 0.9, "contribution": 0.19}
                ]}
            ],
        },
    },
}  # fmt: skip


def test_insights_are_printed_in_short(capsys: pytest.CaptureFixture[str]):
    print_insights(Output(), DOCUMENT)
    shown = capsys.readouterr().out
    assert "Rows unlike the reference's: 12.0% of 100 (tails)." in shown
    assert "Errors rose from 0.2 to 0.8 at 2026-01-15T12:00:00+00:00 (p7)." in shown
    assert "p8" not in shown
    assert "Drift by how much it matters:" in shown
    assert "Where the Brier score rose more than elsewhere (overall 0.2 → 0.4):" in shown


def test_nothing_is_printed_of_a_report_without_insights(capsys: pytest.CaptureFixture[str]):
    print_insights(Output(), {})
    assert capsys.readouterr().out == ""
