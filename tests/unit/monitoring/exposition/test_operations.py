from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from millwright.monitoring.exposition import operations
from millwright.monitoring.exposition.fact import ReportFacts
from millwright.monitoring.operations.measure import Limit


def test_times_are_told_in_seconds(told: Any):
    found = told(operations.OPERATIONS)
    assert {labels[0] for metric, labels in found if metric is operations.LATENCY} == {"50", "95", "99"}
    assert found[operations.LATENCY, ("95",)] == pytest.approx(0.001)
    assert found[operations.LATENCY_MEAN, ()] == found[operations.LATENCY_MAX, ()] == pytest.approx(0.001)
    assert found[operations.LATENCY_LIMIT, ("95",)] == pytest.approx(0.01)
    assert (operations.LATENCY_LIMIT, ("50",)) not in found


def test_shares_are_those_of_what_the_server_counted(told: Any):
    found = told(operations.OPERATIONS)
    assert found[operations.ERRORS, ()] == 0.1 > found[operations.ERROR_LIMIT, ()] == 0.05
    assert (found[operations.REFUSED, ()], found[operations.SHED, ()]) == (0.25, 0.05)
    assert found[operations.BROKEN, ("error_share",)] == 1.0


def test_limit_of_refused_requests_is_told_where_it_is_set(told: Any, facts: Any):
    limit = asdict(Limit(name="refused_share", limit=0.2, found=0.25, broken=True))
    document = {"operations": {**facts.document["operations"], "limits": [limit]}}
    found = told(operations.OPERATIONS, ReportFacts(record=facts.record, document=document))
    assert (found[operations.REFUSED_LIMIT, ()], found[operations.BROKEN, ("refused_share",)]) == (0.2, 1.0)
    assert (operations.REFUSED_LIMIT, ()) not in told(operations.OPERATIONS)


def test_throughput_and_cost_are_told_beside_their_limits(told: Any, facts: Any):
    found, measured = told(operations.OPERATIONS), facts.document["operations"]
    assert found[operations.REQUESTS, ()] == 600.0
    assert found[operations.THROUGHPUT, ()] == pytest.approx(600 / measured["seconds"])
    assert found[operations.THROUGHPUT_LIMIT, ()] == 1000.0
    assert found[operations.COST, ("USD",)] == pytest.approx(1.8 * measured["seconds"] / 3600)
    assert found[operations.COST_PER_PREDICTION, ("USD",)] == pytest.approx(found[operations.COST, ("USD",)] / 600)
    assert found[operations.COST_LIMIT, ("USD",)] == pytest.approx(0.0036)
    assert found[operations.BROKEN, ("cost_per_thousand",)] == 0.0


def test_what_no_server_counted_is_not_told(told: Any, facts: Any):
    alone = {"operations": {**facts.document["operations"], "served": None, "error_share": None}}
    found = told(operations.OPERATIONS, ReportFacts(record=facts.record, document=alone))
    assert found[operations.ERRORS, ()] is found[operations.REFUSED, ()] is found[operations.SHED, ()] is None
