"""Drift of each column, embeddings among them, and of all features together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.monitoring.embedding.drift import KIND as EMBEDDING
from millwright.monitoring.exposition.metric import Family, of_report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.core.records.monitor import DriftRecord
    from millwright.monitoring.exposition.fact import ReportFacts
    from millwright.monitoring.exposition.metric import Figure

SCORE = of_report("drift_score", "The statistic that decides about a column.", "column", "statistic")
LIMIT = of_report("drift_limit", "Its limit.", "column", "statistic")
P_VALUE = of_report("drift_p_value", "Of the test that has to agree, 0 to 1.", "column", "test")
DRIFTED = of_report("drifted", "1 for a column that has drifted, else 0.", "column")
EMBEDDING_SCORE = of_report(
    "embedding_score",
    "Every statistic of a column of embeddings, also those that do not decide.",
    "column",
    "statistic",
)
JOINT_AUC = of_report(
    "joint_auc", "How well a classifier tells the window from the reference by all features: 0.5 not at all, 1 always."
)
JOINT_AUC_LOW = of_report("joint_auc_low", "The lower end of its 99 % interval.")
JOINT_AUC_HIGH = of_report("joint_auc_high", "The upper end of its 99 % interval.")
JOINT_AUC_LIMIT = of_report("joint_auc_limit", "Its limit.")
JOINT_DRIFTED = of_report("joint_drifted", "1 when all features together have drifted, else 0.")


def _read(facts: ReportFacts) -> Iterator[Figure]:
    for drift in sorted(facts.record.drift, key=_weight):
        deciding = (drift.column, drift.statistic)
        yield DRIFTED, (drift.column,), float(drift.drifted)
        yield LIMIT, deciding, drift.threshold
        yield SCORE, deciding, drift.scores.get(drift.statistic)
        yield P_VALUE, (drift.column, drift.test), drift.p_value
        if drift.kind == EMBEDDING:
            for statistic, score in drift.scores.items():
                yield EMBEDDING_SCORE, (drift.column, statistic), score
    yield JOINT_AUC, (), facts.number("joint", "auc")
    yield JOINT_AUC_LOW, (), facts.number("joint", "interval", 0)
    yield JOINT_AUC_HIGH, (), facts.number("joint", "interval", 1)
    yield JOINT_AUC_LIMIT, (), facts.number("joint", "limit")
    yield JOINT_DRIFTED, (), facts.number("joint", "drifted")


def _weight(drift: DriftRecord) -> tuple[bool, float]:
    score = drift.scores.get(drift.statistic, 0.0)
    return not drift.drifted, -score / drift.threshold if drift.threshold else -score


DRIFT = Family(
    name="drift",
    about="Drift of each column, of embeddings, and of all features together; the furthest drifted columns first.",
    metrics=(
        SCORE, LIMIT, P_VALUE, DRIFTED, EMBEDDING_SCORE,
        JOINT_AUC, JOINT_AUC_LOW, JOINT_AUC_HIGH, JOINT_AUC_LIMIT, JOINT_DRIFTED,
    ),
    read=_read,
)  # fmt: skip
