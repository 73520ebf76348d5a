from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from millwright.core.ids import PredictionId, new_id
from millwright.core.records.prediction import LabelRecord, PredictionRecord
from millwright.core.records.rollout import RolloutEvidence
from millwright.deployment.traffic.report import report_rollout
from millwright.deployment.traffic.strategy import AB, Shadow
from millwright.deployment.traffic.tally import Comparison, Tally
from millwright.evaluation.interval import BootstrapOptions


@pytest.fixture
def predict(workspace, clock):
    """Logs predictions of a version of whose probabilities a share is right, and their labels."""

    def log(
        version: int, rows: int, right: float, *, seed: int = 0, endpoint: str = "delay", keys=None, labels=True
    ) -> Any:
        rng = np.random.default_rng(seed)
        truth = rng.random(rows) < 0.5
        scores = np.where(rng.random(rows) < right, truth, ~truth) * 0.6 + rng.random(rows) * 0.4
        at = clock.now()
        records = [
            PredictionRecord(
                id=PredictionId(new_id(int(at.timestamp() * 1e3))), endpoint=endpoint, model="delay", version=version,
                at=at, features={"days": 1.0}, latency_ms=1.0, key=None if keys is None else keys[number],
                outputs={"prediction": "yes" if score > 0.5 else "no", "probability": float(score)},
            )
            for number, score in enumerate(scores)
        ]  # fmt: skip
        workspace.stores.predictions.append(records)
        if labels:
            told = [
                LabelRecord(prediction_id=r.id, value="yes" if is_late else "no", observed_at=at, recorded_at=at)
                for r, is_late in zip(records, truth, strict=True)
            ]
            workspace.stores.predictions.append_labels("delay", told)
        return records, truth, scores

    return log


def report(workspace, record):
    stores = workspace.stores
    return report_rollout(
        record,
        rollouts=stores.rollouts,
        models=stores.models,
        predictions=stores.predictions,
        options=BootstrapOptions(draws=200),
    )


def test_outcomes_are_told_arm_by_arm_with_intervals(begin, workspace, predict, clock):
    predict(1, 50, 0.1)  # before it began
    clock.advance(timedelta(minutes=1))
    record = begin(AB())
    predict(1, 300, 0.7)
    _, truth, scores = predict(2, 300, 0.95, seed=1)
    champion, challenger = report(workspace, record)
    assert [(arm.name, arm.rows, arm.labelled) for arm in (champion, challenger)] == [
        ("champion", 300, 300),
        ("challenger", 300, 300),
    ]
    assert challenger.metrics["roc_auc"] == pytest.approx(roc_auc_score(truth, scores))
    low, high = challenger.intervals["roc_auc"]
    assert low < challenger.metrics["roc_auc"] < high
    assert champion.difference is None
    found = challenger.difference
    assert (found.metric, found.verdict) == ("roc_auc", "better")
    assert found.gain == pytest.approx(challenger.metrics["roc_auc"] - champion.metrics["roc_auc"])
    assert 0 < found.interval[0] < found.gain < found.interval[1]


def test_arms_that_are_alike_stay_undecided(begin, workspace, predict):
    record = begin(AB())
    predict(1, 150, 0.8)
    predict(2, 150, 0.8, seed=3)
    assert report(workspace, record)[1].difference.verdict == "undecided"


def test_worse_arm_is_told_to_be_worse(begin, workspace, predict):
    record = begin(AB())
    predict(1, 200, 0.95)
    predict(2, 200, 0.6, seed=3)
    assert report(workspace, record)[1].difference.verdict == "worse"


def test_rows_without_labels_are_counted(begin, workspace, predict):
    record = begin(AB())
    predict(1, 20, 0.8, labels=False)
    champion, challenger = report(workspace, record)
    assert (champion.rows, champion.labelled, champion.metrics) == (20, 0, {})
    assert (challenger.rows, challenger.difference) == (0, None)


def test_requests_are_told_from_what_processes_have_counted(begin, workspace, clock):
    record = begin(AB())
    tally = Tally(answered=10, failed=1, refused=2, seconds=0.05)
    tally.latencies[20] = 10
    for process in ("a", "b"):
        workspace.stores.rollouts.put_evidence(
            [
                RolloutEvidence(
                    rollout_id=record.id, step=0, arm="challenger", process=process, updated_at=clock.now(),
                    counts=tally.to_json(),
                )
            ]
        )  # fmt: skip
    challenger = report(workspace, record)[1]
    assert (challenger.answered, challenger.failed, challenger.refused) == (20, 2, 4)
    assert challenger.mean_s == pytest.approx(0.005)
    assert challenger.p95_s is not None


def test_shadow_has_the_labels_of_what_was_answered(begin, workspace, predict, clock):
    record = begin(Shadow())
    answered, truth, _ = predict(1, 200, 0.7)
    _, shadow_truth, _ = predict(
        2, 200, 0.95, seed=0, endpoint="delay.shadow", keys=[r.id for r in answered], labels=False
    )
    assert (truth == shadow_truth).all()  # one seed
    tally = Tally(shadow=Comparison(compared=200, agreed=150, numeric=200, difference=2.0, absolute=10.0, shed=3))
    workspace.stores.rollouts.put_evidence(
        [
            RolloutEvidence(
                rollout_id=record.id, step=0, arm="shadow", process="a", updated_at=clock.now(), counts=tally.to_json()
            )
        ]
    )
    primary, shadow = report(workspace, record)
    assert (primary.rows, shadow.rows, shadow.labelled) == (200, 200, 200)
    assert shadow.metrics["roc_auc"] > primary.metrics["roc_auc"]
    assert shadow.comparison == {
        "compared": 200,
        "agreement": 0.75,
        "mean_difference": 0.01,
        "mean_absolute_difference": 0.05,
        "failed": 0,
        "shed": 3,
    }
