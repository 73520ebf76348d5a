"""Tune: candidates, search and cross-validation; the best model, refitted on all training rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.models.model import Model
from millwright.pipelines.context import StepContext
from millwright.pipelines.step import step
from millwright.registry.registry import Registry
from millwright.tracking.tracker import Tracker
from millwright.training.options import TuningOptions
from millwright.training.tuning import tune as search

if TYPE_CHECKING:
    from collections.abc import Mapping


@step
def tune(
    ctx: StepContext,
    train: pl.DataFrame,
    target: str,
    candidates: list[str] | None = None,
    trials: int = 20,
    task: str = "auto",
    exclude: list[str] | None = None,
    group: str | None = None,
) -> Model:
    """Search over candidates and their hyperparameters with cross-validation; every trial is a tracked run.

    Args:
        ctx: Given by the runner.
        train: Training rows: features, the target, and columns that only order or group them.
        target: The column to predict; rows without it are left out.
        candidates: Names of candidates; all that suit the task when there are none. One entry may be a version, as
            `delay@3`: its candidate and parameters are tried first, in place of that candidate's defaults. The model
            itself is fitted anew. An empty text is no entry, so that a parameter can be handed on as it is.
        trials: How many settings to try in all, at least one per candidate.
        task: `auto`, `classification` or `regression`.
        exclude: Columns that are no features.
        group: Column whose equal values stay in one fold; no feature either.

    Returns:
        The winner, fitted on all training rows, with the leaderboard in `training`.
    """
    versions = [entry for entry in candidates or () if "@" in entry]
    if len(versions) > 1:
        raise InvalidInputError(f"Expected one version to start from, found {', '.join(versions)}.")
    options = TuningOptions(
        candidates=tuple(entry for entry in candidates or () if entry and "@" not in entry),
        trials=trials,
        task=task,
        groups=group,
        exclude=tuple(exclude or ()),
        experiment=ctx.pipeline,
        parent_run_id=ctx.tracking_run_id,
        start=_start(ctx, versions[0]) if versions else None,
    )
    model = search(train, target=target, options=options, tracker=ctx.service(Tracker), progress=ctx.progress)
    record, metric = model.training, model.training["metric"]
    scored = [row for row in (*record["leaderboard"], record["baseline"]) if "metrics" in row]  # best first
    ctx.note(
        candidate=record["candidate"],
        metric=metric,
        trials=record["trials"],
        leaderboard=[f"{row['candidate']} {row['metrics'][metric]['mean']:.4f}" for row in scored],
        params=record["params"],
    )
    return model


def _start(ctx: StepContext, selector: str) -> tuple[str, Mapping[str, Any]]:
    """The candidate and the parameters of a version; none of a model that was not tuned here."""
    known = ctx.service(Registry).resolve(selector).params
    return str(known.get("candidate", "")), known.get("params") or {}
