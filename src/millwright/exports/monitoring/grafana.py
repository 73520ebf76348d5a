"""Grafana: a dashboard of endpoints, with the data source chosen on the page."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from millwright.exports.monitoring.panel import Panel, laid_out, variable
from millwright.monitoring.exposition import MonitorMetric as M

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from millwright.exports.monitoring.watch import WatchPlan

DASHBOARD = "millwright.json"
_OF = 'endpoint=~"$endpoint"'
_RATE = "sum by (route) (rate(millwright_requests_total[$__rate_interval]))"
_BUCKET = "sum by (le) (rate(millwright_request_duration_seconds_bucket[$__rate_interval]))"

PANELS = (
    Panel(title="Open alerts", kind="stat", width=6, queries=((f"sum({M.ALERTS}{{{_OF}}}) or vector(0)", "open"),)),
    Panel(title="Drifted columns", kind="stat", width=6, queries=((f"sum({M.DRIFTED}{{{_OF}}})", "drifted"),)),
    Panel(
        title="Rows with a label", kind="stat", width=6, unit="percentunit",
        queries=((f"avg({M.LABEL_COVERAGE}{{{_OF}}})", "coverage"),),
    ),
    Panel(
        title="Last check", kind="stat", width=6, unit="s",
        queries=((f"time() - max({M.CHECKED}{{{_OF}}})", "ago"),),
    ),
    Panel(
        title="Drift beside its limit", about="1 is the limit of the column's deciding statistic.",
        queries=((f"{M.DRIFT_SCORE}{{{_OF}}} / {M.DRIFT_LIMIT}{{{_OF}}}", "{{endpoint}} {{column}} ({{statistic}})"),),
    ),
    Panel(
        title="Performance", about="Realised on labels, estimated without them, and at evaluation.",
        queries=((f'{M.PERFORMANCE}{{{_OF},metric=~"$metric"}}', "{{endpoint}} {{metric}} {{source}}"),),
    ),
    Panel(
        title="Intervals of performance",
        queries=(
            (f'{M.PERFORMANCE_LOW}{{{_OF},metric=~"$metric"}}', "{{endpoint}} {{metric}} {{source}}, from"),
            (f'{M.PERFORMANCE_HIGH}{{{_OF},metric=~"$metric"}}', "{{endpoint}} {{metric}} {{source}}, to"),
        ),
    ),
    Panel(
        title="Alerts", kind="table",
        queries=((f"sum by (endpoint, kind, severity, state) ({M.ALERTS}{{{_OF}}})", ""),),
    ),
    Panel(title="Rows of the newest window", queries=((f"{M.ROWS}{{{_OF}}}", "{{endpoint}}"),)),
    Panel(title="Predictions that wait to be counted", unit="s", queries=((f"{M.LAG}{{{_OF}}}", "{{endpoint}}"),)),
    Panel(title="Requests", unit="reqps", queries=((_RATE, "{{route}}"),)),
    Panel(
        title="Duration of requests", unit="s",
        queries=tuple((f"histogram_quantile({share}, {_BUCKET})", f"{name} of 100") for share, name in
                      ((0.5, "50"), (0.95, "95"), (0.99, "99"))),
    ),
)  # fmt: skip


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
                variable("endpoint", "Endpoint", f"label_values({M.ROWS}, endpoint)"),
                variable("metric", "Metric", f"label_values({M.PERFORMANCE}, metric)"),
            ]
        },
        "annotations": {"list": []},
        "panels": laid_out(PANELS),
    }
