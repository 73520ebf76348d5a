# ruff: noqa: ARG002 - stand-ins take what the protocol gives
from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from millwright.core.clock import SystemClock
from millwright.core.digest import digest_bytes
from millwright.core.errors import InvalidInputError, StepFailedError
from millwright.core.records.run import RunStatus
from millwright.models.compile.compilation import compile_model
from millwright.models.example import json_rows
from millwright.models.package import load_predictor, pack
from millwright.models.task import Task
from millwright.storage.catalog import open_stores
from millwright.tracking.tracker import Tracker
from millwright.training.candidate.candidate import Candidate
from millwright.training.tuning import TuningOptions, tune

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

QUICK = ("logistic_regression", "decision_tree")


class _Shown:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.notes: list[str] = []
        self.total: int | None = None

    def say(self, message: str) -> None:
        self.lines.append(message)

    @contextmanager
    def task(self, label: str, *, total: int | None = None) -> Iterator[_Shown]:
        self.lines.append(label)
        self.total = total
        yield self

    def advance(self, amount: int = 1, *, note: str = "") -> None:
        self.notes.append(note)


@pytest.mark.parametrize(
    ("kind", "task", "metric"),
    [
        ("binary", Task.BINARY, "roc_auc"),
        ("multiclass", Task.MULTICLASS, "roc_auc"),
        ("regression", Task.REGRESSION, "rmse"),
    ],
)
def test_tuning_finds_a_model_better_than_the_baseline(
    make_table: Callable[..., pl.DataFrame], kind: str, task: Task, metric: str
) -> None:
    frame = make_table(kind=kind)
    model = tune(frame, target="y", options=TuningOptions(trials=8, folds=3))
    training = model.training

    assert model.signature.task is task
    assert training["metric"] == metric
    assert len(training["leaderboard"]) == 7
    assert all("metrics" in entry for entry in training["leaderboard"])
    assert training["leaderboard"][0]["candidate"] == training["candidate"]
    floor = training["baseline"]["metrics"][metric]["mean"]
    gain = training["score"] - floor if training["greater_is_better"] else floor - training["score"]
    assert gain > 0
    assert model.predict(frame).height == frame.height
    assert model.signature.check_rows(model.example) == []
    json.dumps(training, allow_nan=False)


def test_same_rows_and_seed_give_the_same_package_to_the_byte(make_table: Callable[..., pl.DataFrame]) -> None:
    frame = make_table(100)

    def package(**changes: Any) -> bytes:
        model = tune(frame, target="y", options=TuningOptions(trials=9, folds=3, **changes))
        return pack(model, compilation=compile_model(model, frame))

    first = package(parallel=1)
    assert package(parallel=3) == first
    assert package(seed=1) != first


def test_another_process_gives_the_same_package(make_table: Callable[..., pl.DataFrame], tmp_path: Path) -> None:
    frame = make_table(100)
    frame.write_parquet(tmp_path / "table.parquet")
    code = (
        "import sys, polars as pl; from millwright.core.digest import digest_bytes;"
        "from millwright.models.package import pack; from millwright.models.compile.compilation import compile_model;"
        "from millwright.training.tuning import TuningOptions, tune; frame = pl.read_parquet(sys.argv[1]);"
        "model = tune(frame, target='y', options=TuningOptions(trials=8, folds=2));"
        "print(digest_bytes(pack(model, compilation=compile_model(model, frame))))"
    )
    arguments = [sys.executable, "-c", code, str(tmp_path / "table.parquet")]
    found = subprocess.run(
        arguments, check=True, capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": "7"}
    )
    model = tune(frame, target="y", options=TuningOptions(trials=8, folds=2))

    assert found.stdout.strip() == digest_bytes(pack(model, compilation=compile_model(model, frame)))
    assert found.stderr == ""


def test_trials_are_tracked_runs_of_their_parent(make_table: Callable[..., pl.DataFrame], tmp_path: Path) -> None:
    stores = open_stores(
        records_url=f"sqlite:///{tmp_path}/m.db", artifacts_url=str(tmp_path / "a"), predictions_url=str(tmp_path / "p")
    )
    tracker = Tracker(experiments=stores.experiments, store=stores.runs, clock=SystemClock())
    parent = tracker.start_run("site", name="tuning")
    options = TuningOptions(candidates=QUICK, trials=4, folds=3, experiment="site", parent_run_id=parent.id)
    model = tune(make_table(), target="y", options=options, tracker=tracker)
    runs = tracker.list_runs("site", parent_id=parent.id)
    stores.close()

    assert len(runs) == 5  # the baseline among them
    assert {run.status for run in runs} == {RunStatus.FINISHED}
    assert all({"roc_auc", "log_loss", "duration_s"} <= set(run.metrics) for run in runs)
    best = max(run.metrics["roc_auc"] for run in runs)
    assert model.training["score"] == pytest.approx(best)


def test_progress_shows_the_best_so_far_and_the_notes(make_table: Callable[..., pl.DataFrame]) -> None:
    shown = _Shown()
    frame = make_table(60).with_columns(pl.when(pl.int_range(pl.len()) > 1).then(pl.col("y")).alias("y"))
    tune(frame, target="y", options=TuningOptions(candidates=QUICK, trials=3, folds=3), progress=shown)

    assert shown.lines[0] == "2 rows without a target were left out"
    assert shown.total == len(shown.notes) == 3
    assert all(note.startswith("best roc_auc 0.") for note in shown.notes)


def test_number_of_trials_is_raised_so_that_every_candidate_gets_one(make_table: Callable[..., pl.DataFrame]) -> None:
    model = tune(make_table(60), target="y", options=TuningOptions(candidates=QUICK, trials=1, folds=2))

    assert model.training["trials"] == 2
    assert {entry["candidate"] for entry in model.training["leaderboard"]} == set(QUICK)


def _failing(name: str = "broken") -> Candidate:
    def build(*_: Any) -> Any:
        raise RuntimeError("no way")

    return Candidate(name=name, build=build, suggest=lambda _: {})


def test_one_failing_candidate_does_not_stop_the_others(make_table: Callable[..., pl.DataFrame]) -> None:
    options = TuningOptions(candidates=(_failing(), "decision_tree"), trials=4, folds=2)
    training = tune(make_table(60), target="y", options=options).training

    assert training["candidate"] == "decision_tree"
    assert training["leaderboard"][-1] == {"candidate": "broken", "params": {}, "error": "no way"}


def test_tuning_fails_with_the_reasons_when_every_trial_does(make_table: Callable[..., pl.DataFrame]) -> None:
    with pytest.raises(StepFailedError, match=r"Every trial failed \(broken: no way\)"):
        tune(make_table(60), target="y", options=TuningOptions(candidates=(_failing(),), trials=2, folds=2))


def test_large_tables_are_sampled_and_it_is_recorded(make_table: Callable[..., pl.DataFrame]) -> None:
    options = TuningOptions(candidates=QUICK, trials=2, folds=2, max_tuning_rows=100, max_fit_rows=200)
    rows = tune(make_table(400), target="y", options=options).training["rows"]

    assert rows["given"] == 400
    assert rows["tuning"] <= 100
    assert 190 <= rows["fit"] <= 200


def test_groups_are_kept_apart_in_the_folds(make_table: Callable[..., pl.DataFrame]) -> None:
    frame = make_table().with_columns((pl.int_range(pl.len()) % 12).alias("site"))
    options = TuningOptions(candidates=QUICK, trials=2, groups="site")
    training = tune(frame, target="y", options=options).training

    assert training["cv"]["scheme"] == "stratified groups"
    assert {"name": "site", "reason": "groups the rows"} in training["dropped_columns"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (TuningOptions(metric="auc_roc"), "There is no metric 'auc_roc'"),
        (TuningOptions(metric="rmse"), "'rmse' is not one of a binary task"),
        (TuningOptions(candidates=("random_forrest",)), "Did you mean 'random_forest'"),
        (TuningOptions(candidates=("ridge",)), "'ridge' is not for binary targets"),
    ],
)
def test_wrong_options_are_refused_before_any_trial(
    make_table: Callable[..., pl.DataFrame], options: TuningOptions, message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        tune(make_table(60), target="y", options=options)


def test_tuning_on_noise_says_that_nothing_beats_the_baseline() -> None:
    random = np.random.default_rng(0)
    frame = pl.DataFrame({"x": random.normal(size=60), "y": random.normal(size=60)})
    model = tune(frame, target="y", options=TuningOptions(candidates=("k_nearest_neighbors",), trials=1))

    assert "no candidate is better than the baseline" in model.training["notes"][-1]


@pytest.mark.parametrize("column", [pl.Series("only", ["a", "b", "b"] * 40), pl.Series("only", range(0, 240, 2))])
def test_tuning_takes_tables_of_one_column_of_either_kind(column: pl.Series) -> None:
    frame = pl.DataFrame([column, pl.Series("y", [True, False, False] * 40)]).with_columns(
        pl.when(pl.int_range(pl.len()) % 9 == 0).then(pl.lit(True)).otherwise("y").alias("y")
    )
    model = tune(frame.sample(fraction=1.0, seed=0, shuffle=True), target="y", options=TuningOptions(trials=7, folds=3))

    assert compile_model(model, frame).status == "proven"


@pytest.mark.parametrize("share", [0.03, 0.97])
def test_tuning_bears_imbalance(share: float) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=300)
    y = x + random.normal(0, 0.3, 300) > np.quantile(x, 1 - share)
    frame = pl.DataFrame({"x": x, "noise": random.normal(size=300), "y": y})
    model = tune(frame, target="y", options=TuningOptions(trials=7, folds=3))

    assert model.training["score"] > 0.8
    assert all("metrics" in entry for entry in model.training["leaderboard"])


def test_packages_of_tuned_models_answer_alike_on_both_engines(make_table: Callable[..., pl.DataFrame]) -> None:
    frame = make_table(kind="multiclass")
    model = tune(frame, target="y", options=TuningOptions(trials=7, folds=2))
    package = pack(model, compilation=compile_model(model, frame))
    fast, native = load_predictor(package), load_predictor(package, prefer_onnx=False)

    assert fast.predict_frame(frame)["prediction"].equals(native.predict_frame(frame)["prediction"])


def test_no_warning_reaches_the_user(make_table: Callable[..., pl.DataFrame]) -> None:
    with warnings.catch_warnings(record=True) as leaked:
        warnings.simplefilter("always")
        tune(make_table(40, kind="multiclass"), target="y", options=TuningOptions(trials=7, folds=5))

    assert leaked == []


def test_tuning_takes_odd_columns_and_their_rows_as_requests(make_table: Callable[..., pl.DataFrame]) -> None:
    count = pl.int_range(pl.len())
    frame = make_table(60).with_columns(
        (count % 4).alias(""),
        (count % 5).alias("prediction"),
        (count % 7).cast(pl.Float64).replace(3.0, float("inf")).alias("probability"),
        (pl.lit(2**64 - 1, dtype=pl.UInt64) - count.cast(pl.UInt64) * 3).alias("unsigned"),
        (count % 11).cast(pl.Decimal(10, 2)).alias("x" * 300),
        (count * 1e299).alias("huge"),
        (count * 1e-310).alias("tiny"),
        pl.duration(days=count).alias("duration"),
        pl.concat_list(count).alias("list"),
        pl.when(count % 2 == 0).then(pl.lit("")).otherwise(pl.lit(" ")).cast(pl.Categorical).alias("blank"),
    )
    model = tune(frame, target="y", options=TuningOptions(candidates=QUICK, trials=2, folds=2))
    package = pack(model, compilation=compile_model(model, frame))

    assert {column["name"] for column in model.training["dropped_columns"]} == {"duration", "list"}
    rows = json.loads(json.dumps(json_rows(frame, model.signature), allow_nan=False))
    assert model.signature.check_rows(rows) == []
    for prefer_onnx in (True, False):
        predictor = load_predictor(package, prefer_onnx=prefer_onnx)
        assert predictor.predict_rows(rows) == predictor.predict_frame(frame).to_dicts()
