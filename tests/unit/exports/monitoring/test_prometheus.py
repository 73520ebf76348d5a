from __future__ import annotations

import shutil
import subprocess

import pytest
import yaml

from millwright.exports.monitoring.prometheus import CONFIGURATION, RULES, TESTS, PrometheusTarget
from millwright.exports.monitoring.report_rule import REPORT_RULES
from millwright.exports.monitoring.watch import WatchPlan
from millwright.monitoring.exposition.catalog import ALERTS, LAG
from millwright.monitoring.exposition.check import CHECKED

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed: apt-get install prometheus"
)
PLANS = (WatchPlan(), WatchPlan(endpoints=(), hold="30s", unchecked="6h", lag_s=60, p99_s=0.05))


def written(plan: WatchPlan, folder):
    for name, content in PrometheusTarget().files(plan).items():
        (folder / name).write_bytes(content)
    return folder


def promtool(*words: str, cwd) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *words], cwd=cwd, capture_output=True, text=True, check=False)


@needs_promtool
@pytest.mark.parametrize("plan", PLANS)
def test_promtool_takes_configuration_and_rules_and_the_rules_tests_hold(plan, tmp_path):
    folder = written(plan, tmp_path)
    for words in (("check", "config", CONFIGURATION), ("check", "rules", RULES), ("test", "rules", TESTS)):
        done = promtool(*words, cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_promtool_sees_a_rule_that_no_longer_fires(tmp_path):
    folder = written(WatchPlan(), tmp_path)
    rules = (folder / RULES).read_text(encoding="utf-8")
    (folder / RULES).write_text(rules.replace("_drifted) > 0", "_drifted) > 1"), encoding="utf-8")
    assert promtool("test", "rules", TESTS, cwd=folder).returncode != 0


def test_every_figure_that_monitoring_judges_has_a_rule():
    rules = PrometheusTarget().files(WatchPlan())[RULES].decode()
    told = (ALERTS, CHECKED, LAG, *(rule.metric for rule in REPORT_RULES))
    assert all(metric.name in rules for metric in told)


@needs_promtool
def test_summaries_name_the_monitor_if_there_is_one(tmp_path):
    folder = written(WatchPlan(), tmp_path)
    tests = []
    for monitor, told in (("hourly", "delay (hourly)"), ("", "delay")):
        labels = {"endpoint": "delay", "monitor": monitor, "severity": "info"}
        said = {"summary": f"{told}: 1 columns drifted", "description": REPORT_RULES[0].description}
        series = f'{REPORT_RULES[0].metric}{{endpoint="delay",monitor="{monitor}",column="days"}}'
        alerts = [{"exp_labels": {name: text for name, text in labels.items() if text}, "exp_annotations": said}]
        tests.append({
            "interval": "1m",
            "input_series": [{"series": series, "values": "1x2"}],
            "alert_rule_test": [{"alertname": "MillwrightDrift", "eval_time": "1m", "exp_alerts": alerts}],
        })  # fmt: skip
    (folder / "more.yml").write_text(yaml.safe_dump({"rule_files": [RULES], "tests": tests}), encoding="utf-8")
    done = promtool("test", "rules", "more.yml", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_addresses_and_limits_reach_the_files():
    files = PrometheusTarget().files(WatchPlan(servers=("ml:1",), endpoints=("a:2", "b:3"), p99_s=0.25))
    jobs = yaml.safe_load(files[CONFIGURATION])["scrape_configs"]
    assert [job["static_configs"][0]["targets"] for job in jobs] == [["ml:1"], ["a:2", "b:3"]]
    assert "> 0.25" in files[RULES].decode()
