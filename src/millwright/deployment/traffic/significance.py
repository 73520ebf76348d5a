"""Tests of two samples, with the standard library alone: serving processes need not load SciPy to decide.

Each p-value is the chance of something at least as extreme when nothing is wrong; tests compare them with SciPy's.
"""

from __future__ import annotations

from math import erfc, exp, inf, lgamma, log, log1p, sqrt

_NEGLIGIBLE = 1e-17
_LAMBDA_FLOOR = 0.2  # below it the series converges slowly, and the p-value is 1 to ten digits


def fisher_greater(hits: int, trials: int, other_hits: int, other_trials: int) -> float:
    """Fisher's exact test, one-sided: whether the first share is larger than the second.

    Source: Fisher, The Design of Experiments (1935): the upper tail of the hypergeometric distribution.

    Args:
        hits: Of the first sample, 0 ≤ hits ≤ trials.
        trials: Its size.
        other_hits: Of the second sample.
        other_trials: Its size.
    """
    total_hits, total = hits + other_hits, trials + other_trials
    fixed = _log_choose(total, total_hits)
    tail = 0.0
    for count in range(hits, min(trials, total_hits) + 1):
        if total_hits - count > other_trials:
            continue
        term = exp(_log_choose(trials, count) + _log_choose(other_trials, total_hits - count) - fixed)
        tail += term
        if term < tail * _NEGLIGIBLE:
            break
    return min(tail, 1.0)


def binomial_greater(hits: int, trials: int, share: float) -> float:
    """The chance of at least so many hits when each trial hits with a chance of `share`, between 0 and 1."""
    if hits <= 0:
        return 1.0
    # Of the two tails the one that falls from its first term on is summed.
    if hits <= trials * share:
        return max(0.0, 1.0 - _binomial_sum(range(hits - 1, -1, -1), trials, share))
    return _binomial_sum(range(hits, trials + 1), trials, share)


def normal_greater(score: float) -> float:
    """The chance that a standard normal number is above `score`."""
    return erfc(score / sqrt(2)) / 2


def kolmogorov(distance: float, rows: int, other_rows: int) -> float:
    """Two-sample Kolmogorov-Smirnov test: the chance of a distance as large between samples of one distribution.

    Source: asymptotic distribution with Stephens's correction for finite samples (Stephens, JRSS B 32, 1970).

    Args:
        distance: Largest difference of the two cumulative shares, 0 to 1.
        rows: Of the first sample, at least 1.
        other_rows: Of the second.
    """
    root = sqrt(rows * other_rows / (rows + other_rows))
    scaled = (root + 0.12 + 0.11 / root) * distance
    if scaled < _LAMBDA_FLOOR:
        return 1.0
    total = sum((1 if k % 2 else -1) * exp(-2 * (k * scaled) ** 2) for k in range(1, 101))
    return min(1.0, max(0.0, 2 * total))


def wilson(hits: int, trials: int, score: float) -> tuple[float, float]:
    """Wilson's interval of a share (Wilson, JASA 22, 1927); (0, 1) without trials.

    Args:
        hits: 0 ≤ hits ≤ trials.
        trials: Sample size.
        score: Standard normal quantile, such as 1.645 for one-sided 95 %.
    """
    if not trials:
        return 0.0, 1.0
    share, square = hits / trials, score * score
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = score / (1 + square / trials) * sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    return max(0.0, middle - half), min(1.0, middle + half)


def difference_upper(hits: int, trials: int, other_hits: int, other_trials: int, score: float) -> float:
    """Upper bound of the first share minus the second (Newcombe, Statistics in Medicine 17, 1998, method 10)."""
    if not (trials and other_trials):
        return inf
    share, other = hits / trials, other_hits / other_trials
    upper, lower = wilson(hits, trials, score)[1], wilson(other_hits, other_trials, score)[0]
    return share - other + sqrt((upper - share) ** 2 + (other - lower) ** 2)


def _binomial_sum(counts: range, trials: int, share: float) -> float:
    total = 0.0
    for count in counts:
        term = exp(_log_choose(trials, count) + count * log(share) + (trials - count) * log1p(-share))
        total += term
        if term < total * _NEGLIGIBLE:
            break
    return min(total, 1.0)


def _log_choose(total: int, chosen: int) -> float:
    return lgamma(total + 1) - lgamma(chosen + 1) - lgamma(total - chosen + 1)
