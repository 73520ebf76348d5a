from __future__ import annotations

from dataclasses import replace

from millwright.core.process import current_owner
from millwright.core.records.model import RegisteredModelRecord
from millwright.testing import sample
from millwright.workspace.up import Served
from millwright.workspace.up import served as module
from millwright.workspace.workspace import Workspace


def choices(workspace: Workspace, pid: int | None = None) -> set[str]:
    return set(Served(workspace, lambda: pid).choices())


def with_model(workspace: Workspace, name: str) -> None:
    models = workspace.stores.models
    models.create_model(RegisteredModelRecord(name=name, created_at=sample.NOON))
    models.create_version(sample.model_version(name))
    models.put_alias(sample.alias(name, 1))


def test_endpoints_and_models_with_a_champion_are_served(tmp_path) -> None:
    with Workspace.open(tmp_path) as workspace:
        assert choices(workspace) == set()
        for name in ("delay", "visits"):
            with_model(workspace, name)
        endpoint = sample.endpoint("late", url="", owner="", model="delay", selector="champion")
        workspace.stores.endpoints.put(endpoint)
        workspace.stores.endpoints.put(replace(endpoint, name="gone", model="nothing"))
        assert choices(workspace) == {"late=delay@champion", "visits=visits@champion"}


def test_endpoint_that_another_process_serves_is_left_to_it(tmp_path) -> None:
    with Workspace.open(tmp_path) as workspace:
        with_model(workspace, "delay")
        owner = current_owner()
        served = sample.endpoint("delay", url="http://x:1", owner=owner, model="delay", selector="champion")
        workspace.stores.endpoints.put(served)
        assert choices(workspace) == set()
        assert choices(workspace, int(owner.split(":")[1])) == {"delay=delay@champion"}


def test_copy_of_a_workspace_serves_what_the_original_serves_too(tmp_path) -> None:
    with Workspace.open(tmp_path) as workspace:
        with_model(workspace, "delay")
        served = sample.endpoint("delay", url="http://x:1", owner=current_owner(), model="delay", selector="champion")
        elsewhere, here = ({"home": str(folder)} for folder in (tmp_path / "original", tmp_path))
        workspace.stores.endpoints.put(replace(served, settings=here))
        assert choices(workspace) == set()
        said = Served(workspace, lambda: None).why_idle()
        assert said.startswith("another server answers already: delay at http://x:1 (process ")
        workspace.stores.endpoints.put(replace(served, settings=elsewhere))
        assert choices(workspace) == {"delay=delay@champion"}


def test_endpoint_of_a_machine_that_is_gone_is_served_here(tmp_path) -> None:
    with Workspace.open(tmp_path) as workspace:
        with_model(workspace, "delay")
        assert Served(workspace, lambda: None).why_idle() == "it waits for the first champion of a model"
        gone = sample.endpoint(
            "delay", url="http://127.0.0.1:9", owner="container-1:7:1", model="delay", selector="champion"
        )
        workspace.stores.endpoints.put(gone)
        assert choices(workspace) == {"delay=delay@champion"}


def test_what_is_served_stays(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(module, "_KEPT_S", 0.0)
    with Workspace.open(tmp_path) as workspace:
        with_model(workspace, "delay")
        served = Served(workspace, lambda: None)
        assert served.choices() == ("delay=delay@champion",)
        workspace.stores.models.delete_alias("delay", "champion")
        with_model(workspace, "visits")
        assert served.choices() == ("delay=delay@champion", "visits=visits@champion")
