from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from millwright.evaluation.baseline import BaselinePrediction
from millwright.evaluation.metrics.catalog import MAIN_METRIC, get_metric
from millwright.training.candidate.catalog import baseline
from millwright.training.folds import Folds
from millwright.training.options import TuningOptions
from millwright.training.record import training_record
from millwright.training.trial import Trial
from millwright.training.validation import Scores

if TYPE_CHECKING:
    from millwright.training.table import TrainingTable


def _trial(table: TrainingTable, score: float) -> Trial:
    task = table.signature.task
    name = MAIN_METRIC[task]
    scores = Scores(mean={name: score}, std={name: 0.0})
    return Trial(number=0, candidate=baseline(task), params={}, score=score, scores=scores)


def test_record_is_json_and_holds_the_baselines_prediction(prepared_table: TrainingTable) -> None:
    task = prepared_table.signature.task
    worse = 0.5 if task.is_classification else 9.0
    record = training_record(
        table=prepared_table,
        options=TuningOptions(),
        metric=get_metric(MAIN_METRIC[task]),
        folds=Folds(pairs=((np.arange(2), np.arange(2)),), scheme="random", note="fewer folds"),
        ranking=[_trial(prepared_table, 0.9)],
        floor=_trial(prepared_table, worse),
        trials=3,
    )

    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["rows"]["given"] == prepared_table.inputs.height
    assert record["notes"] == ["fewer folds"]
    expected = BaselinePrediction.from_target(prepared_table.target, prepared_table.signature.classes)
    assert BaselinePrediction.from_json(record["baseline_prediction"]) == expected


def test_record_says_when_no_candidate_beats_the_baseline(prepared_table: TrainingTable) -> None:
    task = prepared_table.signature.task
    same = _trial(prepared_table, 0.5)
    record = training_record(
        table=prepared_table,
        options=TuningOptions(),
        metric=get_metric(MAIN_METRIC[task]),
        folds=Folds(pairs=(), scheme="random"),
        ranking=[same],
        floor=same,
        trials=1,
    )

    assert "no candidate is better than the baseline" in record["notes"][-1]
