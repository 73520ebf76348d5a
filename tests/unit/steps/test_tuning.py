from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
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


def test_tune_goes_on_from_the_model_of_a_version_without_a_search(ctx, workspace):
    champion = ctx.service(Registry).resolve(f"{MODEL}@champion")
    before = len(workspace.stores.runs.list_runs(parent_id=ctx.tracking_run_id))
    model = tune(ctx, visits(seed=3, shift=0.4), "late", ["warm_start", f"{MODEL}@champion"], trials=1)
    assert champion.params["candidate"] == "logistic_regression"
    assert model.training["warm_start"]["continued"] is True
    assert (ctx.facts["warm_start"]["version"], ctx.facts["trials"]) == (champion.ref, 0)
    assert [edge.source_id for edge in ctx.edges] == [champion.ref]
    assert len(workspace.stores.runs.list_runs(parent_id=ctx.tracking_run_id)) == before


def test_tune_searches_from_nothing_where_columns_are_others_and_says_so(ctx):
    table = visits().with_columns(wind=pl.col("load") * 2)
    model = tune(ctx, table, "late", [*CANDIDATES, "warm_start", f"{MODEL}@1"], trials=2)
    told = {"version": f"{MODEL}@1", "continued": False, "reason": "columns are new: wind"}
    assert model.training["warm_start"] == ctx.facts["warm_start"] == told
    assert len(model.training["leaderboard"]) == 2


@pytest.mark.parametrize("selector", ["late-visit@nobody", "unheard-of@champion"])
def test_first_training_has_no_version_to_go_on_from_yet(ctx, selector):
    model = tune(ctx, visits(), "late", ["naive_bayes", "warm_start", selector], trials=1)
    assert model.training["warm_start"]["reason"] == "there is no such version yet"


def test_version_that_there_is_not_is_told(ctx):
    with pytest.raises(NotFoundError, match="has no version 9"):
        tune(ctx, visits(), "late", ["warm_start", f"{MODEL}@9"], trials=1)


def test_tune_is_not_taken_from_the_cache_when_the_alias_has_moved(ctx):
    state = tune.options.state
    assert state(ctx, {"candidates": ["warm_start", f"{MODEL}@champion"]}) == f"{MODEL}@1"
    assert state(ctx, {"candidates": ["ridge", "unheard-of@champion", ""]}) == state(ctx, {"candidates": None}) == ""


def test_tune_without_a_version_to_go_on_from_searches(ctx):
    model = tune(ctx, visits(), "late", ["naive_bayes", "warm_start", ""], trials=1)
    assert model.training["candidate"] == "naive_bayes"
    assert "warm_start" not in model.training
