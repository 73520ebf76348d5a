"""A training that goes on from the champion: LightGBM adds trees to those that are there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import lightgbm
import polars as pl

import millwright as mw
from millwright.models.adoption import adopt
from millwright.models.model import Model


# --8<-- [start:pipeline]
@mw.step
def fit(train: pl.DataFrame, earlier: Model | None) -> Model:
    columns = train.drop("late")
    data = lightgbm.Dataset(columns.to_numpy(), train["late"].to_numpy())
    start = None if earlier is None else earlier.estimator
    booster = lightgbm.train({"objective": "binary", "verbose": -1}, data, num_boost_round=20, init_model=start)
    return adopt(booster, columns, target="late", classes=[False, True])


@mw.pipeline
def deliveries(source: str = "deliveries.parquet", start_from: str = "") -> None:
    train, test = mw.steps.split(mw.steps.ingest(source, dataset="deliveries"), stratify="late")
    model = fit(train, mw.steps.earlier_model(start_from))
    report = mw.steps.evaluate(model, test)
    package = mw.steps.package(model, train)
    gates = mw.steps.check_gates(package, report, test, name="delivery", gates="gates.yaml")
    mw.steps.register(package, report, gates, train, test, name="delivery")


# --8<-- [end:pipeline]


def run(*words: str) -> str:
    """What `mw` printed, in this folder."""
    environment = {**os.environ, "MILLWRIGHT_HOME": str(Path.cwd())}
    command = [sys.executable, "-m", "millwright", *words]
    return subprocess.run(command, check=True, env=environment, capture_output=True, text=True).stdout


def main() -> None:
    """Train from nothing, then go on with other rows."""
    Path("gates.yaml").write_text("gates:\n  - gate: threshold\n    metric: roc_auc\n    min: 0.8\n", encoding="utf-8")
    for shift, more in ((0, ()), (3, ("--start-from", "delivery@1"))):
        days, crew = [5 + (index + shift) * 37 % 80 for index in range(400)], [1 + index % 8 for index in range(400)]
        late = [one / other > 9 for one, other in zip(days, crew, strict=True)]
        pl.DataFrame({"planned_days": days, "crew": crew, "late": late}).write_parquet("deliveries.parquet")
        print(run("run", __file__, *more))
    from millwright.models.package import unpack
    from millwright.workspace.workspace import Workspace

    with Workspace.open(Path.cwd()) as workspace:
        trees = []
        for version in (1, 2):
            record = workspace.registry.resolve(f"delivery@{version}")
            model = unpack(workspace.stores.artifacts.get(record.stored_package()))
            trees.append(model.estimator.num_trees())
    print(json.dumps({"trees": trees}))
    assert trees == [20, 40], trees


if __name__ == "__main__":
    main()
