"""Judging one step of a canary: whether its evidence speaks for going on, for going back, or not yet for either.

Both ways need evidence, so that chance does neither:

- **Back** when a test says that the canary is worse than its limit allows, at a level that is spent over the looks:
  the k-th look at a step may err with a chance of alpha / (k (k + 1)), which sums to alpha however often one looks,
  and each of the three kinds of tests has a third of that.
- **On** when the step has lasted long enough, both arms have answered enough requests, and the evidence shows the
  canary to be within the limits: the upper 95 % bound of the increase in errors, the measured latencies, the measured
  shift of predictions. Until then it waits.

Looks happen when the smaller arm's requests have grown by a quarter, and once when the step's time is over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil, exp, log, sqrt
from typing import TYPE_CHECKING, Any

from millwright.deployment.traffic.latency import count_beyond, log_mean, quantile
from millwright.deployment.traffic.shift import measure_shift
from millwright.deployment.traffic.significance import (
    binomial_greater,
    difference_upper,
    fisher_greater,
    normal_greater,
)

if TYPE_CHECKING:
    from millwright.core.records.rollout import CanaryLimits
    from millwright.deployment.traffic.tally import Tally

_GROWTH = 1.25
_KINDS = 3  # of tests: errors, latency, predictions
_TAIL = 0.05  # beyond the 95th percentile
_SURE_95 = 1.645
_SURE_99 = 2.326


class Outcome(StrEnum):
    """What the evidence of a step says."""

    GOOD = "good"  # shown to be within the limits
    BAD = "bad"  # a test says that it is worse than they allow
    OPEN = "open"  # neither


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """One look at a step's evidence.

    Attributes:
        outcome: What it says.
        reason: In a sentence.
        evidence: The figures that it stands on, JSON values.
    """

    outcome: Outcome
    reason: str
    evidence: dict[str, Any]


@dataclass(slots=True)
class _Findings:
    """What the tests of one look have found.

    Attributes:
        level: A p-value at or below it is significant.
        worse: What is shown to be worse than allowed, in sentences.
        unclear: What is not shown to be within the limits.
        evidence: See `Verdict`.
    """

    level: float
    worse: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    evidence: dict[str, Any] = field(default_factory=dict)

    def judge(self, p_value: float, *, measured_worse: bool, shown_good: bool, sentence: str) -> None:
        """Note one figure."""
        if p_value <= self.level and measured_worse:
            self.worse.append(sentence)
        elif not shown_good:
            self.unclear.append(sentence)


def requests_for_look(limits: CanaryLimits, looks: int) -> int:
    """How many requests each arm must have answered in the step before it is looked at again.

    Args:
        limits: Of the canary.
        looks: How often the step has been looked at, 0 or more.
    """
    return ceil(limits.min_requests * _GROWTH**looks)


def judge(primary: Tally, canary: Tally, limits: CanaryLimits, *, look: int) -> Verdict:
    """Judge a step by what both arms have answered in it.

    Args:
        primary: Of all processes.
        canary: Likewise.
        limits: What is tolerated.
        look: 1 for the step's first look.
    """
    found = _Findings(level=limits.alpha / (look * (look + 1)) / _KINDS)
    found.evidence = {
        "look": look,
        "level": found.level,
        "primary": _summary(primary),
        "canary": _summary(canary),
    }
    fewest = min(primary.answered, canary.answered)
    if fewest < limits.min_requests:
        reason = f"{fewest} of at least {limits.min_requests} requests to each arm."
        return Verdict(outcome=Outcome.OPEN, reason=reason, evidence=found.evidence)
    _judge_errors(primary, canary, limits, found)
    _judge_latency(primary, canary, limits, found)
    if limits.max_shift is not None:
        _judge_shift(primary, canary, limits.max_shift, found)
    if found.worse:
        return Verdict(outcome=Outcome.BAD, reason=" ".join(found.worse), evidence=found.evidence)
    if found.unclear:
        reason = f"Not yet shown to be within the limits: {' '.join(found.unclear)}"
        return Verdict(outcome=Outcome.OPEN, reason=reason, evidence=found.evidence)
    reason = f"{canary.answered:,} requests show it to be within the limits beside {primary.answered:,} of the primary."
    return Verdict(outcome=Outcome.GOOD, reason=reason, evidence=found.evidence)


def _judge_errors(primary: Tally, canary: Tally, limits: CanaryLimits, found: _Findings) -> None:
    counts = (canary.errors, canary.answered, primary.errors, primary.answered)
    share, other = canary.errors / canary.answered, primary.errors / primary.answered
    p_value, upper = fisher_greater(*counts), difference_upper(*counts, _SURE_95)
    found.evidence["errors"] = {"test": "fisher_exact", "p_value": p_value, "increase_upper_95": upper}
    found.judge(
        p_value,
        measured_worse=share - other > limits.max_error_increase,
        shown_good=upper <= limits.max_error_increase,
        sentence=f"{share:.2%} of its requests ended in an error, {other:.2%} of the primary's "
        f"(tolerated: {limits.max_error_increase:.2%} more).",
    )


def _judge_latency(primary: Tally, canary: Tally, limits: CanaryLimits, found: _Findings) -> None:
    slowest, floor_s = limits.max_slowdown, limits.latency_floor_s
    bound = quantile(primary.latencies, 1 - _TAIL, sure=_SURE_99)
    first, second = quantile(primary.latencies, 1 - _TAIL), quantile(canary.latencies, 1 - _TAIL)
    if bound is None or first is None or second is None:  # pragma: no cover - both have answered requests
        return
    # Were the canary's 95th percentile within the limit, at most one request in twenty would be beyond it.
    limit_s = max(bound * slowest, floor_s)
    p_tail = binomial_greater(count_beyond(canary.latencies, limit_s), sum(canary.latencies), _TAIL)
    allowed_s = max(first * slowest, floor_s)
    mean, variance = log_mean(primary.latencies, floor_s)
    other_mean, other_variance = log_mean(canary.latencies, floor_s)
    ratio = exp(other_mean - mean)
    error = sqrt(variance / primary.answered + other_variance / canary.answered)
    over = other_mean - mean - log(slowest)
    p_mean = normal_greater(over / error) if error else float(over <= 0)
    found.evidence["latency"] = {
        "test": "binomial beyond the primary's 95th percentile; z of log means",
        "p_value": min(1.0, 2 * min(p_tail, p_mean)),
        "p95_s": {"primary": first, "canary": second},
        "mean_ratio": ratio,
    }
    found.judge(
        min(1.0, 2 * min(p_tail, p_mean)),
        measured_worse=second > allowed_s or ratio > slowest,
        shown_good=second <= allowed_s and ratio <= slowest,
        sentence=f"95 % of its requests took up to {second * 1e3:.3g} ms, of the primary's {first * 1e3:.3g} ms; "
        f"on average {ratio:.2f} times as long (tolerated: {slowest:g} times).",
    )


def _judge_shift(primary: Tally, canary: Tally, most: float, found: _Findings) -> None:
    shift = measure_shift(primary, canary)
    found.evidence["shift"] = {
        "test": "kolmogorov_smirnov" if primary.sampled else "fisher_exact",
        "p_value": shift.p_value,
        "psi": shift.psi,
        "rows": shift.rows,
    }
    found.judge(
        shift.p_value,
        measured_worse=shift.psi > most,
        shown_good=shift.psi <= most,
        sentence=f"Its predictions differ from the primary's by a PSI of {shift.psi:.3f} (tolerated: {most:g}).",
    )


def _summary(tally: Tally) -> dict[str, Any]:
    return {
        "answered": tally.answered,
        "failed": tally.failed,
        "refused": tally.refused,
        "p95_s": quantile(tally.latencies, 1 - _TAIL),
        "mean_s": tally.seconds / tally.answered if tally.answered else None,
    }
