"""Evaluation datasets and scorers by MLflow's own client."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from e2e.workplace import PATIENCE_S, Workplace, finish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

mlflow: Any = pytest.importorskip("mlflow", reason="needs the mlflow client")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default"),  # the client's and its libraries' warnings are not ours
]
_URL = re.compile(r"http://[\w.]+:\d+")


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of `mw server` in an empty folder."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("LOGNAME", "ada")
    process = Workplace(tmp_path).start("server", "--port", "0")
    assert process.stdout is not None
    found = _URL.search(process.stdout.readline())
    assert found is not None, process.communicate(timeout=PATIENCE_S)
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(found.group())
    yield mlflow.MlflowClient(found.group())
    mlflow.set_tracking_uri(before)
    process.terminate()
    finish(process)


def test_client_fills_an_evaluation_dataset(client):
    from mlflow.genai.datasets import create_dataset, get_dataset

    experiment = client.create_experiment("questions")
    dataset = create_dataset("qa", experiment_id=[experiment, "0"], tags={"team": "x"})
    records = [{"inputs": {"question": f"{n}?"}, "expectations": {"answer": n}} for n in range(3)]
    dataset.merge_records(records)
    dataset.merge_records([{"inputs": {"question": "0?"}, "expectations": {"answer": "none"}, "tags": {"k": "v"}}])
    found = get_dataset(dataset_id=dataset.dataset_id)
    frame = found.to_df()
    assert frame["inputs"].tolist() == [{"question": "0?"}, {"question": "1?"}, {"question": "2?"}]
    assert frame["expectations"].tolist()[0] == {"answer": "none"}
    assert frame["source_type"].tolist() == ["HUMAN"] * 3
    assert frame["tags"].tolist()[0] == {"mlflow.user": "ada", "k": "v"}
    assert found.profile == '{"num_records": 3}'
    assert sorted(found.experiment_ids) == sorted(["0", experiment])
    assert found.tags["team"] == "x"
    assert found.created_by == found.last_updated_by == "ada"
    assert found.delete_records(frame["dataset_record_id"].tolist()[:2]) == 2
    assert get_dataset(dataset_id=dataset.dataset_id).to_df()["inputs"].tolist() == [{"question": "2?"}]
    with pytest.raises(mlflow.MlflowException, match="cannot mix session fields"):
        found.merge_records([{"inputs": {"goal": "x", "question": "y"}}])


def test_client_finds_and_changes_evaluation_datasets(client):
    from mlflow.genai import datasets

    other = client.create_experiment("other")
    made = [
        datasets.create_dataset(name, experiment_id=experiment, tags={"n": str(n)})
        for n, (name, experiment) in enumerate((("one", "0"), ("two", other), ("three", other)))
    ]
    found = datasets.search_datasets(experiment_ids=[other], order_by=["name ASC"])
    assert [dataset.name for dataset in found] == ["three", "two"]
    found = datasets.search_datasets(experiment_ids=["0", other], filter_string="tags.n = '0' AND name LIKE 'o%'")
    assert [dataset.name for dataset in found] == ["one"]
    assert len(datasets.search_datasets(experiment_ids=["0", other], max_results=2)) == 2
    one = made[0].dataset_id
    datasets.set_dataset_tags(dataset_id=one, tags={"new": 1})
    datasets.delete_dataset_tag(dataset_id=one, key="n")
    tags = datasets.get_dataset(dataset_id=one).tags
    assert (tags["new"], "n" in tags) == ("1", False)
    assert datasets.add_dataset_to_experiments(one, [other]).experiment_ids == ["0", other]
    assert datasets.remove_dataset_from_experiments(one, ["0"]).experiment_ids == [other]
    datasets.delete_dataset(dataset_id=one)
    with pytest.raises(mlflow.MlflowException, match="not found"):
        datasets.get_dataset(dataset_id=one)


def test_many_records_go_and_come_back(client):
    from mlflow.genai.datasets import create_dataset, get_dataset

    dataset = create_dataset("many", experiment_id="0")
    dataset.merge_records([{"inputs": {"n": n}, "outputs": {"text": "x" * 100}} for n in range(2500)])
    frame = get_dataset(dataset_id=dataset.dataset_id).to_df()
    assert [inputs["n"] for inputs in frame["inputs"]] == list(range(2500))


def test_client_registers_scorers(client):
    from mlflow.genai import make_judge
    from mlflow.genai.scorers import delete_scorer, get_scorer, list_scorers
    from mlflow.genai.scorers.registry import list_scorer_versions

    for word in ("good", "right"):
        judge = make_judge(
            name="judge", instructions=f"Is {{{{ outputs }}}} {word}?", model="openai:/gpt-4", feedback_value_type=str
        )
        judge.register(experiment_id="0")
    assert [scorer.name for scorer in list_scorers(experiment_id="0")] == ["judge"]
    assert get_scorer(name="judge", experiment_id="0").instructions == "Is {{ outputs }} right?"
    assert get_scorer(name="judge", experiment_id="0", version=1).instructions == "Is {{ outputs }} good?"
    assert [version for _, version in list_scorer_versions(name="judge", experiment_id="0")] == [1, 2]
    delete_scorer(name="judge", experiment_id="0", version="all")
    assert list_scorers(experiment_id="0") == []
    with pytest.raises(mlflow.MlflowException, match="Scorer with name 'judge' not found for experiment 0"):
        get_scorer(name="judge", experiment_id="0")


def test_predictions_are_judged_and_become_records(client, monkeypatch):
    from mlflow.genai.datasets import create_dataset, get_dataset
    from mlflow.genai.scorers import scorer

    monkeypatch.setenv("MLFLOW_GENAI_EVAL_SKIP_TRACE_VALIDATION", "true")
    mlflow.set_experiment("judged")
    dataset = create_dataset("qa")
    dataset.merge_records([{"inputs": {"n": n}, "expectations": {"double": 2 * n}} for n in range(3)])

    @scorer
    def right(outputs, expectations) -> bool:
        return outputs == expectations["double"]

    @mlflow.trace
    def predict(n) -> object:
        return n + n if n else "nothing"

    result = mlflow.genai.evaluate(data=dataset, predict_fn=predict, scorers=[right])
    assert round(float(result.metrics["right/mean"]), 3) == 0.667
    inputs = client.get_run(result.run_id).inputs.dataset_inputs
    assert [each.dataset.name for each in inputs] == ["qa"]
    traces = mlflow.search_traces(run_id=result.run_id, return_type="list")
    named = sorted(assessment.name for trace in traces for assessment in trace.info.assessments)
    assert named == ["double"] * 3 + ["right"] * 3
    dataset.merge_records(traces)
    frame = get_dataset(dataset_id=dataset.dataset_id).to_df()
    assert frame["outputs"].tolist() == ["nothing", 2, 4]
