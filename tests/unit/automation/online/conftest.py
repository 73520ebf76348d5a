"""A world whose rows are late when it rains much, an endpoint that logs answers, and labels that arrive."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from millwright.automation.online import OnlineLearner, OnlineLearning
from millwright.core.ids import PredictionId, new_id
from millwright.core.records.prediction import LabelRecord, PredictionRecord
from millwright.models.adoption import adopt
from millwright.models.flavors.river import RiverModel
from millwright.registry.packaged import register_model

pytest.importorskip("river")

from river import linear_model, preprocessing

if TYPE_CHECKING:
    from automation.conftest import Project

MODEL = "site"


class World:
    """What happens, and who learns from it."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.rng = random.Random(1)

    def learner(self, **declared: Any) -> OnlineLearner:
        declaration = OnlineLearning(
            **{"name": "site", "endpoint": "site", "model": MODEL, "snapshot_labels": 100, "window": 50, **declared}
        )
        return OnlineLearner(
            declaration,
            stores=self.project.stores,
            registry=self.project.registry,
            clock=self.project.clock,
            events=self.project.events,
        )

    def happen(self, count: int, *, turned: bool = False) -> None:
        """So many predictions are asked for and labelled; `turned` tells the opposite of what was learnt."""
        clock, predictions = self.project.clock, self.project.stores.predictions
        records, labels = [], []
        for _ in range(count):
            clock.advance(timedelta(seconds=1))
            now = clock.now()
            row = {"rain": self.rng.random() * 10, "crew": float(self.rng.randrange(2, 9)), "town": "north"}
            late = (row["rain"] > 5) != turned
            prediction_id = PredictionId(new_id(int(now.timestamp() * 1000)))
            records.append(
                PredictionRecord(
                    id=prediction_id, endpoint="site", model=MODEL, version=1, at=now, features=row,
                    outputs={"prediction": False, "probability": 0.5}, latency_ms=1.0,
                )
            )  # fmt: skip
            labels.append(LabelRecord(prediction_id=prediction_id, value=late, observed_at=now, recorded_at=now))
        predictions.append(records)
        predictions.append_labels("site", labels)
        clock.advance(timedelta(seconds=10))

    def version(self) -> int:
        return self.project.registry.resolve(f"{MODEL}@online").version


@pytest.fixture
def world(project: Project) -> World:
    learner = preprocessing.StandardScaler() | linear_model.LogisticRegression()
    sample = pl.DataFrame({"rain": [1.0, 9.0], "crew": [3.0, 4.0], "town": ["north", "north"]}).select("rain", "crew")
    model = adopt(RiverModel(learner, [False, True]), sample, target="late")
    version = register_model(model, MODEL, sample=sample, registry=project.registry, stores=project.stores)
    project.registry.point(MODEL, version.version, "online", reason="begin")
    return World(project)
