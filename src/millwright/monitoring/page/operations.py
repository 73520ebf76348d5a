"""How fast, how reliably and at what cost an endpoint answered, now and over the reports so far."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from millwright.evaluation.plots.timeline import TimePoint, timeline_figure
from millwright.evaluation.section import Badge, Section, Table, Tone
from millwright.evaluation.wording import number, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from plotly.graph_objects import Figure

    from millwright.evaluation.section import Cell
    from millwright.monitoring.page.past_report import PastReport

_PERCENTILES = ("p50", "p95", "p99")
_LEAST_S = 60  # what came in less says nothing about an hour
_COUNTED = (("failed", "errors"), ("refused for what they asked", "refused"), ("refused as too many", "shed"))


def operations_section(document: Mapping[str, Any]) -> Section | None:
    """Requests, throughput, latency, failures, refusals and cost, with the limits that are set; None without rows.

    Args:
        document: A report's full JSON; those of older versions have no operations.
    """
    found = document.get("operations")
    if not found:
        return None
    served, latency = found.get("served"), found["latency_ms"]
    facts: list[tuple[str, Cell]] = [("Requests answered", found["requests"]), ("Predictions", found["rows"])]
    if _hourly(found) is not None:
        facts.append(("Predictions an hour", found["rows_per_hour"]))
    facts += [(f"{name} in ms", latency[name]) for name in _PERCENTILES if name in latency]
    if served and served["requests"]:
        facts += [
            ("Failed", percent(served["errors"] / served["requests"])),
            ("Refused", percent(served["refused"] / served["requests"])),
        ]
    if found["cost_per_prediction"] is not None:
        facts.append((f"1,000 predictions in {found['currency']}", 1_000 * found["cost_per_prediction"]))
    tables = [_limits(found["limits"])] if found["limits"] else []
    if served and served.get("refused_values"):  # which reports of older versions do not have
        tables.append(_refused(served["refused_values"]))
    return Section(title="Operations", text=_text(found), facts=facts, tables=tables)


def _text(found: Mapping[str, Any]) -> list[str]:
    text = []
    latency, served = found["latency_ms"], found.get("served")
    if latency:
        text.append(f"A request took {number(latency['mean'])} ms on average and {number(latency['max'])} ms at most.")
    if served:
        since = f" since {str(served['since'])[:16].replace('T', ' ')} UTC" if served["since"] else " since it began"
        said = ", ".join(f"{served[name]:,} {word}" for word, name in _COUNTED)
        text.append(f"The server counted {served['requests']:,} requests{since}: {said}.")
    else:
        text.append("What failed or was refused is not known: the log holds answered requests, and no server told.")
    return text


def _limits(limits: Sequence[Mapping[str, Any]]) -> Table:
    rows: list[list[Cell]] = [
        [
            Badge("not known", Tone.NEUTRAL)
            if limit["found"] is None
            else Badge("beyond", Tone.BAD)
            if limit["broken"]
            else Badge("within", Tone.GOOD),
            str(limit["name"]).replace("_", " "),
            limit["found"],
            limit["limit"],
        ]
        for limit in limits
    ]
    return Table(headers=["Result", "Limit of", "Found", "Limit"], rows=rows)


def _refused(values: Sequence[Mapping[str, Any]]) -> Table:
    rows: list[list[Cell]] = [
        [
            each["column"] or ("the row" if each["expected"] else "others"),
            each["expected"],
            each["found"],
            each["requests"],
        ]
        for each in values
    ]
    return Table(headers=["Refused for", "Expected", "Found", "Requests"], rows=rows)


def operations_figures(ordered: Sequence[PastReport]) -> list[Figure]:
    """Latency, throughput, failures and refusals, and cost over time; those that at least two reports tell.

    Args:
        ordered: Reports in order of time, the last one being that whose limits are drawn.
    """
    newest: Mapping[str, Any] = ordered[-1].document.get("operations") or {}
    limits = {str(limit["name"]): float(limit["limit"]) for limit in newest.get("limits", ())}
    latency = {name: _points(ordered, partial(_percentile, name=name)) for name in _PERCENTILES}
    failed = {word: _points(ordered, partial(_share, name=name)) for word, name in _COUNTED}
    hourly = {"": _points(ordered, _hourly)}
    cost = {"": _points(ordered, _cost)}
    shares = {"failed": limits.get("error_share"), "refused": limits.get("refused_share")}
    least, dearest = limits.get("min_rows_per_second"), limits.get("cost_per_thousand")
    drawn = (
        (latency, "Latency in ms", {name: limits.get(f"{name}_ms") for name in _PERCENTILES}),
        (failed, "Requests without an answer in %", {name: _times(100, share) for name, share in shares.items()}),
        (hourly, "Predictions an hour", {"": _times(3_600, least)}),
        (cost, f"Cost of 1,000 predictions in {newest.get('currency', '')}", {"": dearest}),
    )
    figures = [
        timeline_figure(series, what, limits={name: limit for name, limit in known.items() if limit is not None})
        for series, what, known in drawn
        if max(map(len, series.values())) > 1
    ]
    return [shown for shown in figures if shown is not None]


def _points(ordered: Iterable[PastReport], value: Callable[[Mapping[str, Any]], float | None]) -> list[TimePoint]:
    points = []
    for each in ordered:
        operations = each.document.get("operations")
        found = value(operations) if operations else None
        if found is not None:
            made = f"{each.report.model}@{each.report.version}"
            points.append(TimePoint(at=each.report.window_end, value=found, note=made))
    return points


def _percentile(found: Mapping[str, Any], name: str) -> float | None:
    value: float | None = found["latency_ms"].get(name)
    return value


def _hourly(found: Mapping[str, Any]) -> float | None:
    return float(found["rows_per_hour"]) if found["seconds"] >= _LEAST_S else None


def _share(found: Mapping[str, Any], name: str) -> float | None:
    served = found.get("served")
    return 100 * served[name] / served["requests"] if served and served["requests"] else None


def _cost(found: Mapping[str, Any]) -> float | None:
    return _times(1_000, found["cost_per_prediction"])


def _times(factor: float, value: float | None) -> float | None:
    return None if value is None else factor * value
