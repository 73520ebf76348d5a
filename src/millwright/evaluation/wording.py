"""Numbers and metrics as people read them, the same in gates, summaries and pages."""

from __future__ import annotations

import math

from millwright.evaluation.metrics.catalog import all_metrics


def number(value: float) -> str:
    """A number with about four significant digits: `0.861`, `-0.020`, `12.35`, `1,250`, `3.2e-07`."""
    size = abs(value)
    if not math.isfinite(value):
        return str(value)
    if value == int(value) and size < 1e15:
        return f"{int(value):,}"
    if size >= 1_000:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.2f}"
    if size >= 0.001:
        return f"{value:.3f}"
    return f"{value:.1e}"


def percent(share: float) -> str:
    """A share as per cent, without needless decimals: `95 %`, `36.5 %`."""
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def title(metric: str) -> str:
    """The name of a metric as people read it: `ROC AUC` for `roc_auc`; an unknown name stays as it is."""
    known = all_metrics()
    return known[metric].title if metric in known else metric


def counted(count: int, noun: str) -> str:
    """A count with its noun: `1 row`, `1,250 rows`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
