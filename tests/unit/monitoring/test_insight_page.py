from __future__ import annotations

from typing import Any

from millwright.evaluation.page import html_report
from millwright.monitoring.insight_page import insight_sections

DOCUMENT: dict[str, Any] = {
    "anomalies": {
        "share": 0.12, "expected": 0.01, "limit": 0.05, "method": "tails", "rows": [500, 100],
        "examples": [{"prediction_id": "p1", "score": 2.5, "features": [{"name": "days", "fall": 0.3}]}],
    },
    "concept": {
        "detector": "adwin", "scale": 2.0, "note": "",
        "drifts": [
            {
                "worse": True, "before": 0.1, "after": 0.4, "changed_at": "2026-01-15T12:00:00+00:00",
                "changed_id": "p7", "detected_at": "2026-01-15T13:00:00+00:00",
            }
        ],
    },
    "attribution": {
        "drift": [
            {
                "column": "days", "statistic": "psi", "score": 0.41, "importance": 0.23, "weight": 1.0,
                "where": "> 120", "examples": ["p8", "p9"],
            }
        ],
        "note": "",
        "loss": {
            "name": "Brier score", "before": 0.2, "now": 0.4, "change": 0.2,
            "features": [
                {
                    "column": "phase", "mix": 0.01,
                    "worse": [
                        {
                            "label": "<script>", "rows": 60, "before": 0.2, "now": 0.9, "contribution": 0.19,
                            "p_value": 1e-6, "examples": ["p3"],
                        }
                    ],
                }
            ],
        },
        "novelty": {"correlation": 0.4, "agrees": True, "rows": 90, "examples": ["p3", "p4"]},
    },
}  # fmt: skip


def test_sections_tell_what_drift_and_loss_are_due_to_and_which_rows_are_odd():
    sections = insight_sections(DOCUMENT)
    titles = ["What the drift is due to", "What the loss is due to", "Concept drift", "Odd rows"]
    assert [section.title for section in sections] == titles
    assert "from 0.200 to 0.800 at 2026-01-15 12:00:00 UTC, with prediction p7" in sections[2].text[0]
    assert sections[1].text[-1] == "Rows that are both: p3, p4."
    assert sections[3].tables[0].rows == [["p1", 2.5, "days"]]


def test_sections_show_values_as_text():
    page = html_report("Report", insight_sections(DOCUMENT))
    assert "&lt;script&gt;" in page
    assert "p8, p9" in page


def test_there_are_no_sections_when_nothing_was_found():
    nothing = {"anomalies": None, "concept": None, "attribution": {"drift": [], "note": "", "loss": None}}
    assert insight_sections(nothing) == []
    assert insight_sections({}) == []


def test_sections_tell_what_was_looked_for_and_not_found():
    quiet = {
        "anomalies": {**DOCUMENT["anomalies"], "share": 0.0, "examples": []},
        "concept": {**DOCUMENT["concept"], "drifts": [], "rows": 300},
    }
    concept, odd = insight_sections(quiet)
    assert concept.text == ["adwin saw no rise of the errors over 300 labelled rows."]
    assert odd.text[0].startswith("0 % of 100 rows are unlike the reference's by tails")
    assert odd.tables == []
