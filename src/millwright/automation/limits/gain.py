"""What a retraining is expected to bring, against what it costs.

    gain = loss * recovered share * rows per day * value per unit * days
    it pays when gain > cost

The loss is that of the metric against the reference, as labels show it, else as it is estimated without them. Rows per
day are those of the checked window by its length, which counts as a day at least: a short burst is not extrapolated.
The cost is the median of what the runs that made the model's versions cost, as measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError
from millwright.evaluation.metrics.catalog import MAIN_METRIC, get_metric

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.automation.limits.cost import MeasuredCost
    from millwright.automation.limits.limits import Worth
    from millwright.core.records.monitor import MonitorReportRecord

_DAY_S = 86_400.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Gain:
    """Both sides of the account.

    Attributes:
        metric: Whose loss it is.
        loss: How much worse it is than the reference, in the metric's unit; below 0 when it is better.
        measured: Whether labels show it; otherwise it is estimated without them.
        rows_per_day: Predictions a day, as counted.
        value: What retraining is expected to bring within the horizon; never below 0.
        cost: What it is expected to cost.
        text: The account in a sentence, with every number.
    """

    metric: str
    loss: float
    measured: bool
    rows_per_day: float
    value: float
    cost: float
    text: str

    @property
    def pays(self) -> bool:
        """Whether it brings more than it costs."""
        return self.value > self.cost


def expected_gain(
    report: MonitorReportRecord,
    document: Mapping[str, Any],
    worth: Worth,
    cost: MeasuredCost,
    *,
    evaluated: Mapping[str, float],
    currency: str,
) -> Gain | None:
    """The account of a retraining.

    Args:
        report: The newest check of the endpoint.
        document: The report's document.
        worth: What a better model is worth.
        cost: What a training usually costs.
        evaluated: The version's metrics when it was made, for those that the report has no reference of.
        currency: Of both.

    Returns:
        None when the report tells neither a measured nor an estimated loss of the metric.
    """
    found = _loss(worth.metric or _main(document), report, document, evaluated)
    if found is None:
        return None
    name, loss, measured = found
    days = max((report.window_end - report.window_start).total_seconds() / _DAY_S, 1.0)
    rows = report.rows / days
    value = max(0.0, loss * worth.recovered * rows * worth.per_unit * worth.horizon_days)
    found_by = "measured on labels" if measured else "estimated without labels"
    if loss < 0:
        why = f"{name} is {-loss:.4g} better than the reference ({found_by}), and nothing is to be won back"
    else:
        why = (
            f"{name} is {loss:.4g} worse than the reference ({found_by}) * {worth.recovered:.4g} won back * "
            f"{rows:,.4g} rows a day * {worth.per_unit:.4g} {currency} * {worth.horizon_days:.4g} days"
        )
    text = (
        f"Expected gain {value:,.4g} {currency}: {why}; expected cost {cost.median:,.4g} {currency}: the median of "
        f"{cost.runs} measured run{'s' * (cost.runs != 1)}."
    )
    return Gain(metric=name, loss=loss, measured=measured, rows_per_day=rows, value=value, cost=cost.median, text=text)


def _main(document: Mapping[str, Any]) -> str:
    """The report's deciding metric; without labels the main one of those that were estimated."""
    performance: Mapping[str, Any] = document.get("performance") or {}
    estimated: Mapping[str, Any] = (document.get("estimated") or {}).get("metrics") or {}
    mains = [name for name in MAIN_METRIC.values() if name in estimated]
    return str(performance.get("metric") or (mains[0] if mains else ""))


def _loss(
    name: str, report: MonitorReportRecord, document: Mapping[str, Any], evaluated: Mapping[str, float]
) -> tuple[str, float, bool] | None:
    """The metric, how much worse it is, and whether labels show it."""
    try:
        metric = get_metric(name)
    except InvalidInputError:  # none is named, or one of a package that is not installed here
        return None
    estimated: Mapping[str, Any] = document.get("estimated") or {}
    performance: Mapping[str, Any] = document.get("performance") or {}
    known = {**evaluated, **(performance.get("reference") or {}), **report.reference_performance}
    for values, measured in ((report.performance, True), (estimated.get("metrics") or {}, False)):
        if values.get(name) is not None and known.get(name) is not None:
            return name, metric.gain(known[name], values[name]), measured
    return None
