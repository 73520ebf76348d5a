"""The registry by MLflow's own client: register, alias, stage, load, predict."""

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
    monkeypatch.setenv("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
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


def test_client_changes_models_and_versions(client):
    model = client.create_registered_model("a", tags={"k": "v"}, description="d")
    assert (model.tags, model.description, model.latest_versions) == ({"k": "v"}, "d", [])
    for _ in range(2):
        client.create_model_version("a", "s3://bucket/model", tags={"t": "x"})
    client.set_registered_model_alias("a", "champion", "2")
    assert client.get_registered_model("a").aliases == {"champion": "2"}
    assert client.get_model_version_by_alias("a", "champion").version == "2"
    assert client.get_model_version_by_alias("a", "latest").version == "2"
    client.update_model_version("a", "1", "described")
    client.set_model_version_tag("a", "1", "n", 7)
    client.delete_model_version_tag("a", "1", "t")
    first = client.get_model_version("a", "1")
    assert (first.description, first.tags, first.status) == ("described", {"n": "7"}, "READY")
    client.delete_registered_model_alias("a", "champion")
    with pytest.raises(mlflow.MlflowException, match="Registered model alias champion not found"):
        client.get_model_version_by_alias("a", "champion")
    assert [found.version for found in client.search_model_versions("name = 'a'", order_by=["version_number ASC"])] == [
        "1",
        "2",
    ]
    client.rename_registered_model("a", "b")
    client.delete_model_version("b", "1")
    with pytest.raises(mlflow.MlflowException, match=r"Model Version \(name=b, version=1\) not found"):
        client.get_model_version("b", "1")
    client.delete_registered_model("b")
    assert client.search_registered_models() == []


def test_pages_go_through_every_model_once(client):
    for number in range(7):
        client.create_registered_model(f"m{number}")
    names: list[str] = []
    token = None
    while True:
        page = client.search_registered_models(max_results=3, page_token=token, order_by=["name DESC"])
        names += [model.name for model in page]
        token = page.token
        if not token:
            break
    assert names == [f"m{number}" for number in reversed(range(7))]


def test_logged_model_is_registered_found_by_its_alias_and_predicts(client):
    from sklearn.linear_model import LogisticRegression

    rows, answers = [[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1]
    with mlflow.start_run() as run:
        logged = mlflow.sklearn.log_model(
            LogisticRegression().fit(rows, answers),
            name="model",
            registered_model_name="risk",
            serialization_format="skops",
        )
    version = client.get_model_version("risk", "1")
    assert (version.run_id, version.source) == (run.info.run_id, f"models:/{logged.model_id}")
    client.set_registered_model_alias("risk", "champion", version.version)
    loaded = mlflow.pyfunc.load_model("models:/risk@champion")
    assert list(loaded.predict(rows)) == answers


def test_prompt_is_registered_and_read_back(client):
    mlflow.genai.register_prompt("greeting", "Hello {{name}}", tags={"k": "v"})
    mlflow.genai.set_prompt_alias("greeting", alias="best", version=1)
    assert mlflow.genai.load_prompt("prompts:/greeting@best").format(name="Ada") == "Hello Ada"
    assert client.search_registered_models() == []
    assert [prompt.name for prompt in mlflow.genai.search_prompts()] == ["greeting"]
