from __future__ import annotations

import pytest


def test_experiments_are_listed_with_their_figures(lab):
    answer = lab.json("/api/v1/experiments?filter=name = 'signals'")
    (found,) = answer["items"]
    assert found["experiment"]["tags"]["team"] == "a"
    assert found["figures"]["runs"] == 3
    assert found["figures"]["last_run_at"].startswith("2026-03-29T12:02:00")
    assert answer["next_page_token"] is None


def test_experiments_are_searched_with_or_and_paged(lab):
    first = lab.json("/api/v1/experiments?limit=1&order=name DESC&filter=tags.team = 'a' or name = 'Default'")
    assert first["items"][0]["experiment"]["name"] == "signals"
    token = first["next_page_token"]
    path = "/api/v1/experiments?limit=1&order=name DESC&filter=tags.team = 'a' or name = 'Default'"
    second = lab.json(f"{path}&page_token={token}")
    assert [each["experiment"]["name"] for each in second["items"]] == ["Default"]


def test_experiment_is_got_by_its_id(lab):
    assert lab.json(f"/api/v1/experiments/{lab.experiment}")["experiment"]["name"] == "signals"
    assert lab.get("/api/v1/experiments/999").status_code == 404


@pytest.mark.parametrize("question", ["filter=name <", "order=nothing", "page_token=x", "view=other", "limit=0"])
def test_question_that_cannot_be_read_is_refused_with_what_was_expected(lab, question):
    answer = lab.get(f"/api/v1/experiments?{question}")
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]
