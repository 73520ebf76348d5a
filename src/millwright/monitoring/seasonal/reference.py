"""The rows of a reference that are of the same part of the season."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.evaluation.metrics.catalog import measure
from millwright.evaluation.wording import counted
from millwright.monitoring.labelled import labelled_sample
from millwright.monitoring.reference import Reference
from millwright.monitoring.seasonal.found import SeasonalReference
from millwright.monitoring.threshold.season import PERIODS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from millwright.models.signature import Signature
    from millwright.monitoring.reference import ReferencePart
    from millwright.monitoring.seasonal.phase import Phase

_FEWEST_ANSWERS = 20  # the two-sample test and the draws know how few they are


@dataclass(frozen=True, kw_only=True, slots=True)
class Enough:
    """How many rows it takes.

    Attributes:
        rows: To judge drift.
        labels: To judge performance.
    """

    rows: int
    labels: int


def reference_season(
    reference: Reference, signature: Signature, phase: Phase, *, column: str, enough: Enough
) -> SeasonalReference:
    """The same part of the season in a reference that knows when its rows are from.

    Args:
        reference: All of it.
        signature: Of the version.
        phase: The part.
        column: Where the moments are.
        enough: How many rows it takes.

    Returns:
        Without a reference where it holds too few rows of that part, or fewer than three periods; the notes say so.

    Raises:
        InvalidInputError: The reference has no such column of moments.
    """
    mask, numbers = phase.holds(moments(reference.training, column))
    found, periods = int(mask.sum()), int(np.unique(numbers[mask]).size)
    if periods < PERIODS or found < enough.rows:
        note = (
            f"Too little of the season is in the reference: {counted(found, 'row')} of the same {phase.name}, from "
            f"{counted(periods, 'period')}; it takes {counted(enough.rows, 'row')} from {PERIODS}."
        )
        return SeasonalReference(name=phase.name, notes=(note,))
    answers = _rows(reference.answers, phase.holds(moments(reference.answers, column))[0])
    if len(answers.labels) < _FEWEST_ANSWERS:
        note = (
            f"Too little of the season is in the reference: {counted(len(answers.labels), 'row')} that the version was "
            f"evaluated on are of the same {phase.name}; it takes {_FEWEST_ANSWERS}."
        )
        return SeasonalReference(name=phase.name, notes=(note,))
    performance = measured(answers, signature, enough.labels)
    if performance is not None:
        said = f"Performance is compared with the same {phase.name}."
    else:
        said = f"Performance is judged without season: too few labels of the same {phase.name} are known."
    narrowed = replace(_rows(reference.training, mask), total_rows=found)
    season = Reference(training=narrowed, held_out=answers, metrics=reference.metrics)
    told = f"Compared with {counted(found, 'row')} of the reference of the same {phase.name}, from {periods} periods."
    return SeasonalReference(
        name=phase.name,
        reference=season,
        performance=performance,
        source="reference",
        periods=periods,
        rows=found,
        notes=(told, said),
    )


def moments(part: ReferencePart, column: str) -> pl.Series:
    """(n,) when rows are from: Datetime in UTC, naive, to the microsecond.

    Raises:
        InvalidInputError: The rows have no such column of moments; the dates that they have are named.
    """
    if part.at is not None and part.time in {"", column}:
        return part.at
    dates = [name for name, dtype in part.inputs.schema.items() if dtype.is_temporal()]
    if column not in dates:
        has = [*dates, part.time] if part.time else dates
        known = f"It has: {', '.join(has)}." if has else "It has no date."
        raise InvalidInputError(
            f"The reference has no date '{column}' to tell the season by (season_column). {known}",
            hint=closest(column, has)
            or "Name a date that the model takes, have mw.steps.register keep it (time=…), or compare with a dataset "
            "that has it: reference = 'NAME@VERSION'.",
        )
    return part.inputs[column].cast(pl.Datetime("us"))


def measured(part: ReferencePart, signature: Signature, labels: int) -> Reference | None:
    """Rows as what performance is held against; None with fewer labelled ones than given."""
    sample = labelled_sample(part.outputs, part.labels, signature)
    if sample is None or sample.rows < labels:
        return None
    return Reference(training=part, held_out=part, metrics=measure(sample))


def _rows(part: ReferencePart, mask: NDArray[np.bool_]) -> ReferencePart:
    chosen = pl.Series(mask)
    return replace(
        part,
        inputs=part.inputs.filter(chosen),
        outputs=part.outputs.filter(chosen),
        labels=part.labels.filter(chosen),
        at=None if part.at is None else part.at.filter(chosen),
    )
