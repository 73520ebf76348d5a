from __future__ import annotations

from typing import Any

from millwright.monitoring.exposition import anomaly


def test_share_is_told_beside_what_is_expected_and_tolerated(told: Any, facts: Any):
    found = told(anomaly.ANOMALIES)
    assert found[anomaly.SHARE, ()] == facts.document["anomalies"]["share"] > found[anomaly.LIMIT, ()] == 0.05
    assert 0 < found[anomaly.EXPECTED, ()] < 0.05
    assert found[anomaly.RISEN, ()] == 1.0
