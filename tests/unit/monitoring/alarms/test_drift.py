from __future__ import annotations

from typing import Any

from millwright.monitoring.alarms import find_alarms
from millwright.monitoring.attribution import attribute_drift
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.insight import Insights
from millwright.monitoring.seasonal import SeasonalReference
from millwright.monitoring.settings import MonitorSettings


def test_drift_is_found_when_enough_features_drifted(comparison: Any, drift: Any):
    columns = [drift("a", 0.5), drift("b", 0.9), *(drift(f"n{i}", 0.0) for i in range(8))]
    found = find_alarms(comparison(*columns), MonitorSettings())
    assert [finding.kind for finding in found] == [AlertKind.DRIFT]
    assert found[0].message == "Over 100 rows, 2 of 10 features drifted (b psi 0.90, a psi 0.50)."
    assert list(found[0].evidence["columns"]) == ["b", "a"]
    assert found[0].evidence["columns"]["b"] == {
        "statistic": "psi", "score": 0.9, "threshold": 0.2, "p_value": 0.001, "output": False,
    }  # fmt: skip


def test_drift_is_not_found_when_too_few_features_drifted(comparison: Any, drift: Any):
    columns = [drift("a", 0.5), *(drift(f"n{i}", 0.0) for i in range(9))]
    assert find_alarms(comparison(*columns), MonitorSettings()) == []


def test_drift_is_found_when_an_answer_drifted_alone(comparison: Any, drift: Any):
    found = find_alarms(comparison(drift("a", 0.0), drift("prediction", 0.5, output=True)), MonitorSettings())
    assert found[0].message == "Over 100 rows, the model's answers drifted (prediction psi 0.50)."


def test_drift_names_five_columns_and_counts_the_rest(comparison: Any, drift: Any):
    found = find_alarms(comparison(*(drift(f"n{i}", 1.0 + i) for i in range(7))), MonitorSettings())
    assert "and 2 more" in found[0].message
    assert len(found[0].evidence["columns"]) == 7


def test_drift_waits_for_enough_rows(comparison: Any, drift: Any):
    assert find_alarms(comparison(drift("a", 0.5), rows=10), MonitorSettings(min_rows=11)) == []


def test_drift_names_features_by_how_much_their_drift_matters(comparison: Any, drift: Any):
    columns = [drift("a", 0.5), drift("b", 0.9)]
    shares = attribute_drift(columns, {"a": 0.77, "b": 0.23})
    (found,) = find_alarms(comparison(*columns, insights=Insights(drift=shares)), MonitorSettings())
    times = "\N{MULTIPLICATION SIGN}"
    assert found.message == (
        f"Over 100 rows, 2 of 2 features drifted: a (psi 0.50 {times} importance 0.77), "
        f"b (psi 0.90 {times} importance 0.23)."
    )
    assert [each["column"] for each in found.evidence["attribution"]] == ["a", "b"]


def test_drift_says_beside_which_part_of_the_season_it_was_judged(comparison: Any, drift: Any):
    season = SeasonalReference(name="hour of the week", notes=("Too little.",))
    (found,) = find_alarms(comparison(drift("days", 0.5), season=season), MonitorSettings())
    assert found.message.endswith(", judged without season: too little is known of it.")
    assert found.evidence["season"]["notes"] == ["Too little."]
