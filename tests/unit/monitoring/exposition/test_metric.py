from __future__ import annotations

from millwright.monitoring.exposition.metric import Metric, of_report


def test_metric_of_a_report_has_endpoint_and_monitor_before_its_own_labels():
    made = of_report("drifted", "1 for a column that has drifted.", "column")
    assert made == Metric(
        "millwright_monitor_drifted", "1 for a column that has drifted.", ("endpoint", "monitor", "column")
    )


def test_metric_stands_in_a_query_by_its_name():
    assert f"sum({of_report('rows', 'Rows.')})" == "sum(millwright_monitor_rows)"
