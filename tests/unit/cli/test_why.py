from __future__ import annotations

import pytest


@pytest.fixture
def prediction(served_once):
    return (served_once / "ids.txt").read_text(encoding="utf-8").split()[0]


def test_why_shows_how_a_prediction_came_to_be(served_once, mw, prediction):
    answer = mw(served_once, "why", prediction)
    assert answer.code == 0
    for word in (prediction, "late-visit@1", "visits@1", "crew", "logistic_regression", "threshold"):
        assert word in answer.out


def test_why_gives_the_whole_chain_as_json(served_once, mw, prediction):
    shown = mw(served_once, "why", prediction, "--json").json
    assert shown["prediction_id"] == prediction
    assert shown["model"] == "late-visit@1"
    assert sorted(shown["features"]) == ["crew", "days", "load"]
    assert shown["version"]["ref"] == "late-visit@1"


def test_why_of_an_unknown_prediction_is_one_line(served_once, mw):
    answer = mw(served_once, "why", "0" * 32)
    assert answer.code == 1
    assert answer.out == ""
    assert f"There is no prediction '{'0' * 32}' in the log." in answer.err
    assert answer.err.count("\n") == 1


def test_reproduce_trains_again_and_finds_the_same(trained, mw):
    (trained / "visits.csv").unlink()
    answer = mw(trained, "reproduce", "late-visit@1")
    assert answer.code == 0
    assert "late-visit@1" in answer.out
    assert "identical" in answer.out or "same" in answer.out


def test_reproduce_fails_with_the_differences_as_json(trained, mw):
    # The package is one that this version's record does not lead to.
    import sqlite3

    with sqlite3.connect(trained / ".millwright" / "millwright.db") as database:
        database.execute("UPDATE pipeline_runs SET body = replace(body, '\"trials\":2', '\"trials\":12')")
    database.close()
    answer = mw(trained, "reproduce", "late-visit@1", "--json")
    assert answer.code == 1
    assert answer.json["same"] is False


def test_reproduce_of_an_unknown_version_is_one_line(trained_once, mw):
    answer = mw(trained_once, "reproduce", "late-visit@5")
    assert answer.code == 1
    assert answer.err.count("\n") == 1
