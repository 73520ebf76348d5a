"""Grafana: a dashboard of endpoints, with the data source chosen on the page."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from millwright.exports.monitoring.panel import laid_out, variable
from millwright.exports.monitoring.section import SECTIONS
from millwright.monitoring.exposition import check, performance

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from millwright.exports.monitoring.watch import WatchPlan

DASHBOARD = "millwright.json"


class GrafanaTarget:
    """One dashboard, as Grafana imports and provisions it."""

    name = "grafana"

    def files(self, _plan: WatchPlan) -> Mapping[str, bytes]:
        """Content by path; the same for every plan: endpoints are chosen on the page."""
        return {DASHBOARD: (json.dumps(dashboard(), indent=2, ensure_ascii=False) + "\n").encode()}

    def commands(self, folder: Path) -> tuple[str, ...]:
        """What to type next: the page that imports it takes the file."""
        place = shlex.quote(str(folder / DASHBOARD))
        wrapped = f"jq '{{dashboard: ., overwrite: true}}' {place}"
        header = "--header 'Content-Type: application/json' --header \"Authorization: Bearer $GRAFANA_TOKEN\""
        return (f'{wrapped} | curl --fail {header} --data @- "$GRAFANA_URL/api/dashboards/db"',)


def dashboard() -> dict[str, Any]:
    """The document."""
    return {
        "uid": "millwright-endpoints",
        "title": "Millwright: endpoints",
        "tags": ["millwright"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "1m",
        "time": {"from": "now-7d", "to": "now"},
        "timezone": "browser",
        "templating": {
            "list": [
                {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus", "refresh": 1},
                variable("endpoint", "Endpoint", f"label_values({check.ROWS}, endpoint)"),
                variable("monitor", "Monitor", f'label_values({check.ROWS}{{endpoint=~"$endpoint"}}, monitor)'),
                variable("metric", "Metric", f"label_values({performance.VALUE}, metric)"),
            ]
        },
        "annotations": {"list": []},
        "panels": laid_out(SECTIONS),
    }
