"""What MLflow's own client and plain requests ask of a running server, over addresses as people write them."""

from __future__ import annotations

import json
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.workplace import Workplace

mlflow = pytest.importorskip("mlflow", reason="needs mlflow")


@contextmanager
def served(workplace: Workplace) -> Iterator[str]:
    process = workplace.start("server", "--port", "0", "--json")
    assert process.stdout is not None
    text = ""
    while not text.endswith("}\n"):
        text += process.stdout.readline()
    try:
        yield json.loads(text)["url"]
    finally:
        process.terminate()
        process.communicate(timeout=60)


def by_command(url: str, *arguments: str) -> str:
    """What the `mlflow` command prints."""
    from click.testing import CliRunner

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the command warns of its own classes when it is loaded
        from mlflow.cli import cli

    ended = CliRunner(env={"MLFLOW_TRACKING_URI": url}).invoke(cli, arguments, catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    return ended.output


def told(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()


@pytest.mark.slow
def test_addresses_with_doubled_slashes_lead_to_the_same_answers(workplace: Workplace) -> None:
    with served(workplace) as url, httpx.Client(follow_redirects=True) as plain:
        bad = {"error_code": "INVALID_PARAMETER_VALUE", "message": "Invalid path"}
        query = {"name": "model", "version": "1", "path": "../path"}
        assert told(plain.get(f"{url}//model-versions/get-artifact", params=query)) == (400, bad)
        made = plain.post(f"{url}//api/2.0//mlflow/experiments/create", json={"name": "doubled"})
        assert told(made) == (200, {"experiment_id": "1"})
        assert mlflow.MlflowClient(f"{url}/").get_experiment_by_name("doubled").experiment_id == "1"


@pytest.mark.slow
def test_relative_location_of_an_experiment_begins_where_the_server_runs(workplace: Workplace) -> None:
    with served(workplace) as url:
        client = mlflow.MlflowClient(url)
        made = client.create_experiment("local", artifact_location="my_location")
        assert Path(client.get_experiment(made).artifact_location) == workplace.folder.resolve() / "my_location"


@pytest.mark.slow
def test_mlflow_command_makes_and_renames_experiments(workplace: Workplace) -> None:
    with served(workplace) as url:
        client = mlflow.MlflowClient(url)
        by_command(url, "experiments", "create", "-n", "by command ✓")
        made = client.get_experiment_by_name("by command ✓").experiment_id
        by_command(url, "experiments", "rename", "-x", made, "--new-name", "renamed")
        run_id = client.create_run(made, run_name="r").info.run_id
        assert run_id in by_command(url, "runs", "list", "--experiment-id", made)


@pytest.mark.slow
def test_mlflow_command_sends_files_and_deletes_experiments(workplace: Workplace) -> None:
    with served(workplace) as url:
        client = mlflow.MlflowClient(url)
        made = client.create_experiment("x")
        run_id = client.create_run(made).info.run_id
        (workplace.folder / "a.txt").write_text("data", encoding="utf-8")
        by_command(url, "artifacts", "log-artifact", "-l", str(workplace.folder / "a.txt"), "-r", run_id, "-a", "dir")
        assert "dir/a.txt" in by_command(url, "artifacts", "list", "-r", run_id, "-a", "dir")
        by_command(url, "experiments", "delete", "-x", made)
        assert client.get_experiment(made).lifecycle_stage == "deleted"


@pytest.mark.slow
def test_largest_numbers_and_odd_names_come_back_as_they_were(workplace: Workplace) -> None:
    with served(workplace) as url:
        client = mlflow.MlflowClient(url)
        run_id = client.create_run(client.create_experiment("größe ✓ 日本")).info.run_id
        steps = [-(2**63), -1, 0, 2**53 + 1, 2**63 - 1]
        for step in steps:
            client.log_metric(run_id, "métrique/ü", 1e308, timestamp=253_402_300_799_999, step=step)
        history = client.get_metric_history(run_id, "métrique/ü")
        assert sorted(each.step for each in history) == steps
        assert {each.timestamp for each in history} == {253_402_300_799_999}
        assert client.get_run(run_id).data.metrics == {"métrique/ü": 1e308}
        client.create_registered_model("größe ✓ 日本")
        assert client.get_registered_model("größe ✓ 日本").name == "größe ✓ 日本"
