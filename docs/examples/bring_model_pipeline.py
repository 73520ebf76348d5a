"""A model that a step of one's own trains, through evaluation and gates to a version."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
from sklearn.ensemble import RandomForestClassifier

import millwright as mw
from millwright.models.adoption import adopt
from millwright.models.model import Model


# --8<-- [start:pipeline]
@mw.step
def fit(train: pl.DataFrame) -> Model:
    columns = train.drop("delivery")
    fitted = RandomForestClassifier(20, random_state=0).fit(columns.to_numpy(), train["delivery"].to_numpy())
    return adopt(fitted, columns, target="delivery", training={"params": {"n_estimators": 20}})


@mw.pipeline
def deliveries(source: str = "deliveries.parquet") -> None:
    train, test = mw.steps.split(mw.steps.ingest(source, dataset="deliveries"), stratify="delivery")
    model = fit(train)
    report = mw.steps.evaluate(model, test)
    package = mw.steps.package(model, train)
    gates = mw.steps.check_gates(package, report, test, name="delivery", gates="gates.yaml")
    mw.steps.register(package, report, gates, train, test, name="delivery")


# --8<-- [end:pipeline]


def run() -> dict[str, object]:
    """The version that the pipeline registers, in this folder."""
    days, crew = [5 + index * 37 % 80 for index in range(400)], [1 + index % 8 for index in range(400)]
    late = ["late" if one / other > 9 else "early" for one, other in zip(days, crew, strict=True)]
    pl.DataFrame({"planned_days": days, "crew": crew, "delivery": late}).write_parquet("deliveries.parquet")
    Path("gates.yaml").write_text("gates:\n  - gate: threshold\n    metric: roc_auc\n    min: 0.8\n", encoding="utf-8")
    command = [sys.executable, "-m", "millwright"]
    environment = {**os.environ, "MILLWRIGHT_HOME": str(Path.cwd())}
    subprocess.run([*command, "run", __file__], check=True, env=environment)
    shown = subprocess.run(
        [*command, "models", "list", "--json"], check=True, env=environment, capture_output=True, text=True
    )
    version: dict[str, object] = json.loads(shown.stdout)[0]["version"]
    return version


if __name__ == "__main__":
    version = run()
    assert version["flavor"] == "sklearn", version
    assert "evaluation.json" in version["documents"], version  # type: ignore[operator]
