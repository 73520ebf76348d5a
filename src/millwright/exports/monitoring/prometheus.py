"""Prometheus: where to scrape, and what is worth an alert, with tests of the rules.

Sources: https://prometheus.io/docs/prometheus/latest/configuration (configuration, recording and alerting rules, unit
testing for rules). What monitoring raises itself, with its own statistics, is passed on as one alert per kind; rules of
`report_rule` say what the newest reports say; the others see what cannot tell on itself: a check that is no longer
made, a server that is gone, slow or failing requests.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import yaml

from millwright.exports.monitoring.report_rule import REPORT_RULES, SEVERITY
from millwright.monitoring.exposition.catalog import ALERTS, LAG
from millwright.monitoring.exposition.check import CHECKED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from millwright.exports.monitoring.watch import WatchPlan

CONFIGURATION, RULES, TESTS = "prometheus.yml", "millwright.rules.yml", "millwright.rules.test.yml"
_SERVER_JOB, _ENDPOINT_JOB = "millwright", "millwright-serve"
_WATCHED = "{{ $labels.endpoint }}{{ with $labels.monitor }} ({{ . }}){{ end }}"  # checks by hand have no monitor
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class PrometheusTarget:
    """Configuration, rules, and tests of the rules."""

    name = "prometheus"

    def files(self, plan: WatchPlan) -> Mapping[str, bytes]:
        """Content by path."""
        documents = {CONFIGURATION: configuration(plan), RULES: {"groups": groups(plan)}, TESTS: rule_tests(plan)}
        return {
            name: yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120).encode()
            for name, content in documents.items()
        }

    def commands(self, folder: Path) -> tuple[str, ...]:
        """What to type next."""
        place = {name: shlex.quote(str(folder / name)) for name in (CONFIGURATION, RULES, TESTS)}
        return (
            f"promtool check config {place[CONFIGURATION]}",
            f"promtool test rules {place[TESTS]}",
            f"prometheus --config.file={place[CONFIGURATION]}",
        )


def configuration(plan: WatchPlan) -> dict[str, Any]:
    """Whom Prometheus asks."""
    jobs = {_SERVER_JOB: plan.servers, _ENDPOINT_JOB: plan.endpoints}
    return {
        "global": {"scrape_interval": plan.scrape, "evaluation_interval": plan.scrape},
        "rule_files": [RULES],
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": list(targets)}]}
            for job, targets in jobs.items()
            if targets
        ],
    }


def groups(plan: WatchPlan) -> list[dict[str, Any]]:
    """The rules, of what monitoring tells and of what servers count."""
    return [
        {"name": "millwright-monitoring", "rules": _monitoring(plan)},
        {"name": "millwright-serving", "rules": _serving(plan)},
    ]


def _monitoring(plan: WatchPlan) -> list[dict[str, Any]]:
    return [
        _rule(
            "MillwrightAlert",
            f"sum by (endpoint, monitor, kind, severity) ({ALERTS}) > 0",
            f"{_WATCHED}: {{{{ $labels.kind }}}}",
            "Millwright has an unresolved alert; mw alerts list says more.",
        ),
        *(
            _rule(
                rule.alert,
                rule.expression,
                f"{_WATCHED}: {rule.summary}",
                rule.description,
                severity=SEVERITY,
            )
            for rule in REPORT_RULES
        ),
        _rule(
            "MillwrightNotChecked",
            f"time() - max by (endpoint, monitor) ({CHECKED}) > {_seconds(plan.unchecked)}",
            f"{_WATCHED} was not checked for {{{{ $value | humanizeDuration }}}}",
            "No worker checks it; mw worker or mw up does.",
            severity="warning",
        ),
        _rule(
            "MillwrightMonitoringLags",
            f"max by (endpoint) ({LAG}) > {plan.lag_s:g}",
            "{{ $labels.endpoint }}: predictions wait for {{ $value | humanizeDuration }} to be counted",
            "mw monitor status says how far the log is folded.",
            severity="warning",
            hold=plan.hold,
        ),
    ]


def _serving(plan: WatchPlan) -> list[dict[str, Any]]:
    bucket = "sum by (instance, le) (rate(millwright_request_duration_seconds_bucket[5m]))"
    errors = "sum by (instance) (rate(millwright_errors_total[5m]))"
    requests = "sum by (instance) (rate(millwright_requests_total[5m]))"
    return [
        _rule(
            "MillwrightDown",
            f'up{{job=~"{_SERVER_JOB}|{_ENDPOINT_JOB}"}} == 0',
            "{{ $labels.instance }} does not answer",
            "The process is gone, or cannot be reached from Prometheus.",
            severity="critical",
            hold=plan.hold,
        ),
        _rule(
            "MillwrightSlow",
            f"histogram_quantile(0.99, {bucket}) > {plan.p99_s:g}",
            "{{ $labels.instance }}: one request of a hundred takes {{ $value | humanizeDuration }} or longer",
            "More processes, smaller requests or a smaller model help.",
            severity="warning",
            hold=plan.hold,
        ),
        _rule(
            "MillwrightErrors",
            f"{errors} / ({requests} > 0) > {plan.error_share:g}",
            "{{ $labels.instance }}: {{ $value | humanizePercentage }} of the requests fail",
            "The counts by code are in millwright_errors_total.",
            severity="critical",
            hold=plan.hold,
        ),
    ]


def _rule(
    name: str, expression: str, summary: str, description: str, *, severity: str = "", hold: str = ""
) -> dict[str, Any]:
    rule: dict[str, Any] = {"alert": name, "expr": expression}
    if hold:
        rule["for"] = hold
    if severity:  # else that of the figure itself
        rule["labels"] = {"severity": severity}
    return {**rule, "annotations": {"summary": summary, "description": description}}


def rule_tests(plan: WatchPlan) -> dict[str, Any]:
    """Each rule fires where it has to, and is silent where it has not: for `promtool test rules`."""
    monitored = {"endpoint": "delay", "monitor": "hourly"}
    checked = f'{CHECKED}{{endpoint="delay",monitor="hourly"}}'
    alert = {**monitored, "kind": "drift", "severity": "warning"}
    open_alert = f'{ALERTS}{{endpoint="delay",monitor="hourly",kind="drift",severity="warning",state="open"}}'
    long_ago = str(-2 * _seconds(plan.unchecked))  # the tests' time begins with 1970
    held = _minutes(2 * _seconds(plan.hold) + 600)
    return {
        "rule_files": [RULES],
        "evaluation_interval": "1m",
        "tests": [
            _test(open_alert, "1", "1m", "MillwrightAlert", alert),
            _test(open_alert, "0", "1m", "MillwrightAlert", None),
            *(_test(rule.series, "1", "1m", rule.alert, rule.fires_with) for rule in REPORT_RULES),
            *(_test(rule.series, "0", "1m", rule.alert, None) for rule in REPORT_RULES),
            _test(checked, long_ago, "1m", "MillwrightNotChecked", {**monitored, "severity": "warning"}),
            _test(checked, "0", "1m", "MillwrightNotChecked", None),
            _test(f'{LAG}{{endpoint="delay"}}', f"{2 * plan.lag_s:g}", held, "MillwrightMonitoringLags",
                  {"endpoint": "delay", "severity": "warning"}),
            _test(f'up{{job="{_SERVER_JOB}",instance="a:8000"}}', "0", held, "MillwrightDown",
                  {"job": _SERVER_JOB, "instance": "a:8000", "severity": "critical"}),
            _test(f'up{{job="{_SERVER_JOB}",instance="a:8000"}}', "1", held, "MillwrightDown", None),
        ],
    }  # fmt: skip


def _test(series: str, value: str, at: str, alert: str, labels: dict[str, str] | None) -> dict[str, Any]:
    """One series that keeps its value; the alert with these labels fires then, or none does."""
    told = "".join(f',{name}="{text}"' for name, text in (labels or {}).items())
    firing = f'ALERTS{{alertname="{alert}",alertstate="firing"{told}}}'
    return {
        "interval": "1m",
        "input_series": [{"series": series, "values": f"{value}x{int(at.removesuffix('m')) + 1}"}],
        "promql_expr_test": [
            {
                "expr": f'ALERTS{{alertname="{alert}",alertstate="firing"}}',
                "eval_time": at,
                "exp_samples": [] if labels is None else [{"labels": firing, "value": 1}],
            }
        ],
    }


def _seconds(duration: str) -> int:
    found = re.fullmatch(r"(\d+)([smhd])", duration)
    if found is None:
        raise AssertionError(duration)
    return int(found[1]) * _SECONDS[found[2]]


def _minutes(seconds: int) -> str:
    return f"{seconds // 60 + 1}m"
