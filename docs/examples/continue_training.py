"""Trainings that go on from the champion, with the four libraries whose models can."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl

import millwright as mw
from millwright.models.adoption import adopt
from millwright.models.model import Model


# --8<-- [start:lightgbm]
@mw.step
def fit_lightgbm(train: pl.DataFrame, earlier: Model | None) -> Model:
    import lightgbm

    columns = train.drop("late")
    rows = lightgbm.Dataset(columns.to_numpy(), train["late"].to_numpy())
    settings = {"objective": "binary", "verbose": -1}  # the package keeps trees, not how they were trained
    start = None if earlier is None else earlier.native()
    booster = lightgbm.train(settings, rows, num_boost_round=20, init_model=start)
    return adopt(booster, columns, target="late", classes=[False, True])


# --8<-- [end:lightgbm]


# --8<-- [start:xgboost]
@mw.step
def fit_xgboost(train: pl.DataFrame, earlier: Model | None) -> Model:
    import xgboost

    columns = train.drop("late")
    rows = xgboost.DMatrix(columns.to_numpy(), train["late"].to_numpy(), feature_names=columns.columns)
    settings = {"objective": "binary:logistic", "nthread": 1}
    start = None if earlier is None else earlier.native()
    booster = xgboost.train(settings, rows, num_boost_round=20, xgb_model=start)
    return adopt(booster, columns, target="late", classes=[False, True])


# --8<-- [end:xgboost]


# --8<-- [start:sklearn]
@mw.step
def fit_sklearn(train: pl.DataFrame, earlier: Model | None) -> Model:
    from sklearn.ensemble import RandomForestClassifier

    columns = train.drop("late")
    if earlier is None:
        forest = RandomForestClassifier(n_estimators=20, warm_start=True, random_state=0)
    else:
        forest = earlier.native()  # a copy, with its classes, its settings and its random state
        forest.n_estimators += 20
    forest.fit(columns.to_numpy(), train["late"].to_numpy())
    return adopt(forest, columns, target="late")


# --8<-- [end:sklearn]


# --8<-- [start:partial_fit]
@mw.step
def fit_partial(train: pl.DataFrame, earlier: Model | None) -> Model:
    from sklearn.linear_model import SGDClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    columns = train.drop("late")
    matrix, late = columns.to_numpy(), train["late"].to_numpy()
    if earlier is None:
        model = make_pipeline(StandardScaler(), SGDClassifier(loss="log_loss", random_state=0)).fit(matrix, late)
    else:
        model = earlier.native()
        model[-1].partial_fit(model[:-1].transform(matrix), late)  # one pass; the scaler stays as it was
    return adopt(model, columns, target="late")


# --8<-- [end:partial_fit]


# --8<-- [start:torch]
@mw.step
def fit_torch(train: pl.DataFrame, earlier: Model | None) -> Model:
    import torch

    torch.manual_seed(0)
    columns = train.drop("late")
    module = torch.nn.Sequential(
        torch.nn.BatchNorm1d(2), torch.nn.Linear(2, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1), torch.nn.Sigmoid()
    )
    if earlier is not None:
        module.load_state_dict(earlier.native())
    rows = torch.tensor(columns.to_numpy(), dtype=torch.float32)
    late = torch.tensor(train["late"].to_numpy(), dtype=torch.float32)
    optimizer = torch.optim.Adam(module.parameters(), lr=0.02)  # anew: the package keeps the weights alone
    for _ in range(100):
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy(module(rows)[:, 0], late).backward()
        optimizer.step()
    return adopt(module, columns, target="late", classes=[False, True])


# --8<-- [end:torch]


def follow(fit: Any, name: str, source: str, start_from: str) -> None:
    """What stands before and behind the training of each library."""
    train, test = mw.steps.split(mw.steps.ingest(source, dataset="deliveries"), stratify="late")
    model = fit(train, mw.steps.earlier_model(start_from))
    report = mw.steps.evaluate(model, test)
    package = mw.steps.package(model, train)
    gates = mw.steps.check_gates(package, report, test, name=name, gates="gates.yaml")
    version = mw.steps.register(package, report, gates, train, test, name=name)
    mw.steps.deploy(version, gates)


# --8<-- [start:pipeline]
@mw.pipeline
def deliveries(source: str = "deliveries.parquet", start_from: str = "") -> None:
    train, test = mw.steps.split(mw.steps.ingest(source, dataset="deliveries"), stratify="late")
    model = fit_lightgbm(train, mw.steps.earlier_model(start_from))
    report = mw.steps.evaluate(model, test)
    package = mw.steps.package(model, train)
    gates = mw.steps.check_gates(package, report, test, name="lightgbm", gates="gates.yaml")
    version = mw.steps.register(package, report, gates, train, test, name="lightgbm")
    mw.steps.deploy(version, gates)


# --8<-- [end:pipeline]


@mw.pipeline
def with_xgboost(source: str = "deliveries.parquet", start_from: str = "") -> None:
    follow(fit_xgboost, "xgboost", source, start_from)


@mw.pipeline
def with_sklearn(source: str = "deliveries.parquet", start_from: str = "") -> None:
    follow(fit_sklearn, "sklearn", source, start_from)


@mw.pipeline
def with_partial_fit(source: str = "deliveries.parquet", start_from: str = "") -> None:
    follow(fit_partial, "partial_fit", source, start_from)


@mw.pipeline
def with_torch(source: str = "deliveries.parquet", start_from: str = "") -> None:
    follow(fit_torch, "torch", source, start_from)


# What a model has learned so far: trees, steps of the solver, or nothing that could be counted.
PIPELINES = {
    "lightgbm": ("deliveries", lambda booster: booster.num_trees()),
    "xgboost": ("with_xgboost", lambda booster: booster.num_boosted_rounds()),
    "sklearn": ("with_sklearn", lambda forest: len(forest.estimators_)),
    "partial_fit": ("with_partial_fit", lambda pipeline: int(pipeline[-1].t_)),
    "torch": ("with_torch", lambda weights: int(weights["0.num_batches_tracked"])),
}


def main() -> None:
    """Train from nothing, then go on with other rows."""
    from millwright.models.package import unpack
    from millwright.pipelines.runner import RunOptions

    Path("gates.yaml").write_text("gates:\n  - gate: threshold\n    metric: roc_auc\n    min: 0.8\n", encoding="utf-8")
    installed = [name for name in PIPELINES if find_spec(name.replace("partial_fit", "sklearn"))]
    learned = {}
    with mw.Workspace.open() as workspace:
        for number, shift in enumerate((0, 3)):
            days, crew = [5 + (row + shift) * 37 % 80 for row in range(400)], [1 + row % 8 for row in range(400)]
            late = [one / other > 9 for one, other in zip(days, crew, strict=True)]
            pl.DataFrame({"planned_days": days, "crew": crew, "late": late}).write_parquet("deliveries.parquet")
            for name in installed:
                params = {"start_from": f"{name}@champion"} if number else {}
                # As `mw run continue_training.py:deliveries --start-from lightgbm@champion` does.
                workspace.launcher.run(f"{__file__}:{PIPELINES[name][0]}", params, RunOptions(trigger="user:example"))
        for name in installed:
            versions = [workspace.registry.resolve(f"{name}@{version}") for version in (1, 2)]
            models = [unpack(workspace.stores.artifacts.get(each.stored_package())) for each in versions]
            learned[name] = [PIPELINES[name][1](model.native()) for model in models]
            assert versions[1].params["warm_start"] == {"version": f"{name}@1"}, versions[1].params
    print(json.dumps(learned))
    assert all(0 < first < second for first, second in learned.values()), learned
    assert learned.get("lightgbm", [20, 40]) == [20, 40]


if __name__ == "__main__":
    main()
