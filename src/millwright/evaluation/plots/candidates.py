"""How the candidates did against one another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from millwright.evaluation.metrics.catalog import get_metric
from millwright.evaluation.plots.theme import BLUE, SLATE, bars_height, figure, labels, plain
from millwright.evaluation.wording import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plotly.graph_objects import Figure

_BASELINES = ("baseline", "majority", "mean", "dummy")
_LIGHTER_BLUE = "#8fb4d9"


def candidates_figure(leaderboard: Sequence[Mapping[str, Any]], metric: str = "accuracy") -> Figure | None:
    """Bars of one cross-validated metric, the best candidate on top and in the strongest colour.

    Args:
        leaderboard: One row per candidate or trial: `candidate`, and its metrics under `metrics` or beside it, each
            a number or `{"mean": …, "std": …}` over the folds. A candidate's best row counts; rows without the metric
            (failed trials) do not.
        metric: Which one.

    Returns:
        None when no row has the metric.
    """
    known = get_metric(metric)
    best: dict[str, tuple[float, float]] = {}
    for row in leaderboard:
        value, spread = _mean_and_spread({**row, **row.get("metrics", {})}.get(metric))
        if value is None:
            continue
        name = str(row.get("candidate", "?"))
        if name not in best or known.gain(value, best[name][0]) > 0:
            best[name] = (value, spread)
    if not best:
        return None
    ranked = sorted(best.items(), key=lambda item: item[1][0], reverse=not known.greater_is_better)
    shown = labels([name.replace("_", " ") for name, _ in ranked])
    values_shown = [value for _, (value, _) in ranked]
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": values_shown,
        "y": shown,
        "text": [number(value) for value in values_shown],
        "textposition": "inside",
        "insidetextanchor": "start",
        "marker": {"color": _colours([name for name, _ in ranked])},
        "hovertext": [f"{plain(name)}: {number(value)}" for name, (value, _) in ranked],
        "hoverinfo": "text",
    }
    spreads = [spread for _, (_, spread) in ranked]
    if any(spreads):
        trace["error_x"] = {"type": "data", "array": spreads, "color": SLATE, "thickness": 1.5, "width": 4}
    better = "more" if known.greater_is_better else "less"
    note = "; whiskers: standard deviation over the folds" if any(spreads) else ""
    return figure(
        f"{known.title} per candidate",
        [trace],
        subtitle=f"Cross-validated on the training rows, {better} is better{note}.",
        x={"title": known.title, "rangemode": "tozero"},
        y={"showgrid": False},
        layout={"height": bars_height(shown), "showlegend": False},
    )


def _mean_and_spread(value: Any) -> tuple[float | None, float]:
    if isinstance(value, Mapping):
        return _mean_and_spread(value.get("mean"))[0], float(value.get("std") or 0.0)
    return (float(value), 0.0) if isinstance(value, int | float) else (None, 0.0)


def _colours(names: Sequence[str]) -> list[str]:
    """Weakest to best; baselines are grey."""
    plain_bars = [SLATE if any(part in name.lower() for part in _BASELINES) else _LIGHTER_BLUE for name in names]
    return [*plain_bars[:-1], BLUE]
