"""Tuning: from a training table to the best model that the trials find."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from millwright.core.errors import MissingExtraError, StepFailedError
from millwright.core.progress import SilentProgress
from millwright.evaluation.metrics.catalog import MAIN_METRIC, get_metric
from millwright.models.example import json_rows
from millwright.models.model import Model
from millwright.training.candidate.catalog import baseline, select
from millwright.training.folds import Folds, plan_folds
from millwright.training.observer import TrackedTrials, TrialObserver, UnseenTrials
from millwright.training.options import TuningOptions
from millwright.training.problem import Problem, ProblemSource
from millwright.training.record import training_record
from millwright.training.search import Search
from millwright.training.table import prepare
from millwright.training.trial import Experimenter, Trial, rank
from millwright.training.validation import CrossValidator, fold_pool, recorded_warnings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import ThreadPoolExecutor

    import polars as pl

    from millwright.core.progress import Progress
    from millwright.evaluation.metrics.metric import Metric
    from millwright.tracking.tracker import Tracker
    from millwright.training.candidate.candidate import Candidate

__all__ = ["TuningOptions", "tune"]

_EXAMPLE_ROWS = 5


def tune(
    train: pl.DataFrame,
    *,
    target: str,
    options: TuningOptions | None = None,
    tracker: Tracker | None = None,
    progress: Progress | None = None,
) -> Model:
    """Finds the best candidate and its parameters by cross-validation, and fits it on all rows.

    Args:
        train: Raw training rows, typed; the target among the columns.
        target: The column to predict. Rows without it are left out and counted.
        options: What to try; see `TuningOptions`.
        tracker: Records each trial as a run of its own, part of `options.parent_run_id`; none when absent.
        progress: Shows the trials with the best score so far.

    Returns:
        The fitted model. What its `training` holds is told at `record.training_record`; beside it `rows` has how many
        rows the trials (`tuning`) and the final model (`fit`) saw. The same rows, options and library versions give
        the same model to the byte.

    Raises:
        InvalidInputError: The table, target or options cannot be learned from; see `table.prepare`.
        StepFailedError: Every trial failed; with the reasons.
        MissingExtraError: scikit-learn or optuna is not installed.
    """
    options, shown = options or TuningOptions(), progress or SilentProgress()
    _require_sklearn()
    table = prepare(train, target=target, task=options.task, groups=options.groups, exclude=options.exclude)
    task = table.signature.task
    candidates = select(task, options.candidates)
    metric = get_metric(MAIN_METRIC[task] if options.metric == "auto" else options.metric, task)
    for note in table.notes:
        shown.say(note)
    source = ProblemSource(table, seed=options.seed)
    problem = source.problem(options.max_tuning_rows, whole_groups=True)
    folds = plan_folds(
        problem.goal,
        folds=options.folds,
        seed=options.seed,
        is_classification=task.is_classification,
        groups=problem.groups,
    )
    with fold_pool(_workers(options, folds)) as pool:
        experimenter = Experimenter(
            validator=CrossValidator(problem, folds, pool), metric=metric, observer=_observer(tracker, options)
        )
        floor = experimenter.run("baseline", -1, baseline(task), {})
        trials = _try_all(experimenter, candidates, metric, options, shown)
        ranking = rank(trials, metric)
        if ranking[0].score is None:
            raise _all_failed(ranking)
        whole = source.problem(options.max_fit_rows, whole_groups=False)
        estimator, fitted = _fit(ranking[0], whole, pool)
    record = training_record(
        table=table, options=options, metric=metric, folds=folds, ranking=ranking, floor=floor, trials=len(trials)
    )
    record["rows"] |= {"tuning": len(problem.goal), "fit": fitted}
    return Model(
        estimator=estimator,
        signature=table.signature,
        encoder=source.encoder,
        training=record,
        example=json_rows(table.inputs.head(_EXAMPLE_ROWS), table.signature),
    )


def _require_sklearn() -> None:
    try:
        import sklearn  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise MissingExtraError("scikit-learn", "sklearn") from error


def _observer(tracker: Tracker | None, options: TuningOptions) -> TrialObserver:
    if tracker is None:
        return UnseenTrials()
    return TrackedTrials(tracker, experiment=options.experiment, parent_id=options.parent_run_id)


def _workers(options: TuningOptions, folds: Folds) -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(options.parallel or cores, len(folds.pairs))


def _try_all(
    experimenter: Experimenter,
    candidates: Sequence[Candidate],
    metric: Metric,
    options: TuningOptions,
    progress: Progress,
) -> list[Trial]:
    count = max(options.trials, len(candidates))
    search = Search(candidates, seed=options.seed, greater_is_better=metric.greater_is_better, start=options.start)
    trials: list[Trial] = []
    with progress.task(f"Tuning {len(candidates)} candidates", total=count) as bar:
        for number in range(count):
            proposal = search.propose()
            name = proposal.candidate.name
            trial = experimenter.run(f"{name}-{number}", number, proposal.candidate, proposal.params)
            search.tell(proposal, trial.score)
            trials.append(trial)
            best = rank(trials, metric)[0]
            note = "" if best.score is None else f"best {metric.name} {best.score:.4g} ({best.candidate.name})"
            bar.advance(note=note)
    return trials


def _fit(best: Trial, problem: Problem, pool: ThreadPoolExecutor) -> tuple[Any, int]:
    """The best candidate fitted on the problem's rows, and on how many of them; in the pool, where threads are held."""
    rows = problem.capped(problem.all_rows(), best.candidate.max_rows(best.params))
    estimator = best.candidate.build(best.params, problem.setting)
    with recorded_warnings():
        fitted = pool.submit(estimator.fit, problem.matrix[rows], problem.goal[rows]).result()
    return fitted, len(rows)


def _all_failed(ranking: Sequence[Trial]) -> StepFailedError:
    reasons = {trial.candidate.name: trial.error for trial in ranking}
    shown = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
    return StepFailedError(
        f"Every trial failed ({shown}).",
        hint="Look at the reasons; try other candidates or another metric.",
        details={"reasons": reasons},
    )
