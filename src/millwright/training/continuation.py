"""Going on from an earlier model (warm start) in place of a search: with its columns, its encoder and its preparation.

| estimators of scikit-learn | what going on is |
|---|---|
| gradient boosting, with histograms or without | a quarter of its first rounds more, for what it gets wrong |
| random forests, extra trees | a quarter of the trees, the oldest, are replaced by such that saw the new rows |
| logistic regression, elastic net, lasso, SGD, multilayer perceptrons | the solver begins at the coefficients |

Other kinds are searched for from nothing, and so are all when columns or classes are others than the model's. That is
never silent: the training record says which it was, and why.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from millwright.core.progress import SilentProgress
from millwright.evaluation.baseline import BaselinePrediction
from millwright.evaluation.metrics.catalog import MAIN_METRIC, get_metric
from millwright.models.column import ColumnType
from millwright.models.example import json_rows
from millwright.models.feature import Part
from millwright.models.model import Model
from millwright.training.problem import encode_goal
from millwright.training.sampling import choose_rows
from millwright.training.table import prepare
from millwright.training.tuning import tune
from millwright.training.validation import fold_pool, recorded_warnings

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from millwright.core.progress import Progress
    from millwright.tracking.tracker import Tracker
    from millwright.training.options import TuningOptions
    from millwright.training.table import TrainingTable

RECORD = "warm_start"
SHARE = 0.25  # of the rounds or trees that the model had at first: enough to follow a drift, cheap beside a search
MOST = 3  # times the first rounds: each answer costs as many trees, and a model that only grows never forgets
_EXAMPLE_ROWS = 5
_ROUNDS = {
    "HistGradientBoostingClassifier": "max_iter",
    "HistGradientBoostingRegressor": "max_iter",
    "GradientBoostingClassifier": "n_estimators",
    "GradientBoostingRegressor": "n_estimators",
}
_FORESTS = frozenset({"RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor"})
_SOLVED = frozenset(
    {
        "LogisticRegression", "ElasticNet", "Lasso", "SGDClassifier", "SGDRegressor", "MLPClassifier", "MLPRegressor",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Earlier:
    """What a training is asked to go on from.

    Attributes:
        ref: As records name it: `delay@3`.
        model: The version's own model; None when it cannot be had.
        reason: Why it cannot be had, a clause; else empty.
        start: Its candidate and parameters, with which the search begins when it cannot go on; None when unknown.
    """

    ref: str
    model: Model | None = None
    reason: str = ""
    start: tuple[str, Mapping[str, Any]] | None = None


def train_from(
    earlier: Earlier,
    train: pl.DataFrame,
    *,
    target: str,
    options: TuningOptions,
    tracker: Tracker | None = None,
    progress: Progress | None = None,
) -> Model:
    """Goes on from an earlier model where that is possible; else searches from nothing, and says why.

    Args:
        earlier: What to go on from.
        train: As of `tuning.tune`: the rows that the model is to learn from now.
        target: The column to predict.
        options: Of the search; of them going on uses the task, the columns, the seed and `max_fit_rows`.
        tracker: Records the trials of a search.
        progress: Shows what goes on.

    Returns:
        A model whose `training` holds `warm_start`: `version`, `continued` (bool); where it went on `how` (a sentence's
        end), `generation` (1 for the first time since a training from nothing) and `rounds` (of boosting, at first;
        0 for others); else `reason`. A model that went on has no leaderboard, no `cv` and no `score`: its own rows it
        has partly seen before, so that only rows kept apart can judge it.

    Raises:
        InvalidInputError, StepFailedError, MissingExtraError: As `tuning.tune`.
    """
    shown = progress or SilentProgress()
    table = prepare(train, target=target, task=options.task, groups=options.groups, exclude=options.exclude)
    reason = earlier.reason if earlier.model is None else obstacle(earlier.model, table)
    if earlier.model is None or reason:
        shown.say(f"Trained from nothing, not from {earlier.ref}: {reason}")
        begun = replace(options, start=options.start or earlier.start)
        model = tune(train, target=target, options=begun, tracker=tracker, progress=progress)
        told = {"version": earlier.ref, "continued": False, "reason": reason}
        return replace(model, training={**model.training, RECORD: told})
    model = _go_on(earlier.model, earlier.ref, table, options)
    shown.say(f"Went on from {earlier.ref}: {model.training[RECORD]['how']}")
    return model


def obstacle(model: Model, table: TrainingTable) -> str:
    """Why a model cannot go on with a table, as a clause; empty when it can.

    Args:
        model: Fitted, of any flavor.
        table: What is to be learned from now.
    """
    if model.flavor != "sklearn":
        return f"models of flavor '{model.flavor}' are trained on by a step of your own (mw.steps.earlier_model)"
    return _other_interface(model, table) or _other_columns(model, table) or _unable(model)


def _other_interface(model: Model, table: TrainingTable) -> str:
    before, now = model.signature, table.signature
    if before.target != now.target:
        return f"the target is '{now.target}', and was '{before.target}'"
    if before.task is not now.task:
        return f"the task is {now.task}, and was {before.task}"
    if before.classes != now.classes:
        return f"the classes are {_named(now.classes)}, and were {_named(before.classes)}"
    return ""


def _other_columns(model: Model, table: TrainingTable) -> str:
    before = {column.name: column for column in model.signature.inputs}
    now = {column.name: column for column in table.signature.inputs}
    if lost := [name for name in before if name not in now]:
        why = {column.name: f" ({column.reason})" for column in table.dropped}
        told = _named(name + why.get(name, "") for name in lost)
        return f"there is nothing to learn from in columns of the model: {told}"
    if new := [name for name in now if name not in before]:
        return f"columns are new: {_named(new)}"
    for name, column in now.items():
        if column.type is not before[name].type:
            return f"column {name} holds {column.type}, and held {before[name].type}"
        parts = {each.part for each in model.encoder.columns if each.source == name}
        is_number = column.type in (ColumnType.NUMBER, ColumnType.INTEGER)
        if is_number and column.nullable and parts and Part.MISSING not in parts:
            return f"column {name} has missing values, and had none"
    return ""


def _unable(model: Model) -> str:
    estimator = _last(model.estimator)
    kind = type(estimator).__name__
    if kind in _ROUNDS:
        first, present = _first_rounds(model), _rounds(estimator)
        if present + _more(first) > MOST * first:
            return f"it has grown from {first} to {present} rounds, and {MOST} times the first is the most"
        return ""
    if kind in _FORESTS or (kind in _SOLVED and getattr(estimator, "solver", "") != "liblinear"):
        return ""
    return f"a {kind} cannot go on from an earlier fit"


def _go_on(model: Model, ref: str, table: TrainingTable, options: TuningOptions) -> Model:
    goal = encode_goal(table.target, model.signature)
    codes = goal if model.signature.classes else None
    rows = choose_rows(options.max_fit_rows, seed=options.seed, classes=codes, total=len(goal))
    matrix = model.encoder.encode(table.inputs[rows], model.signature)
    pipeline = copy.deepcopy(model.estimator)
    known = model.training.get(RECORD) or {}
    generation = int(known.get("generation", 0)) + 1
    prepared = pipeline[:-1].transform(matrix) if len(pipeline.steps) > 1 else matrix
    first = _first_rounds(model)
    with fold_pool(1) as pool, recorded_warnings():
        how = pool.submit(_fit_on, _last(pipeline), prepared, goal[rows], (first, generation)).result()
    told = {"version": ref, "continued": True, "how": how, "generation": generation, "rounds": first}
    record = _record(model, table, options, fitted=len(rows))
    return Model(
        estimator=pipeline,
        signature=table.signature,
        encoder=model.encoder,
        training={**record, RECORD: told},
        example=json_rows(table.inputs.head(_EXAMPLE_ROWS), table.signature),
    )


def _fit_on(estimator: Any, matrix: NDArray[np.float32], goal: NDArray[Any], growth: tuple[int, int]) -> str:
    """Lets an estimator go on, and says how, as a sentence's end."""
    kind, (first, generation) = type(estimator).__name__, growth
    was_warm = estimator.warm_start
    estimator.set_params(warm_start=True)
    try:
        if kind in _ROUNDS:
            present, more = _rounds(estimator), _more(first)
            estimator.set_params(**{_ROUNDS[kind]: present + more})
            _boost(estimator, matrix, goal)
            return f"{more} rounds more, {present + more} in all, {first} at first"
        if kind in _FORESTS:
            return _renew(estimator, matrix, goal, generation)
        estimator.fit(matrix, goal)
        return "the solver began at its coefficients"
    finally:
        estimator.set_params(warm_start=was_warm)


def _boost(estimator: Any, matrix: NDArray[np.float32], goal: NDArray[Any]) -> None:
    """Fit further rounds to rows that the earlier ones may not have seen.

    Boosting with histograms sorts the rows into bins of their own at each fit, and asks the trees that are there by the
    numbers of the bins; these are right for the rows of the first fit only ("for results to be valid, the estimator
    should be re-trained on the same data only", says scikit-learn's reference). So the trees are asked before, by the
    values themselves, and the fit is given their answers. Measured on shifted rows in `test_continuation`.
    """
    if not hasattr(estimator, "_bin_mapper"):
        estimator.fit(matrix, goal)
        return
    stops_early = estimator.early_stopping
    scores = estimator._raw_predict(matrix)  # noqa: SLF001 - (n, trees per round), float64, in Fortran order
    # Fitting writes into what it is given; and part of the rows, set apart for stopping early, would be asked, too.
    estimator.set_params(early_stopping=False)
    estimator._raw_predict = lambda *_, **__: scores.copy(order="F")  # noqa: SLF001
    try:
        estimator.fit(matrix, goal)
    finally:
        del estimator._raw_predict  # noqa: SLF001
        estimator.set_params(early_stopping=stops_early)


def _renew(estimator: Any, matrix: NDArray[np.float32], goal: NDArray[Any], generation: int) -> str:
    count = len(estimator.estimators_)
    fresh = _more(count)
    seed = estimator.random_state
    estimator.estimators_ = estimator.estimators_[fresh:]
    if isinstance(seed, int):  # else the new trees would draw the same rows each time
        estimator.set_params(random_state=seed + generation)
    try:
        estimator.fit(matrix, goal)
    finally:
        estimator.set_params(random_state=seed)
    return f"{fresh} of {count} trees, the oldest, were replaced"


def _record(model: Model, table: TrainingTable, options: TuningOptions, *, fitted: int) -> dict[str, Any]:
    task, labelled = table.signature.task, table.labelled
    metric = get_metric(MAIN_METRIC[task] if options.metric == "auto" else options.metric, task)
    return {
        "candidate": model.training.get("candidate", type(_last(model.estimator)).__name__),
        "params": dict(model.training.get("params") or {}),
        "task": task.value,
        "metric": metric.name,
        "greater_is_better": metric.greater_is_better,
        "trials": 0,
        "baseline_prediction": BaselinePrediction.from_target(table.target, table.signature.classes).to_json(),
        "rows": {
            "given": labelled.frame.height + labelled.without_target + sum(labelled.rare_classes.values()),
            "without_target": labelled.without_target,
            "rare_classes": dict(labelled.rare_classes),
            "fit": fitted,
        },
        "dropped_columns": [{"name": column.name, "reason": column.reason} for column in table.dropped],
        "notes": [*table.notes, *_unknown_categories(model, table)],
        "groups": options.groups,
        "seed": options.seed,
    }


def _unknown_categories(model: Model, table: TrainingTable) -> list[str]:
    """Categories that are new: to a model that goes on they are all one."""
    notes = []
    for column in model.encoder.columns:
        if column.part is Part.CODE:
            present = next(each for each in table.signature.inputs if each.name == column.source)
            new = [name for name in present.categories if name not in set(column.categories)]
            if new:
                notes.append(f"'{column.source}': what the earlier model does not know counts as other: {_named(new)}")
    return notes


def _first_rounds(model: Model) -> int:
    known = (model.training.get(RECORD) or {}).get("rounds")
    return int(known or _rounds(_last(model.estimator)))


def _rounds(estimator: Any) -> int:
    """How many rounds of boosting were really fitted; 0 for what is not boosted."""
    kind = type(estimator).__name__
    if kind not in _ROUNDS:
        return 0
    return int(estimator.n_iter_ if kind.startswith("Hist") else len(estimator.estimators_))


def _more(count: int) -> int:
    return max(1, round(count * SHARE))


def _last(estimator: Any) -> Any:
    return estimator.steps[-1][1]


def _named(items: Any) -> str:
    names = [str(item) for item in items]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
