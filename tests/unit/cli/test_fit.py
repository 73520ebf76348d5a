from __future__ import annotations

import re

import pytest


@pytest.fixture(scope="module")
def fitted(tmp_path_factory, trained_once):
    """A folder in which `mw fit` has run on a table with a numeric target, which has few and quick candidates."""
    import polars as pl

    folder = tmp_path_factory.mktemp("fitted")
    visits = pl.read_csv(trained_once / "visits.csv").drop("late")
    visits.with_columns(pl.col("load") * 3 + pl.col("days")).write_csv(folder / "cost table.csv")
    return folder


WORDS = ("fit", "cost table.csv", "--target", "load", "--trials", "1")


def test_fit_trains_registers_and_deploys_a_model_for_a_table(fitted, mw):
    answer = mw(fitted, *WORDS)
    assert answer.code == 0, answer.err
    assert answer.out.startswith(
        "Task: regression. Project in cost-table (pipeline.py, contract.yaml, gates.yaml, README.md).\n"
    )
    assert re.search(r"✓ deploy .*cost-table@champion · moved yes", answer.out)
    assert "Next: mw runs show " in answer.out
    assert "      mw serve cost-table@champion\n      mw predict cost-table@champion -i NEW.csv -o" in answer.out
    assert "--contract cost-table/contract.yaml\n      mw models card cost-table\n      edit cost-table/" in answer.out
    assert mw(fitted, "models", "list", "--json").json[0]["aliases"] == ["champion"]


def test_fit_again_keeps_the_project_and_trains_nothing(fitted, mw):
    mw(fitted, *WORDS)
    answer = mw(fitted, *WORDS)
    assert "Kept as you left them: pipeline.py, contract.yaml, gates.yaml, README.md." in answer.out
    assert "No training step was executed" in answer.out


def test_fit_gives_project_run_and_steps_as_json(fitted, mw):
    shown = mw(fitted, *WORDS, "--json").json
    assert shown["project"]["name"] == "cost-table"
    assert shown["run"]["status"] == "completed"
    assert shown["steps"][-1]["summary"]["alias"] == "cost-table@champion"


def test_fit_for_another_target_does_not_train_the_kept_one(fitted, mw):
    mw(fitted, *WORDS)
    answer = mw(fitted, "fit", "cost table.csv", "--target", "crew", "--trials", "1")
    assert answer.code == 1
    assert "cost-table/pipeline.py predicts 'load', not 'crew'" in answer.err
    assert "--folder" in answer.err


@pytest.mark.parametrize(
    ("table", "target", "message"),
    [
        ("x,y\n" + "1,5\n2,5\n3,5\n" * 30, "y", "'y'"),
        ("x,y\n" + "1,\n2,\n" * 30, "y", "'y'"),
        ("x,y\n1,a\n2,b\n", "z", "no column 'z'"),
        ("", "y", "empty"),
        ("x,y\n", "y", "t.csv"),
    ],
)
def test_fit_refuses_a_table_that_cannot_be_learnt_from_with_one_line(tmp_path, mw, table, target, message):
    (tmp_path / "t.csv").write_text(table, encoding="utf-8")
    answer = mw(tmp_path, "fit", "t.csv", "--target", target)
    assert answer.code == 1
    assert message in answer.err
    assert answer.err.startswith("Error: ")
    assert answer.err.count("\n") == 1
    assert mw(tmp_path, "models", "list", "--json").json == []


def test_fit_without_a_target_is_a_wrong_call(tmp_path, mw):
    answer = mw(tmp_path, "fit", "t.csv")
    assert answer.code == 2
    assert "--target" in answer.err
