"""A project with features online, and a model that was trained with them, served from each kind of online store."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec
import numpy as np
import polars as pl
import pytest

from millwright.core.clock import ManualClock
from millwright.core.records.dataset import DatasetKind
from millwright.core.records.model import ModelVersionRecord
from millwright.data.features.definition import (
    Entity,
    Feature,
    FeatureService,
    FeatureView,
    OnDemandFeatureView,
    StreamFeatureView,
    Window,
)
from millwright.data.features.feature_lookup import LOOKUP, lookup_of
from millwright.data.features.training_set import TrainingSet
from millwright.deployment.realtime.app import AppOptions, RealtimeApp
from millwright.deployment.realtime.loader import load_served
from millwright.deployment.realtime.model_slot import ModelSlot
from millwright.deployment.realtime.request_stats import RequestStats
from millwright.deployment.realtime.serving_state import ServingState
from millwright.models.model import Model
from millwright.registry.draft import VersionDraft
from millwright.workspace.settings import load_settings
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.deployment.realtime.served_model import ServedModel

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
REDIS = os.environ.get("MILLWRIGHT_TEST_REDIS", "redis://127.0.0.1:6379/0")
POSTGRES = os.environ.get("MILLWRIGHT_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
SITES = 40
OLD_SITE, UNKNOWN_SITE = 1000, 77777


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A prefix of its own on the Redis server, emptied at the end."""
    redis = pytest.importorskip("redis", reason="needs redis: pip install 'millwright[redis]'")
    server = redis.Redis.from_url(REDIS, socket_connect_timeout=3)
    try:
        server.ping()
    except redis.ConnectionError as error:
        pytest.skip(f"needs Redis at {REDIS}: {error}")
    prefix = f"millwright_test_{uuid4().hex[:12]}"
    yield f"{REDIS}?prefix={prefix}"
    places = list(server.scan_iter(match=f"{prefix}:*"))
    if places:
        server.delete(*places)
    server.close()


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A PostgreSQL database that is dropped at the end."""
    psycopg = pytest.importorskip("psycopg", reason="needs psycopg: pip install 'millwright[postgres]'")
    try:
        connection = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"needs PostgreSQL at {POSTGRES}: {error}")
    name = f"millwright_test_{uuid4().hex}"
    connection.execute(f'CREATE DATABASE "{name}"')
    yield f"{POSTGRES.rpartition('/')[0]}/{name}"
    connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    connection.close()


@dataclass(slots=True)
class World:
    """What tests work with."""

    workspace: Workspace
    training: TrainingSet
    model: Model
    record: ModelVersionRecord

    def load(self, **options: Any) -> ServedModel:
        """The version as a server loads it, on its own library, whose numbers are those of training."""
        given = {"prefer_onnx": False, "features": lambda: self.workspace.online} | options
        return load_served(self.record, self.workspace.stores.artifacts, **given)

    def app(self, served: ServedModel) -> RealtimeApp:
        """A server's application, which logs nothing."""
        state = ServingState(
            (ModelSlot("site", served),), clock=self.workspace.clock, stats=RequestStats(), log=None, max_rows=1000
        )
        return RealtimeApp(state, AppOptions())


def definitions() -> list[Any]:
    """Features of sites: from rows, from events, and computed."""
    site = Entity("site")
    history = FeatureView(
        "history",
        entities=[site],
        source="phases",
        timestamp="known_at",
        features=[
            Feature("mean_late", "Float64"),
            Feature("crews", "Int64"),
            Feature("kind", "String"),
            Feature("opened", "Date"),
        ],
        ttl=timedelta(days=30),
    )
    visits = StreamFeatureView(
        "visits",
        entities=[site],
        source="visits",
        timestamp="at",
        windows=[Window("visits_7d", kind="count", over=timedelta(days=7))],
    )
    per_visit = OnDemandFeatureView(
        "per_visit",
        sources=[history],
        request=[Feature("planned_days", "Float64")],
        features=[Feature("late_share", "Float64")],
        transform=lambda frame: frame.select(late_share=pl.col("mean_late") / pl.col("planned_days")),
    )
    return [FeatureService("delay", [history, visits, per_visit])]


def fill(workspace: Workspace) -> None:
    """Rows of the sources. Site 3 has no `mean_late`; one site's rows are older than they count."""
    rng = np.random.default_rng(4)
    sites = [*range(SITES), OLD_SITE]
    phases = pl.DataFrame(
        {
            "site": sites,
            "known_at": [NOON - timedelta(days=365 if site == OLD_SITE else 1 + site % 5) for site in sites],
            "mean_late": [None if site == 3 else float(rng.normal(5, 2)) for site in sites],
            "crews": [int(rng.integers(1, 9)) for _ in sites],
            "kind": ["school" if site % 2 else "bridge" for site in sites],
            "opened": [datetime(2000 + site % 20, 5, 1, tzinfo=UTC).date() for site in sites],
        }
    )
    events = [(site, NOON - timedelta(days=1 + number)) for site in range(SITES) for number in range(site % 4)]
    visits = pl.DataFrame({"site": [site for site, _ in events], "at": [at for _, at in events]})
    workspace.datasets.write(phases, "phases", kind=DatasetKind.TABLE)
    workspace.datasets.write(visits, "visits", kind=DatasetKind.TABLE)


def train(training: TrainingSet) -> tuple[Model, bytes]:
    """A model of the training set's features and of one column of the request."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from millwright.models.encoder import Encoder
    from millwright.models.package import pack
    from millwright.models.signature import Signature
    from millwright.models.task import Task

    inputs = training.frame.drop("site", "event_timestamp", "planned_days", "delayed")
    signature = Signature.infer(inputs, training.frame["delayed"], Task.BINARY)
    encoder = Encoder.fit(inputs, signature)
    late = (training.frame["delayed"] == "yes").to_numpy().astype(int)
    estimator = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())
    fitted = estimator.fit(encoder.encode(inputs, signature), late)
    example = msgspec.to_builtins(inputs.head(3).to_dicts())
    model = Model(estimator=fitted, signature=signature, encoder=encoder, example=tuple(example))
    return model, pack(model)


@pytest.fixture(params=["lmdb", "redis", pytest.param("postgresql", marks=pytest.mark.postgres)])
def online_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where features are kept online: each kind of store."""
    if request.param == "lmdb":
        return str(tmp_path / "online")
    return str(request.getfixturevalue("redis_url" if request.param == "redis" else "postgres_url"))


def build_world(folder: Path, url: str) -> World:
    """A world in a folder, with features in some online store."""
    settings = load_settings(folder, overrides={"online": url})
    workspace = Workspace(folder, settings, clock=ManualClock(NOON))
    fill(workspace)
    workspace.features.apply(definitions())
    workspace.online.materialize()
    rng = np.random.default_rng(5)
    sites = [site for site in range(SITES) if site != 3] * 3
    entities = pl.DataFrame(
        {
            "site": sites,
            "event_timestamp": [NOON] * len(sites),
            "planned_days": rng.uniform(5, 50, len(sites)),
            "size": rng.normal(10, 3, len(sites)),
            "delayed": rng.choice(["yes", "no"], len(sites)),
        }
    )
    training = workspace.features.training_set(entities, "delay")
    model, package = train(training)
    lookup = lookup_of(training.record)
    assert lookup is not None
    names = [column.name for column in model.signature.inputs]
    record = workspace.registry.register(
        VersionDraft(
            name="delay",
            package=workspace.stores.artifacts.put(package),
            size_bytes=len(package),
            flavor="sklearn",
            signature=model.signature.to_json(),
            params={"feature_service": lookup.service, LOOKUP: lookup.limited_to(names).to_json()},
        )
    )
    return World(workspace, training, model, record)


@pytest.fixture(scope="module")
def lasting_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world for all tests that leave its stores as they are."""
    folder = tmp_path_factory.mktemp("world")
    world = build_world(folder, str(folder / "online"))
    yield world
    world.workspace.close()


@pytest.fixture
def make_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Makes a world with features in some online store; without one, that of all tests, unless it is to be own."""
    opened: list[Workspace] = []

    def make(url: str = "", *, own: bool = False) -> World:
        if not url and not own:
            return replace(request.getfixturevalue("lasting_world"))
        world = build_world(tmp_path, url or str(tmp_path / "online"))
        opened.append(world.workspace)
        return world

    yield make
    for workspace in opened:
        workspace.close()
