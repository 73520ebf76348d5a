"""What other systems need to watch Millwright: rules and dashboards on the metrics of servers and of monitoring.

| module | holds |
|---|---|
| `watch` | what is to be watched, and from which limits on |
| `prometheus` | where metrics are scraped, alert rules, and unit tests of these for `promtool test rules` |
| `report_rule` | the rules on what the newest reports say |
| `grafana` | a dashboard of endpoints: drift, quality, performance, slices and groups, operation, alerts |
| `section` | what it shows |
| `panel` | the parts that a dashboard is made of |

These targets are of a project, not of a model, so that `catalog` does not hold them; `cli.watch_export` calls them.
"""

from __future__ import annotations

from millwright.exports.monitoring.watch import WatchPlan

__all__ = ["WatchPlan"]
