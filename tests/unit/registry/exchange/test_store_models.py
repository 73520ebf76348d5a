from __future__ import annotations

import pytest

from millwright.core.clock import ManualClock
from millwright.core.errors import ConflictError
from millwright.core.events import EventBus
from millwright.registry.exchange.content import Model, Version
from millwright.registry.exchange.store_models import StoreModels
from millwright.testing import sample


@pytest.fixture
def events():
    return EventBus()


@pytest.fixture
def models(stores, events):
    return StoreModels(stores=stores, clock=ManualClock(sample.NOON), events=events, actor="user:ada")


def version(number: int, **more: str) -> Version:
    return Version(name="delay", version=number, created_ms=1, updated_ms=2, **more)


def test_versions_are_made_once_with_their_numbers_and_told(models, stores, events):
    heard: list[str] = []
    events.subscribe("*", lambda event: heard.append(event.type))
    model = Model(name="delay", created_ms=1, updated_ms=2, aliases={"champion": 2, "lost": 9})
    assert models.put_model(model)
    assert not models.put_model(model)
    assert models.put_version(version(2))
    assert not models.put_version(version(2))
    models.put_aliases(model)
    models.put_aliases(model)
    assert [each.version for each in models.iter_versions("delay")] == [2]
    assert [each.aliases for each in models.iter_models()] == [{"champion": 2}]
    assert heard == ["model.created", "model.registered", "model.promoted"]
    assert stores.audit.list(subject="delay@2")[-1].action == "model.register"


def test_version_that_comes_before_those_that_are_here_is_refused(models):
    models.put_model(Model(name="delay", created_ms=1, updated_ms=2))
    models.put_version(version(3))
    with pytest.raises(ConflictError, match="version 2 of delay to be next, found 4"):
        models.put_version(version(2))


def test_version_of_a_logged_model_names_it(models, stores):
    models.put_model(Model(name="delay", created_ms=1, updated_ms=2))
    models.put_version(version(1, source="models:/m-" + "0" * 32))
    models.put_version(version(2, source="models:/other/1"))
    assert [each.model_id for each in stores.models.list_versions("delay")] == [None, "m-" + "0" * 32]


def test_source_in_the_folder_of_a_run_that_was_moved_follows_it(models):
    models.put_model(Model(name="delay", created_ms=1, updated_ms=2))
    models.remember("r", "file:///mlruns/1/r/artifacts/", "mlflow-artifacts:/2/r/artifacts")
    for number, source in enumerate(
        ("file:///mlruns/1/r/artifacts/model", "file:///mlruns/1/r/artifactsx", "s3://x"), 1
    ):
        models.put_version(version(number, source=source, run_id="r"))
    assert [each.source for each in models.iter_versions("delay")] == [
        "mlflow-artifacts:/2/r/artifacts/model",
        "file:///mlruns/1/r/artifactsx",
        "s3://x",
    ]
