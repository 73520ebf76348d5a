"""Every column's score, and the distributions of those that moved most, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.evaluation.plots.drift import drift_figure
from millwright.evaluation.plots.theme import BLUE, ORANGE, bars_height, figure, labels, plain
from millwright.evaluation.section import Badge, Section, Table, Tone
from millwright.evaluation.wording import counted, number, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from plotly.graph_objects import Figure

    from millwright.core.records.monitor import DriftRecord, MonitorReportRecord
    from millwright.evaluation.section import Cell

_COLUMNS, _TENSORS = ("numeric", "categorical"), ("tensor",)
_TENSORS_TOLD = (
    "PSI and the distances like it compare single values cell by cell, and are not made for tensors. Of these the "
    "means are compared (their distance, and the cosine distance), the distributions (MMD, with a permutation test), "
    "and whether a classifier tells the rows apart (ROC AUC). The mean shift or the AUC decides, whichever is further "
    "beyond its limit; the test has to agree."
)
_SHORT = {
    "psi": "PSI",
    "jensen_shannon": "Jensen-Shannon",
    "kolmogorov_smirnov": "Kolmogorov-Smirnov",
    "mmd": "MMD",
    "domain_auc": "Domain AUC",
}
_LEGEND, _AROUND = -58, 150  # pixels below the plot, behind its axis; of the figure's height, those that are not plot
_DISTRIBUTIONS = 6  # columns whose distribution is drawn, the most drifted first


def distribution_figure(column: Mapping[str, Any]) -> Figure:
    """Bars of the share of rows per cell, the reference beside the current window.

    Args:
        column: One entry of a report document's `drift`.

    Raises:
        MissingExtraError: plotly is not installed.
    """
    cells = column["cells"]
    used = [index for index, pair in enumerate(zip(cells["reference"], cells["current"], strict=True)) if sum(pair) > 0]
    names = labels([cells["labels"][index] for index in used], 18)
    traces = []
    for side, colour in (("reference", BLUE), ("current", ORANGE)):
        total = max(1, sum(cells[side]))
        shares = [cells[side][index] / total for index in used]
        hover = [
            f"{plain(cells['labels'][index])}<br>{side}: {cells[side][index]:,} rows, {percent(share)}"
            for index, share in zip(used, shares, strict=True)
        ]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": side,
                "x": shares,
                "y": names,
                "marker": {"color": colour},
                "hovertext": hover,
                "hoverinfo": "text",
            }
        )
    score = column["scores"].get(column["statistic"])
    said = f"{column['statistic']} {number(score)}, limit {number(column['threshold'])}" if score is not None else ""
    height = bars_height(names) + 16 * len(names) + 40
    return figure(
        plain(column["column"]),
        traces,
        subtitle=plain(said),
        x={"title": "Share of rows", "tickformat": ".0%", "rangemode": "tozero"},
        y={"type": "category", "autorange": "reversed", "showgrid": False},
        layout={
            "barmode": "group",
            "height": height,
            "legend": {"y": _LEGEND / (height - _AROUND)},
            "showlegend": True,
        },
    )


def drift_section(report: MonitorReportRecord, document: Mapping[str, Any]) -> Section:
    """Scores, limits and p-values of all columns, and of all features together."""
    shown = drift_figure([record for record in report.drift if record.statistic in record.scores])
    ranked = sorted(report.drift, key=lambda r: -r.scores.get(r.statistic, 0.0) / r.threshold)
    lacking = any(record.missing_p_value is not None for record in report.drift)
    rows: list[list[Cell]] = [
        [
            Badge("drifted", Tone.WARN) if record.drifted else Badge("same", Tone.NEUTRAL),
            record.column,
            record.kind,
            record.statistic.replace("_", " "),
            record.scores.get(record.statistic),
            record.threshold,
            record.test.replace("_", " ") or None,
            record.p_value,
            *([record.missing_p_value] if lacking else []),
        ]
        for record in ranked
    ]
    headers = ["Result", "Column", "Kind", "Statistic", "Score", "Limit", "Test", "p-value"]
    table = Table(headers=[*headers, *(["p of missing"] if lacking else [])], rows=rows)
    text = ["A column has drifted when its score is above the limit and the two-sample test agrees."]
    if lacking:
        text.append("Where numbers are missing, the test of their share takes part: both agree together (Bonferroni).")
    text += _told_of_tensors(report.drift)
    joint = document.get("joint")
    if joint:
        low, high = (number(end) for end in joint["interval"])
        verdict = "they have drifted together" if joint["drifted"] else "no drift of all together"
        text.append(
            f"By all features, a classifier tells rows of the window from the reference with a ROC AUC of "
            f"{number(joint['auc'])} ({low} to {high}; 0.5 is chance, limit {number(joint['limit'])}): {verdict}."
        )
    return Section(title="Drift", text=text, figures=[shown] if shown else [], tables=[table, *_distances(ranked)])


def _told_of_tensors(records: Sequence[DriftRecord]) -> list[str]:
    """Why tensors have other distances than columns, and why some have fewer."""
    tensors = [record for record in records if record.kind in _TENSORS]
    if not tensors:
        return []
    without = [record.column for record in tensors if "domain_auc" not in record.scores]
    if not without:
        return [_TENSORS_TOLD]
    asked = f"No classifier was asked about {', '.join(without)}: it takes 200 rows on each side, and scikit-learn."
    return [_TENSORS_TOLD, asked]


def _distances(ranked: Sequence[DriftRecord]) -> Iterator[Table]:
    """All that was measured, of which one decides: of columns, and of tensors, whose distances are others."""
    for kind, about in ((_COLUMNS, "Every distance of each column"), (_TENSORS, "Every distance of each tensor")):
        records = [record for record in ranked if record.kind in kind]
        names = list(dict.fromkeys(name for record in records for name in record.scores))
        rows: list[list[Cell]] = [[each.column, *(each.scores.get(name) for name in names)] for each in records]
        if names:
            headers = ["Column", *(_SHORT.get(name, name.replace("_", " ").capitalize()) for name in names)]
            yield Table(headers=headers, rows=rows, caption=about)


def distributions_section(document: Mapping[str, Any]) -> Section:
    """The columns that moved most, the reference beside the window."""

    def excess(column: Mapping[str, Any]) -> float:
        return float(column["scores"].get(column["statistic"], 0.0)) / float(column["threshold"])

    ranked: Sequence[Mapping[str, Any]] = sorted(document["drift"], key=excess, reverse=True)
    figures = [distribution_figure(column) for column in ranked[:_DISTRIBUTIONS]]
    text = f"The {counted(len(figures), 'column')} that moved most, the training reference beside the current window."
    return Section(title="Distributions", text=[text], figures=figures)
