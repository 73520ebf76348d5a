"""What can be asked of tuning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from millwright.core.errors import InvalidInputError
from millwright.core.ids import RunId
from millwright.training.candidate.candidate import Candidate


@dataclass(frozen=True, kw_only=True, slots=True)
class TuningOptions:
    """Settings of `tune`.

    Attributes:
        candidates: Names or candidates to try; none means all of the task.
        trials: Parameter settings to try in all; raised to the number of candidates, so that each gets one.
        folds: Cross-validation folds, 2 to 20; fewer are used when a class or the groups are too few, and it is said.
        metric: What decides; `auto` is `roc_auc` for classes (several classes: each against the rest, mean; it
            doesn't depend on a threshold and bears imbalance) and `rmse` for numbers.
        task: `auto`, `classification` or `regression`; see `task.infer_task`.
        start: A candidate's name and the parameters with which it is tried first, in place of its defaults: those of
            an earlier model, so that the search goes on from there.
        seed: Of everything random; the same rows, options and library versions give the same model to the byte.
        groups: A column whose equal values never stand on both sides of a fold; not learned from.
        exclude: Columns not to learn from.
        max_tuning_rows: Tables with more rows are sampled for the trials (class shares kept); stated in the record.
        max_fit_rows: Most rows the best candidate is fitted on at the end; stated in the record.
        experiment: Name of the experiment that the trials' runs belong to.
        parent_run_id: The run that they are part of, or None.
        parallel: Folds fitted at once, in threads of one core each; None: as many as the process may use cores, at
            most one per fold. Doesn't change the result.
    """

    candidates: tuple[str | Candidate, ...] = ()
    trials: int = 30
    folds: int = 5
    metric: str = "auto"
    task: str = "auto"
    seed: int = 0
    groups: str | None = None
    exclude: tuple[str, ...] = ()
    max_tuning_rows: int = 20_000
    max_fit_rows: int = 200_000
    experiment: str = "tuning"
    parent_run_id: RunId | None = None
    parallel: int | None = None
    start: tuple[str, Mapping[str, Any]] | None = None

    def __post_init__(self) -> None:
        for name, low, high in (
            ("trials", 1, 10_000),
            ("folds", 2, 20),
            ("max_tuning_rows", 100, None),
            ("max_fit_rows", 100, None),
            ("parallel", 1, 256),
            ("seed", 0, 2**32 - 1),
        ):
            value = getattr(self, name)
            if value is None and name == "parallel":
                continue
            if isinstance(value, bool) or not isinstance(value, int) or value < low or (high and value > high):
                bounds = f"{low} to {high:,}" if high else f"{low} or more"
                raise InvalidInputError(f"Expected {name} as an integer of {bounds}, found {value!r}.")
