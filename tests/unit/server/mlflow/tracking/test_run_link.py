from __future__ import annotations

import json

import pytest

DATASET = {"name": "d", "digest": "x", "source_type": "local", "source": "{}"}


@pytest.fixture
def run(wire):
    return wire.post("runs/create", {"experiment_id": "0"})["run"]["info"]["run_id"]


def test_inputs_and_outputs_are_shown_with_the_run(wire, run):
    tags = [{"key": "mlflow.data.context", "value": "train"}]
    wire.post("runs/log-inputs", {"run_id": run, "datasets": [{"dataset": DATASET, "tags": tags}]})
    wire.post("runs/outputs", {"run_id": run, "models": [{"model_id": "m-1", "step": 3}]})
    shown = wire.get("runs/get", run_id=run)["run"]
    assert shown["inputs"]["dataset_inputs"] == [{"tags": tags, "dataset": DATASET}]
    assert shown["outputs"] == {"model_outputs": [{"model_id": "m-1", "step": 3}]}
    summaries = wire.post("/ajax-api/2.0/mlflow/experiments/search-datasets", {"experiment_ids": ["0"]})
    assert summaries["dataset_summaries"] == [{"experiment_id": "0", "name": "d", "digest": "x", "context": "train"}]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"name": "d" * 501}, "'name' exceeds the maximum length of 500 characters"),
        ({"digest": "x" * 37}, "'digest' exceeds the maximum length of 36 characters"),
        ({"source": "\x00"}, "without NUL characters"),
    ],
)
def test_bad_dataset_is_refused(wire, run, more, told):
    body = {"run_id": run, "datasets": [{"dataset": DATASET | more}]}
    assert told in wire.fails("POST", "runs/log-inputs", body)[2]


def test_dataset_may_come_from_nowhere_in_particular(wire, run):
    dataset = DATASET | {"source_type": "", "source": ""}
    wire.post("runs/log-inputs", {"run_id": run, "datasets": [{"dataset": dataset}]})
    assert wire.get("runs/get", run_id=run)["run"]["inputs"]["dataset_inputs"] == [{"dataset": dataset}]
    nameless = {"run_id": run, "datasets": [{"dataset": DATASET | {"name": ""}}]}
    assert "parameter 'datasets[0].dataset.name'" in wire.fails("POST", "runs/log-inputs", nameless)[2]


def test_model_is_added_to_the_history_of_the_run(wire, run):
    model = {"artifact_path": "m", "flavors": {}, "utc_time_created": "now", "run_id": run}
    for _ in range(2):
        wire.post("runs/log-model", {"run_id": run, "model_json": json.dumps(model)})
    tags = {each["key"]: each["value"] for each in wire.get("runs/get", run_id=run)["run"]["data"]["tags"]}
    assert json.loads(tags["mlflow.log-model.history"]) == [model, model]
    assert "not a valid JSON" in wire.fails("POST", "runs/log-model", {"run_id": run, "model_json": "{"})[2]
    assert "missing mandatory fields" in wire.fails("POST", "runs/log-model", {"run_id": run, "model_json": "{}"})[2]


def test_datasets_are_searched_in_one_to_twenty_experiments(wire):
    path = "/ajax-api/2.0/mlflow/experiments/search-datasets"
    assert "at least one experiment_id" in wire.fails("POST", path, {})[2]
    assert "more than 20 experiment_ids" in wire.fails("POST", path, {"experiment_ids": ["0"] * 21})[2]
