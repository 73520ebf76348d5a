from __future__ import annotations

from typing import Any

from millwright.monitoring.page.quality import quality_section


def measure(column: str, *, broken: bool, expected: Any = 0.0, found: Any = 0.5) -> dict[str, Any]:
    return {"column": column, "what": "share", "expected": expected, "found": found, "broken": broken}


def test_broken_measures_come_first():
    found_now = {"extreme": 3.0, "of_rows": "few"}
    measures = [measure("a", broken=False), measure("b", broken=True, expected=[0, 1], found=found_now)]
    found = quality_section({"quality": [{"check": "out_of_range", "judged": True, "measures": measures}]})
    assert found is not None
    assert [row[2] for row in found.tables[0].rows] == ["b", "a"]
    assert found.tables[0].rows[0][1] == "out of range"
    assert found.tables[0].rows[0][4:] == ["0 to 1", "extreme 3, of rows few", None]


def test_predictions_are_named_of_what_is_broken_and_limits_that_are_not_set_are_left_out():
    ids = ["p1", "p2", "p3", "p4"]
    late = {"what": "newest_row_age_s", "examples": ids}
    measures = [
        {**measure("", broken=True, expected={"max": None, "min": 36.0}), **late},
        {**measure("b", broken=False, expected={"max": None}), "examples": ids},
    ]
    found = quality_section({"quality": [{"check": "freshness", "judged": True, "measures": measures}]})
    assert found is not None
    assert [row[3:] for row in found.tables[0].rows] == [
        ["newest row age in seconds", "min 36", "0.500", "p1, p2, p3"],
        ["share", None, "0.500", None],
    ]


def test_reports_without_checks_have_no_section():
    assert quality_section({}) is None
    assert quality_section({"quality": []}) is None
