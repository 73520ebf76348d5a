"""A metric over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from millwright.evaluation.plots.theme import BLUE, GREEN, ORANGE, PURPLE, SLATE, figure, label, plain
from millwright.evaluation.wording import number, title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plotly.graph_objects import Figure

_COLOURS = (BLUE, ORANGE, GREEN, PURPLE)
_WORDS = {"dash": "dashed", "dot": "dotted"}
_SYMBOLS = ("circle", "diamond", "square", "triangle-up")


@dataclass(frozen=True, kw_only=True, slots=True)
class TimePoint:
    """A metric's value at one moment or in one window.

    Attributes:
        at: The moment, or a window's name such as `2025-09` or `delay@2`; all points of a figure of one kind.
        value: The value.
        low: Lower end of its interval, if known.
        high: Upper end.
        note: For hovering: how many rows, which version.
    """

    at: datetime | str
    value: float
    low: float | None = None
    high: float | None = None
    note: str = ""


def timeline_figure(
    series: Mapping[str, Sequence[TimePoint]],
    metric: str,
    *,
    reference: float | None = None,
    limits: Mapping[str, float] | None = None,
    events: Mapping[datetime | str, str] | None = None,
) -> Figure | None:
    """Lines with their intervals, the value at evaluation time and the limits beyond which an alert is raised.

    Args:
        series: Name (a model version, or empty) → points in order of time; at most four series.
        metric: The metric's name.
        reference: The value at evaluation time.
        limits: Of what → the value at which an alert is raised; of all lines under an empty name.
        events: What happened when: a promotion, an alert.

    Returns:
        None when there is no point.
    """
    shown = [(name, points) for name, points in series.items() if points][: len(_COLOURS)]
    if not shown:
        return None
    traces = [_line(name, points, metric, place) for place, (name, points) in enumerate(shown)]
    levels = [("at evaluation", reference, "dash")] if reference is not None else []
    levels += [(f"limit of {name}" if name else "limit", value, "dot") for name, value in (limits or {}).items()]
    shapes = [_level(value, dash) for _, value, dash in levels]
    notes = [f"{_WORDS[dash]}: {number(value)} {name}" for name, value, dash in levels]
    return figure(
        f"{title(metric)} over time",
        traces,
        subtitle="; ".join(notes).capitalize() + ("." if notes else ""),
        x={"type": "date" if isinstance(shown[0][1][0].at, datetime) else "category"},
        y={"title": title(metric)},
        layout={
            "shapes": [*shapes, *(_event_line(at) for at in events or {})],
            "annotations": [_event_text(at, text) for at, text in (events or {}).items()],
            "showlegend": len(shown) > 1,
        },
    )


def _line(name: str, points: Sequence[TimePoint], metric: str, place: int) -> dict[str, Any]:
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": label(name) if name else title(metric),
        "x": [point.at for point in points],
        "y": [point.value for point in points],
        "line": {"color": _COLOURS[place], "width": 2.5},
        "marker": {"size": 9, "symbol": _SYMBOLS[place]},
        "hovertext": [_hover(name, point) for point in points],
        "hoverinfo": "text",
    }
    if any(point.low is not None and point.high is not None for point in points):
        trace["error_y"] = {
            "type": "data",
            "symmetric": False,
            "array": [(point.high if point.high is not None else point.value) - point.value for point in points],
            "arrayminus": [point.value - (point.low if point.low is not None else point.value) for point in points],
            "thickness": 1.5,
            "width": 5,
        }
    return trace


def _hover(name: str, point: TimePoint) -> str:
    interval = ""
    if point.low is not None and point.high is not None:
        interval = f" ({number(point.low)} to {number(point.high)})"
    lines = [plain(name), plain(point.at), f"{number(point.value)}{interval}", plain(point.note)]
    return "<br>".join(line for line in lines if line)


def _level(value: float, dash: str) -> dict[str, Any]:
    line = {"color": SLATE if dash == "dash" else ORANGE, "width": 1.5, "dash": dash}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": value, "y1": value, "line": line}


def _event_line(at: datetime | str) -> dict[str, Any]:
    line = {"color": SLATE, "width": 1}
    return {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": at, "x1": at, "line": line}


def _event_text(at: datetime | str, text: str) -> dict[str, Any]:
    return {
        "x": at,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "text": label(text, 18),
        "showarrow": False,
        "font": {"size": 11},
    }
