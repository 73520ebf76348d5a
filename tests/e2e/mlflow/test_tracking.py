"""MLflow's own client tracks runs on a real server."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.workplace import Workplace

mlflow = pytest.importorskip("mlflow", reason="needs mlflow")


@contextmanager
def client_of(workplace: Workplace) -> Iterator[mlflow.MlflowClient]:
    process = workplace.start("server", "--port", "0", "--json")
    assert process.stdout is not None
    text = ""
    while not text.endswith("}\n"):
        text += process.stdout.readline()
    url = json.loads(text)["url"]
    mlflow.set_tracking_uri(url)
    try:
        yield mlflow.MlflowClient(url)
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.mark.slow
def test_client_tracks_nested_runs_and_finds_them(workplace: Workplace) -> None:
    from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag

    with client_of(workplace) as client:
        experiment = client.create_experiment("rail", tags={"team": "a"})
        assert client.get_experiment_by_name("rail").tags == {"team": "a"}
        assert client.get_experiment_by_name("nowhere") is None
        parent = client.create_run(experiment, run_name="parent")
        child = client.create_run(experiment, tags={"mlflow.parentRunId": parent.info.run_id})
        metrics = [Metric("loss", 1 / (step + 1), step, step) for step in range(1000)]
        client.log_batch(child.info.run_id, metrics=metrics)
        client.log_batch(child.info.run_id, params=[Param("lr", "0.1")], tags=[RunTag("k", "")])
        dataset = Dataset(name="d", digest="x", source_type="local", source="{}")
        inputs = [DatasetInput(dataset, [InputTag("mlflow.data.context", "train")])]
        client.log_inputs(child.info.run_id, inputs)
        client.set_terminated(child.info.run_id)
        found = client.get_run(child.info.run_id)
        assert found.info.status == "FINISHED"
        assert found.data.params == {"lr": "0.1"}
        assert found.data.metrics == {"loss": 0.001}
        assert found.inputs.dataset_inputs[0].dataset.name == "d"
        history = client.get_metric_history(child.info.run_id, "loss")
        assert [each.step for each in history] == list(range(1000))
        nested = f"tags.mlflow.parentRunId = '{parent.info.run_id}' and metrics.loss < 0.5"
        assert [run.info.run_id for run in client.search_runs([experiment], nested)] == [child.info.run_id]
        with pytest.raises(mlflow.exceptions.MlflowException, match="Changing param values is not allowed"):
            client.log_param(child.info.run_id, "lr", "0.2")
        client.delete_experiment(experiment)
        assert client.get_experiment(experiment).lifecycle_stage == "deleted"


@pytest.mark.slow
def test_runs_come_as_a_frame(workplace: Workplace) -> None:
    with client_of(workplace):
        mlflow.set_experiment("frame")
        for number in range(3):
            with mlflow.start_run(run_name=str(number)):
                mlflow.log_params({"n": number})
                mlflow.log_metric("score", number / 2)
        frame = mlflow.search_runs(filter_string="metrics.score >= 0.5", order_by=["metrics.score DESC"])
        assert frame["metrics.score"].tolist() == [1.0, 0.5]
        assert frame["params.n"].tolist() == ["2", "1"]


@pytest.mark.slow
def test_concurrent_writers_lose_nothing(workplace: Workplace) -> None:
    with client_of(workplace) as client:
        run = client.create_run("0").info.run_id

        def write(writer: int) -> None:
            for step in range(25):
                client.log_metric(run, f"m{writer}", step, step=step, timestamp=step)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(8)))
        assert all(len(client.get_metric_history(run, f"m{writer}")) == 25 for writer in range(8))
