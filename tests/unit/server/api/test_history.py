from __future__ import annotations

import pytest

from millwright.core.records.run import MetricPoint
from millwright.server.api.history import sendable
from millwright.testing import sample


def test_history_comes_whole_in_pages(lab):
    path = f"/api/v1/tracked/{lab.first}/history?key=loss"
    first = lab.json(f"{path}&limit=15")
    second = lab.json(f"{path}&limit=15&page_token={first['next_page_token']}")
    points = first["points"] + second["points"]
    assert [point["step"] for point in points] == list(range(20))
    assert points[1] == {"step": 1, "at": "2026-03-29T12:00:01.123000Z", "value": 0.5}
    assert second["next_page_token"] is None
    assert lab.json(f"/api/v1/tracked/{lab.first}/history?key=nothing")["points"] == []


def test_histories_of_runs_are_thinned_for_a_chart(lab):
    found = lab.json(f"/api/v1/histories?run={lab.first}&run={lab.second}&run={lab.parent}&run=none&key=loss&points=4")
    assert {history["run_id"] for history in found["runs"]} == {lab.first, lab.second}
    for history in found["runs"]:
        assert 2 <= len(history["points"]) <= 4
        assert [history["points"][0]["step"], history["points"][-1]["step"]] == [0, 19]


def test_numbers_that_json_has_not_are_text(lab):
    values = (float("nan"), float("inf"), float("-inf"))
    points = [MetricPoint(key="odd", value=each, step=n, at=sample.moment()) for n, each in enumerate(values)]
    lab.workspace.stores.runs.append_metrics(lab.first, points)
    found = lab.json(f"/api/v1/tracked/{lab.first}/history?key=odd")
    assert [point["value"] for point in found["points"]] == ["NaN", "Infinity", "-Infinity"]
    assert sendable(0.5) == 0.5


@pytest.mark.parametrize("question", ["", "key=loss", "run=a", "run=a&key=loss&points=3"])
def test_question_without_what_is_needed_is_refused(lab, question):
    assert lab.get(f"/api/v1/histories?{question}").status_code == 422
