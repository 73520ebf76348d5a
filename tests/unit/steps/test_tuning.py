from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.models.task import Task
from millwright.registry import Registry
from millwright.steps.tuning import tune
from tiny.project import MODEL, visits

CANDIDATES = ["logistic_regression", "naive_bayes"]


def test_tune_gives_the_winner_with_its_leaderboard(ctx):
    model = tune(ctx, visits(), "late", CANDIDATES, trials=2)
    assert model.signature.target == "late"
    assert model.training["candidate"] in CANDIDATES
    assert {row["candidate"] for row in model.training["leaderboard"]} == set(CANDIDATES)
    assert model.predict(visits(5))["prediction"].is_in(["yes", "no"]).all()


def test_tune_notes_the_best_first_and_the_baseline(ctx):
    tune(ctx, visits(), "late", CANDIDATES, trials=2)
    assert (ctx.facts["metric"], ctx.facts["trials"]) == ("roc_auc", 2)
    names = [line.split()[0] for line in ctx.facts["leaderboard"]]
    assert names[0] == ctx.facts["candidate"]
    assert names[-1] == "majority_class"
    scores = [float(line.split()[1]) for line in ctx.facts["leaderboard"]]
    assert scores == sorted(scores, reverse=True)


def test_tune_tracks_every_trial_under_the_run_of_the_pipeline(ctx, workspace):
    before = {run.id for run in workspace.stores.runs.list_runs(parent_id=ctx.tracking_run_id)}
    tune(ctx, visits(), "late", CANDIDATES, trials=3)
    trials = [run for run in workspace.stores.runs.list_runs(parent_id=ctx.tracking_run_id) if run.id not in before]
    assert len(trials) >= 3
    assert all(trial.status.value == "finished" for trial in trials)


def test_tune_leaves_excluded_columns_and_groups_out_of_the_features(ctx):
    table = visits().with_row_index("visit")
    model = tune(ctx, table, "late", ["naive_bayes"], trials=1, exclude=["days"], group="visit")
    assert [column.name for column in model.signature.inputs] == ["load", "crew"]


def test_tune_takes_the_task_that_is_asked_for(ctx):
    model = tune(ctx, visits(), "days", ["ridge"], trials=1, task="regression")
    assert model.signature.task is Task.REGRESSION
    assert ctx.facts["metric"] == "rmse"


def test_tune_names_the_closest_candidate(ctx):
    with pytest.raises(InvalidInputError, match="logistic_regresion") as caught:
        tune(ctx, visits(), "late", ["logistic_regresion"])
    assert "logistic_regression" in caught.value.hint


def test_tune_goes_on_from_an_earlier_version(ctx):
    champion = ctx.service(Registry).resolve(f"{MODEL}@champion")
    model = tune(ctx, visits(), "late", [champion.params["candidate"], champion.ref, ""], trials=1)
    assert model.training["params"] == champion.params["params"]
