"""Tune: candidates, search and cross-validation; the best model, refitted on all training rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.errors import InvalidInputError, MillwrightError, NotFoundError
from millwright.models.model import Model
from millwright.models.package import PackageLoader
from millwright.pipelines.context import StepContext
from millwright.pipelines.step import step
from millwright.registry.registry import Registry
from millwright.steps.earlier import EARLIER, read_edge
from millwright.storage.catalog import Stores
from millwright.tracking.tracker import Tracker
from millwright.training.continuation import RECORD as WARM_START
from millwright.training.continuation import Earlier, train_from
from millwright.training.options import TuningOptions
from millwright.training.tuning import tune as search

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.records.model import ModelVersionRecord


def _start_of(ctx: StepContext, params: Mapping[str, Any]) -> str:
    """What the result depends on besides its inputs: which version the search or the model begins with now."""
    selectors = (each for each in params.get("candidates") or () if "@" in each)
    found = (_find(ctx.service(Registry), selector) for selector in selectors)
    return " ".join(version.ref for version in found if version is not None)


@step(state=_start_of)
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

    With `warm_start` among the candidates there is no search where the version's model can go on with these rows; see
    `training.continuation`. Where it cannot, the search begins with its candidate and parameters. Which it was, and
    why, stands in the version's parameters and in the decision on a retraining.

    Args:
        ctx: Given by the runner.
        train: Training rows: features, the target, and columns that only order or group them.
        target: The column to predict; rows without it are left out.
        candidates: Names of candidates; all that suit the task when there are none. One entry may be a version, as
            `delay@3` or `delay@champion`: its candidate and parameters are tried first, in place of that candidate's
            defaults, and the model is fitted anew; with the entry `warm_start` beside it, it goes on itself. An alias
            that nobody carries yet stands for no version, and an empty text is no entry, so that a parameter can be
            handed on as it is.
        trials: How many settings to try in all, at least one per candidate.
        task: `auto`, `classification` or `regression`.
        exclude: Columns that are no features.
        group: Column whose equal values stay in one fold; no feature either.

    Returns:
        The winner, fitted on all training rows, with the leaderboard in `training`; or the model that went on.

    Raises:
        NotFoundError: There is no version of that number.
    """
    entries = [entry for entry in candidates or () if entry]
    versions = [entry for entry in entries if "@" in entry]
    if len(versions) > 1:
        raise InvalidInputError(f"Expected one version to start from, found {', '.join(versions)}.")
    options = TuningOptions(
        candidates=tuple(entry for entry in entries if "@" not in entry and entry != WARM_START),
        trials=trials,
        task=task,
        groups=group,
        exclude=tuple(exclude or ()),
        experiment=ctx.pipeline,
        parent_run_id=ctx.tracking_run_id,
    )
    asked: dict[str, Any] = {"target": target, "tracker": ctx.service(Tracker), "progress": ctx.progress}
    earlier = _earlier(ctx, versions[0], goes_on=WARM_START in entries) if versions else Earlier(ref="")
    if versions and WARM_START in entries:
        model = train_from(earlier, train, options=options, **asked)
    else:
        model = search(train, options=replace(options, start=earlier.start), **asked)
    _note(ctx, model.training)
    return model


def _note(ctx: StepContext, record: Mapping[str, Any]) -> None:
    metric = record["metric"]
    listed = (*record.get("leaderboard", ()), *([record["baseline"]] if "baseline" in record else []))
    scored = [row for row in listed if "metrics" in row]  # best first
    ctx.note(
        candidate=record["candidate"],
        metric=metric,
        trials=record["trials"],
        leaderboard=[f"{row['candidate']} {row['metrics'][metric]['mean']:.4f}" for row in scored],
        params=record["params"],
        **({WARM_START: record[WARM_START]} if WARM_START in record else {}),
    )


def _earlier(ctx: StepContext, selector: str, *, goes_on: bool) -> Earlier:
    version = _find(ctx.service(Registry), selector)
    if version is None:
        return Earlier(ref=selector, reason="there is no such version yet")
    # Nothing is known of how a model came to be that was not tuned here.
    start = str(version.params.get("candidate", "")), version.params.get("params") or {}
    if not goes_on:
        return Earlier(ref=version.ref, start=start)
    ctx.note(**{EARLIER: version.ref})
    ctx.lineage(read_edge(ctx, version))
    try:
        model = ctx.service(PackageLoader).model(ctx.service(Stores).artifacts.get(version.stored_package()))
    except MillwrightError as error:  # its library is gone, or it is code that may not run here
        return Earlier(ref=version.ref, reason=error.message, start=start)
    return Earlier(ref=version.ref, model=model, start=start)


def _find(registry: Registry, selector: str) -> ModelVersionRecord | None:
    """The version; None where nobody carries the alias yet, as before the first training."""
    try:
        return registry.resolve(selector)
    except NotFoundError:
        if selector.rpartition("@")[2].isdigit():
            raise
        return None
