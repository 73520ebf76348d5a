"""The training record: what a model's package tells about how it came to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.evaluation.baseline import BaselinePrediction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.evaluation.metrics.metric import Metric
    from millwright.training.folds import Folds
    from millwright.training.options import TuningOptions
    from millwright.training.table import TrainingTable
    from millwright.training.trial import Trial


def training_record(
    *,
    table: TrainingTable,
    options: TuningOptions,
    metric: Metric,
    folds: Folds,
    ranking: Sequence[Trial],
    floor: Trial,
    trials: int,
) -> dict[str, Any]:
    """What was tried and what came out, as JSON values; no times, so that equal trainings have equal records.

    Args:
        table: What was learned from.
        options: What was asked.
        metric: What decided.
        folds: How it was judged.
        ranking: The best trial of each candidate, best first.
        floor: The baseline's trial.
        trials: How many trials there were.

    Returns:
        `candidate`, `params`, `task`, `metric` (name), `greater_is_better`, `score` (the metric's mean), `cv` (scheme,
        folds, metrics with mean and std), `leaderboard` and `baseline` (each trial with candidate, params and metrics,
        or error), `baseline_prediction` (priors or mean, as evaluation takes it), `trials`, `rows` (given,
        without_target, rare_classes), `dropped_columns` (name, reason), `notes`, `groups`, `seed`.
    """
    best = ranking[0].to_json()
    labelled = table.labelled
    notes = [*table.notes, *([folds.note] if folds.note else [])]
    notes += _beaten(ranking[0], floor, metric)
    return {
        "candidate": best["candidate"],
        "params": best["params"],
        "task": table.signature.task.value,
        "metric": metric.name,
        "greater_is_better": metric.greater_is_better,
        "score": ranking[0].score,
        "trials": trials,
        "cv": {"scheme": folds.scheme, "folds": len(folds.pairs), "metrics": best["metrics"]},
        "leaderboard": [trial.to_json() for trial in ranking],
        "baseline": floor.to_json(),
        "baseline_prediction": BaselinePrediction.from_target(table.target, table.signature.classes).to_json(),
        "rows": {
            "given": labelled.frame.height + labelled.without_target + sum(labelled.rare_classes.values()),
            "without_target": labelled.without_target,
            "rare_classes": dict(labelled.rare_classes),
        },
        "dropped_columns": [{"name": column.name, "reason": column.reason} for column in table.dropped],
        "notes": notes,
        "groups": options.groups,
        "seed": options.seed,
    }


def _beaten(best: Trial, floor: Trial, metric: Metric) -> list[str]:
    if best.score is None or floor.score is None or metric.gain(best.score, floor.score) > 0:
        return []
    return [f"no candidate is better than the baseline ({floor.candidate.name}): the inputs may hold no signal"]
