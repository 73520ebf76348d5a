"""Which columns have moved away from the training data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.evaluation.plots.theme import ORANGE, SLATE, bars_height, figure, labels, plain
from millwright.evaluation.wording import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plotly.graph_objects import Figure

    from millwright.core.records.monitor import DriftRecord

_MAX_BARS = 30
_STATISTICS = {
    "psi": "Population stability index",
    "jensen_shannon": "Jensen-Shannon distance",
    "kolmogorov_smirnov": "Kolmogorov-Smirnov distance",
    "chi_square": "Chi-square",
    "hellinger": "Hellinger distance",
    "total_variation": "Total variation distance",
    "wasserstein": "Wasserstein distance",
    "mean_shift": "Shift of the mean",
    "cosine": "Cosine distance",
    "mmd": "Maximum mean discrepancy",
    "domain_auc": "ROC AUC of a domain classifier",
}


def drift_figure(records: Sequence[DriftRecord]) -> Figure | None:
    """Bars of the deciding score of each column with its limit; at most 30, the largest on top.

    When columns have different scores or limits, each bar shows its score relative to its limit.

    Returns:
        None when there are no columns.
    """
    if not records:
        return None
    kinds = {(record.statistic, record.threshold) for record in records}
    same = len(kinds) == 1
    ranked = sorted(records, key=lambda record: (_shown(record, same=same), record.column))[-_MAX_BARS:]
    names = labels([record.column for record in ranked])
    limit = ranked[0].threshold if same else 1.0
    traces = [
        _bars([pair for pair in zip(ranked, names, strict=True) if pair[0].drifted is drifted], drifted, same=same)
        for drifted in (True, False)
    ]
    scale = _STATISTICS.get(ranked[0].statistic, ranked[0].statistic) if same else "Score relative to its limit"
    drifted = sum(record.drifted for record in records)
    return figure(
        "Drift per column",
        [trace for trace in traces if trace["x"]],
        subtitle=f"{drifted} of {len(records)} columns drifted. Dashed: the limit, {number(limit)}.",
        x={"title": scale, "rangemode": "tozero"},
        y={"categoryorder": "array", "categoryarray": names, "showgrid": False},
        layout={
            "height": bars_height(names) + 40,
            "legend": {"y": -70 / bars_height(names)},
            "showlegend": True,
            "shapes": [
                {
                    "type": "line",
                    "x0": limit,
                    "x1": limit,
                    "y0": 0,
                    "y1": 1,
                    "yref": "paper",
                    "line": {"color": SLATE, "width": 1.5, "dash": "dash"},
                }
            ],
        },
    )


def _bars(pairs: Sequence[tuple[DriftRecord, str]], drifted: bool, *, same: bool) -> dict[str, Any]:  # noqa: FBT001 - a value, not a switch
    hatch = {"shape": "/" if drifted else "", "fillmode": "overlay", "size": 6}  # told apart without colour too
    return {
        "type": "bar",
        "orientation": "h",
        "name": "drifted" if drifted else "not drifted",
        "x": [_shown(record, same=same) for record, _ in pairs],
        "y": [name for _, name in pairs],
        "marker": {"color": ORANGE if drifted else SLATE, "pattern": hatch},
        "hovertext": [_hover(record) for record, _ in pairs],
        "hoverinfo": "text",
    }


def _shown(record: DriftRecord, *, same: bool) -> float:
    score = float(record.scores.get(record.statistic, 0.0))
    return score if same or not record.threshold else score / record.threshold


def _hover(record: DriftRecord) -> str:
    scores = [f"{_STATISTICS.get(name, name)} {number(value)}" for name, value in record.scores.items()]
    rows = f"{record.reference_rows:,} reference rows, {record.current_rows:,} current ones"
    return "<br>".join([plain(record.column), *(plain(score) for score in scores), rows])
