from __future__ import annotations

from typing import Any

from millwright.evaluation.page import html_report
from millwright.monitoring.page.bias import bias_section

BIAS: dict[str, Any] = {
    "column": "borough",
    "groups": [
        {"measure": "selection_rate", "group": "north", "rows": 60, "value": 0.7, "variance": 0.01},
        {"measure": "selection_rate", "group": "<b>", "rows": 40, "value": 0.2, "variance": 0.01},
    ],
    "reference": [{"measure": "selection_rate", "group": "north", "rows": 90, "value": 0.5, "variance": 0.01}],
    "gaps": [
        {
            "measure": "accuracy", "gap": 0.1, "reference": 0.1, "low_group": "a", "high_group": "b", "growth": 0.0,
            "interval": [-0.1, 0.1], "limit": 0.1, "grown": False,
        },
        {
            "measure": "selection_rate", "gap": 0.5, "reference": None, "low_group": "<b>", "high_group": "north",
            "growth": 0.5, "interval": [0.3, 0.7], "limit": 0.1, "grown": True,
        },
    ],
    "equalized_odds": 0.25,
}  # fmt: skip


def test_section_shows_gaps_that_grew_first_and_each_group_beside_the_reference():
    section = bias_section({"bias": [BIAS]})
    assert section is not None
    gaps, groups = section.tables
    assert [row[2] for row in gaps.rows] == ["selection rate", "accuracy"]
    assert gaps.rows[0][3:] == [0.5, None, 0.5, "0.300 to 0.700", 0.1, "north above <b>"]
    assert groups.rows == [
        ["borough", "north", "selection rate", 60, 0.7, 0.5],
        ["borough", "<b>", "selection rate", 40, 0.2, None],
    ]
    assert section.text[0].startswith("1 of 2 gaps")
    assert section.text[1].startswith("Equalized odds of borough: 0.250")
    assert "&lt;b&gt;" in html_report("Report", [section])


def test_section_says_how_many_measures_are_left_out():
    many = {**BIAS, "groups": [{**BIAS["groups"][0], "group": str(number)} for number in range(40)]}
    section = bias_section({"bias": [many]})
    assert section is not None
    assert section.text[-1] == "Of 40 measures of groups 30 are shown; the report's JSON has all."
    assert len(section.tables[1].rows) == 30


def test_there_is_no_section_without_groups():
    assert bias_section({}) is None
    assert bias_section({"bias": [{**BIAS, "groups": [], "gaps": []}]}) is None
