from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.embedding import compare_tensors
from millwright.monitoring.exposition import drift
from millwright.monitoring.exposition.fact import ReportFacts


def test_columns_are_told_with_limit_and_test_drifted_ones_first(told: Any, facts: Any):
    found = told(drift.DRIFT)
    days = next(each for each in facts.record.drift if each.column == "days")
    assert found[drift.SCORE, ("days", "psi")] == days.scores["psi"] > found[drift.LIMIT, ("days", "psi")] == 0.2
    assert found[drift.P_VALUE, ("days", "kolmogorov_smirnov")] == days.p_value
    flags = [value for (metric, _), value in found.items() if metric is drift.DRIFTED]
    assert flags == sorted(flags, reverse=True)
    assert (found[drift.DRIFTED, ("days",)], found[drift.DRIFTED, ("urgent",)]) == (1.0, 0.0)


def test_all_features_together_are_told_with_interval_and_limit(told: Any):
    found = told(drift.DRIFT)
    assert found[drift.JOINT_AUC_LIMIT, ()] == 0.6 < found[drift.JOINT_AUC_LOW, ()]
    assert found[drift.JOINT_AUC_LOW, ()] < found[drift.JOINT_AUC, ()] < found[drift.JOINT_AUC_HIGH, ()]
    assert found[drift.JOINT_DRIFTED, ()] == 1.0


def test_embeddings_are_told_with_every_statistic(told: Any, facts: Any):
    column = SignatureColumn(name="image", type=ColumnType.TENSOR, shape=(8,), dtype="float64")
    signature = Signature(task=Task.TENSOR, inputs=(column,), outputs=(), target="")
    generator = np.random.default_rng(0)
    sides = [
        pl.DataFrame({"image": pl.Series(generator.normal(mean, 1.0, (300, 8)).tolist(), dtype=pl.List(pl.Float64))})
        for mean in (0.0, 1.0)
    ]
    compared = [each.record for each in compare_tensors(*sides, signature)]
    found = told(drift.DRIFT, ReportFacts(record=replace(facts.record, drift=tuple(compared))))
    assert compared[0].drifted
    for statistic in ("mean_shift", "cosine", "mmd", "domain_auc"):
        assert found[drift.EMBEDDING_SCORE, ("image", statistic)] == compared[0].scores[statistic]
    assert found[drift.SCORE, ("image", compared[0].statistic)] > found[drift.LIMIT, ("image", compared[0].statistic)]
    assert found[drift.JOINT_AUC, ()] is None


def test_ordinary_columns_have_the_deciding_statistic_alone(told: Any):
    assert drift.EMBEDDING_SCORE not in {metric for metric, _ in told(drift.DRIFT)}
