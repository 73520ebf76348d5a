from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from millwright.monitoring.operations import OperationsSettings, ServedCounts, measure_operations
from millwright.monitoring.window import WindowRows
from millwright.pipelines.annotations import Resources
from millwright.pipelines.runner.observation.price import Prices

START = datetime(2026, 1, 15, 12, tzinfo=UTC)


def window(latency: list[float], requests: list[str] | None = None) -> WindowRows:
    n = len(latency)
    rows = pl.DataFrame(
        {
            "id": [f"id-{number}" for number in range(n)],
            "at": [START + timedelta(seconds=number) for number in range(n)],
            "latency_ms": latency,
            "request_id": requests or [""] * n,
            "key": [None] * n,
        }
    )
    end, nothing = START + timedelta(hours=1), pl.DataFrame()
    return WindowRows(
        model="m", version=1, rows=rows, features=nothing, outputs=nothing, start=START, end=end, left_out={}
    )


def test_percentiles_are_those_of_numpy_over_requests():
    latency = np.random.default_rng(0).lognormal(1, 1, 500)
    names = [f"request {number // 2}" for number in range(500)]
    latency[1::2] = latency[::2]  # two rows in a request
    found = measure_operations(window(list(latency), names), OperationsSettings())
    assert (found.requests, found.rows) == (250, 500)
    for name, share in (("p50", 50), ("p95", 95), ("p99", 99)):
        assert found.latency_ms[name] == pytest.approx(np.percentile(latency[::2], share))
    assert found.latency_ms["max"] == latency.max()
    assert found.rows_per_second == pytest.approx(500 / 3600)


def test_window_without_length_tells_neither_throughput_nor_cost():
    rows = replace(window([1.0] * 600, ["one request"] * 600), end=START + timedelta(microseconds=1))
    found = measure_operations(rows, OperationsSettings(prices=Prices(cpu_hour=1.0), min_rows_per_second=1.0))
    assert (found.rows_per_second, found.cost, found.cost_per_prediction) == (None, None, None)
    assert [(limit.found, limit.broken) for limit in found.limits] == [(None, False)]


def test_unknown_latencies_are_left_out():
    assert measure_operations(window([1.0, float("nan"), 3.0]), OperationsSettings()).latency_ms["p50"] == 2.0
    assert measure_operations(window([float("nan")]), OperationsSettings()).latency_ms == {}


@pytest.mark.parametrize(
    ("limits", "broken"),
    [
        ({"p95_ms": 9.0}, True),
        ({"p95_ms": 11.0}, False),
        ({"p95_ms": 9.0, "min_requests": 500}, False),
        ({"min_rows_per_second": 1.0}, True),
        ({"min_rows_per_second": 0.01}, False),
    ],
)
def test_limits_are_judged_where_there_are_enough_requests(limits: dict[str, Any], broken: bool):
    found = measure_operations(window([10.0] * 100), OperationsSettings(**limits))
    assert [limit.broken for limit in found.limits] == [broken]


def test_errors_are_those_that_the_server_counted():
    served = ServedCounts(requests=200, errors=6, refused=10)
    found = measure_operations(window([1.0] * 184), OperationsSettings(error_share=0.02), served=served)
    assert found.error_share == 0.03
    assert [(limit.name, limit.broken) for limit in found.limits] == [("error_share", True)]
    untold = measure_operations(window([1.0]), OperationsSettings(error_share=0.02))
    assert [(limit.found, limit.broken) for limit in untold.limits] == [(None, False)]


@pytest.mark.parametrize(("refused", "broken"), [(10, False), (30, True)])
def test_refused_requests_are_held_against_their_limit(refused: int, broken: bool):
    served = ServedCounts(requests=200, errors=0, refused=refused)
    found = measure_operations(window([1.0] * 170), OperationsSettings(refused_share=0.1), served=served)
    assert found.refused_share == refused / 200
    assert [(limit.name, limit.broken) for limit in found.limits] == [("refused_share", broken)]
    few = measure_operations(window([1.0]), OperationsSettings(refused_share=0.1, min_requests=201), served=served)
    assert [(limit.found, limit.broken) for limit in few.limits] == [(None, False)]


def test_all_requests_may_have_been_refused():
    settings = OperationsSettings(refused_share=0.1, min_rows_per_second=5.0, p95_ms=1.0)
    nothing = replace(window([1.0]), rows=pl.DataFrame())
    found = measure_operations(nothing, settings, served=ServedCounts(requests=200, errors=0, refused=200))
    assert (found.requests, found.rows, found.refused_share) == (0, 0, 1.0)
    assert [limit.name for limit in found.limits if limit.broken] == ["refused_share"]


def test_cost_is_that_of_the_machine_over_the_window():
    settings = OperationsSettings(
        prices=Prices(cpu_hour=0.5, gb_hour=0.1), resources=Resources(cpu=2, memory="4GB"), cost_per_thousand=13.0
    )
    found = measure_operations(window([1.0] * 100), settings)
    assert found.cost == pytest.approx(2 * 0.5 + 4 * 0.1)
    assert found.cost_per_prediction == pytest.approx(0.014)
    assert found.limits[0].broken
    assert measure_operations(window([1.0]), OperationsSettings()).cost is None
