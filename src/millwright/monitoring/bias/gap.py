"""The largest difference between groups, beside the one of the reference.

Of each pair of groups, the growth of their difference is (a - b now) - (a - b then), with the sign that the difference
has now. Its standard error is the root of the four means' variances; the interval is that of a normal distribution with
Bonferroni's correction for all pairs, because the worst pair is picked after looking. A gap counts when the whole
interval of its growth lies above the limit.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.evaluation.slices import SliceOptions, slice_labels
from millwright.models.task import Task
from millwright.monitoring.bias.rate import GroupRate, group_rates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.models.signature import Signature
    from millwright.monitoring.bias.settings import BiasSettings
    from millwright.monitoring.slice_performance import LabelledRows


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """One measure over all groups.

    Attributes:
        measure: Which one (`rate`).
        gap: The largest difference between two groups of the window, ≥ 0.
        reference: The largest one of the reference; None where it does not have two such groups.
        low_group: The group with the lower value of the pair whose difference grew most.
        high_group: The one with the higher value.
        growth: By how much that difference grew; by all of it where the reference does not have both groups.
        interval: Of the growth.
        limit: What is tolerated.
        grown: Whether the whole interval lies above it.
    """

    measure: str
    gap: float
    reference: float | None
    low_group: str
    high_group: str
    growth: float
    interval: tuple[float, float]
    limit: float
    grown: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupBias:
    """One column's groups.

    Attributes:
        column: Which one.
        groups: The window's measures of each group, also of small ones.
        reference: The reference's.
        gaps: One per measure with at least two groups that are large enough.
        equalized_odds: The larger gap of true and false positive rate; None where one is not known.
    """

    column: str
    groups: tuple[GroupRate, ...]
    reference: tuple[GroupRate, ...]
    gaps: tuple[Gap, ...]
    equalized_odds: float | None


def measure_bias(
    rows: LabelledRows, known: LabelledRows, signature: Signature, settings: BiasSettings
) -> tuple[GroupBias, ...]:
    """Measure the declared groups of a window.

    Args:
        rows: The window.
        known: The reference's answers.
        signature: Of the version that answered.
        settings: Which groups.

    Returns:
        One result per declared column; none for a task without a measure.

    Raises:
        InvalidInputError: The model takes no such column.
    """
    names = [column.name for column in signature.inputs]
    for column in settings.groups:
        if column not in names:
            raise InvalidInputError(f"The model takes no column '{column}' to group by.", hint=closest(column, names))
    if signature.task is Task.TENSOR:
        return ()
    return tuple(_of(column, rows, known, signature, settings) for column in settings.groups)


def _of(
    column: str, rows: LabelledRows, known: LabelledRows, signature: Signature, settings: BiasSettings
) -> GroupBias:
    together = pl.concat([known.inputs[column], rows.inputs[column]])
    groups, _ = slice_labels(together, SliceOptions(min_rows=settings.min_rows))
    then = group_rates(groups.head(known.inputs.height), known.outputs, known.labels, signature)
    now = group_rates(groups.tail(rows.inputs.height), rows.outputs, rows.labels, signature)
    gaps = []
    for measure in dict.fromkeys(rate.measure for rate in now):
        current = {r.group: r for r in now if r.measure == measure and r.rows >= settings.min_rows}
        earlier = {r.group: r for r in then if r.measure == measure and r.rows >= settings.min_rows}
        if len(current) > 1:
            gaps.append(_gap(current, earlier, settings, _unit(measure, then)))
    odds = [gap.gap for gap in gaps if gap.measure in ("true_positive_rate", "false_positive_rate")]
    return GroupBias(
        column=column,
        groups=now,
        reference=then,
        gaps=tuple(gaps),
        equalized_odds=max(odds) if len(odds) == 2 else None,
    )


def _unit(measure: str, then: tuple[GroupRate, ...]) -> float:
    """What a limit is a multiple of: 1 for shares; of a regression the mean absolute error of the reference."""
    if measure not in ("mean_prediction", "mean_error", "absolute_error"):
        return 1.0
    errors = [rate for rate in then if rate.measure == "absolute_error"]
    rows = sum(rate.rows for rate in errors)
    return sum(rate.value * rate.rows for rate in errors) / rows if rows else math.inf


def _gap(
    current: Mapping[str, GroupRate], earlier: Mapping[str, GroupRate], settings: BiasSettings, unit: float
) -> Gap:
    pairs = list(itertools.combinations(sorted(current.values(), key=lambda rate: rate.value), 2))
    width = NormalDist().inv_cdf(1 - (1 - settings.confidence) / 2 / len(pairs))
    best: tuple[float, float, GroupRate, GroupRate] | None = None
    for low, high in pairs:
        before = (earlier.get(low.group), earlier.get(high.group))
        growth, variance = high.value - low.value, high.variance + low.variance
        if before[0] is not None and before[1] is not None:
            growth -= before[1].value - before[0].value
            variance += before[0].variance + before[1].variance
        error = math.sqrt(variance)
        # The pair of whose growth we are surest: a small group's difference is large by chance.
        if best is None or growth - width * error > best[0] - width * best[1]:
            best = (growth, error, low, high)
    if best is None:
        raise InvalidInputError("Expected at least two groups, found fewer.")
    growth, error, low, high = best
    values, then = [rate.value for rate in current.values()], [rate.value for rate in earlier.values()]
    limit = settings.max_growth * unit
    return Gap(
        measure=low.measure,
        gap=max(values) - min(values),
        reference=max(then) - min(then) if len(then) > 1 else None,
        low_group=low.group,
        high_group=high.group,
        growth=growth,
        interval=(growth - width * error, growth + width * error),
        limit=limit,
        grown=growth - width * error > limit,
    )
