"""The parts of a Grafana dashboard.

Source: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model (schema 39,
Grafana 11); `grafanalib` and `grafana-foundation-sdk` write the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 24, 8  # of the whole page, and of a panel
SOURCE = {"type": "prometheus", "uid": "${source}"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """One picture of some figures.

    Attributes:
        title: Above it.
        queries: Expression of Prometheus → what a line is called, with `{{label}}`.
        kind: Grafana's name of the picture.
        unit: Grafana's name of the unit; empty for plain numbers.
        about: What it says, for people.
        width: Of 24.
    """

    title: str
    queries: tuple[tuple[str, str], ...]
    kind: str = "timeseries"
    unit: str = ""
    about: str = ""
    width: int = 12

    def document(self, number: int, x: int, y: int) -> dict[str, Any]:
        """As Grafana reads it.

        Args:
            number: Its id on the page, ≥ 1.
            x: Columns from the left.
            y: Rows from the top.
        """
        instant = self.kind != "timeseries"
        return {
            "id": number,
            "type": self.kind,
            "title": self.title,
            "description": self.about,
            "datasource": SOURCE,
            "gridPos": {"x": x, "y": y, "w": self.width, "h": HEIGHT},
            "fieldConfig": {"defaults": {"unit": self.unit} if self.unit else {}, "overrides": []},
            "options": _OPTIONS.get(self.kind, {}),
            "targets": [
                {
                    "refId": chr(ord("A") + index),
                    "datasource": SOURCE,
                    "expr": expression,
                    "legendFormat": legend,
                    "instant": instant,
                    "range": not instant,
                    **({"format": "table"} if self.kind == "table" else {}),
                }
                for index, (expression, legend) in enumerate(self.queries)
            ],
        }


_OPTIONS: dict[str, dict[str, Any]] = {
    "timeseries": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
    "stat": {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "graphMode": "none"},
    "table": {"showHeader": True},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """Panels under a heading.

    Attributes:
        title: The heading.
        panels: From left to right.
    """

    title: str
    panels: tuple[Panel, ...]


def laid_out(sections: tuple[Section, ...]) -> list[dict[str, Any]]:
    """Headings and panels, from left to right, and on to the next row where one does not fit."""
    placed: list[dict[str, Any]] = []
    y = 0
    for section in sections:
        placed.append(_heading(section.title, len(placed) + 1, y))
        x, y = 0, y + 1
        for panel in section.panels:
            if x + panel.width > WIDTH:
                x, y = 0, y + HEIGHT
            placed.append(panel.document(len(placed) + 1, x, y))
            x += panel.width
        y += HEIGHT
    return placed


def _heading(title: str, number: int, y: int) -> dict[str, Any]:
    place = {"x": 0, "y": y, "w": WIDTH, "h": 1}
    return {"id": number, "type": "row", "title": title, "collapsed": False, "gridPos": place, "panels": []}


def variable(name: str, label: str, query: str) -> dict[str, Any]:
    """A choice of values of a label, several at once.

    All of them are any value, and none: a label that is empty, as the monitor of a check by hand, is no value of it.
    """
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
    }
