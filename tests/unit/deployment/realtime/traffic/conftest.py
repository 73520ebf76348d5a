"""A workspace whose models share an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from millwright.core.clock import ManualClock, SystemClock
from millwright.deployment.traffic.control import RolloutControl
from tiny.rollout_world import START, Models, Troubled, World

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def similar_package(frame: Any) -> bytes:
    """A package of a model that has learned nearly the same as version 1."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from millwright.models.compile.compilation import compile_model
    from millwright.models.encoder import Encoder
    from millwright.models.model import Model
    from millwright.models.package import pack
    from millwright.models.signature import Signature
    from millwright.models.task import Task

    inputs = frame.drop("delayed")
    signature = Signature.infer(inputs, frame["delayed"], Task.BINARY)
    encoder = Encoder.fit(inputs, signature)
    late = (frame["delayed"] == "yes").to_numpy().astype(int)
    steps = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(C=0.8))
    estimator = steps.fit(encoder.encode(inputs, signature), np.asarray(late))
    model = Model(estimator=estimator, signature=signature, encoder=encoder, example=tuple(inputs.head(3).to_dicts()))
    return pack(model, compilation=compile_model(model, inputs))


@pytest.fixture
def make_world(workspace: Any, similar_package: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes a world with a clock."""
    from millwright.deployment.realtime.assembly import serving_process
    from millwright.models.package import read_manifest
    from millwright.registry.draft import VersionDraft

    stores, registry, models = workspace.stores, workspace.registry, Models()
    draft = VersionDraft(
        name="delay",
        package=stores.artifacts.put(similar_package),
        size_bytes=len(similar_package),
        flavor="sklearn",
        signature=read_manifest(similar_package)["signature"],
    )
    assert registry.register(draft).version == 3
    load = serving_process.load_served

    def troubled(record: Any, *args: Any, **options: Any) -> Any:
        if record.version in models.broken:
            from millwright.core.errors import IntegrityError

            raise IntegrityError("It fails its self-test.")
        served = load(record, *args, **options)
        if record.version in models.fails or record.version in models.slow:
            slow_s = models.slow.get(record.version, 0.0)
            served.predictor = Troubled(served.predictor, fails=record.version in models.fails, slow_s=slow_s)
        return served

    monkeypatch.setattr(serving_process, "load_served", troubled)
    worlds: list[World] = []

    def make(clock: Any) -> World:
        control = RolloutControl(stores=stores, registry=registry, clock=clock, actor="user:ada")
        worlds.append(World(workspace, clock, control, models))
        return worlds[-1]

    yield make
    for world in worlds:
        for stop in world.stops:
            stop()


@pytest.fixture
def world(make_world: Any) -> World:
    """A world whose time stands still until it is moved."""
    return make_world(ManualClock(START))  # type: ignore[no-any-return]


@pytest.fixture
def real_world(make_world: Any) -> World:
    """A world with the machine's time."""
    return make_world(SystemClock())  # type: ignore[no-any-return]
