from __future__ import annotations

import pytest

from millwright.core.errors import PipelineDefinitionError
from millwright.pipelines.annotations import Resources
from millwright.pipelines.runner.observation import Prices, estimated_cost
from millwright.pipelines.runner.observation.price import memory_bytes

PRICES = Prices(cpu_hour=3.6, gb_hour=0.36, gpu_hour=36.0)


def test_what_was_asked_for_is_paid_when_it_is_not_used() -> None:
    resources = Resources(cpu=4, memory="10GB", gpu=2)
    cost = estimated_cost(PRICES, resources, seconds=100.0, cpu_s=1.0, peak_memory_bytes=1)
    assert cost == pytest.approx(4 * 100 * 0.001 + 10 * 100 * 0.0001 + 2 * 100 * 0.01)


def test_what_was_used_is_paid_when_it_is_more() -> None:
    cost = estimated_cost(PRICES, Resources(), seconds=10.0, cpu_s=35.0, peak_memory_bytes=2_000_000_000)
    assert cost == pytest.approx(35 * 0.001 + 2 * 10 * 0.0001)


def test_nothing_costs_nothing() -> None:
    assert estimated_cost(PRICES, Resources(), seconds=0.0, cpu_s=0.0, peak_memory_bytes=0) == 0.0
    assert not Prices()
    assert Prices(gpu_hour=1.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("4GiB", 4 << 30), ("500MB", 500e6), ("1.5 g", 1.5e9), ("12", 12), ("2kib", 2048), ("1TB", 1e12)],
)
def test_amounts_of_memory_are_read(text: str, expected: float) -> None:
    assert memory_bytes(text) == expected


@pytest.mark.parametrize("text", ["much", "4 GiBs", "-1GB", "GB"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(PipelineDefinitionError, match="expected an amount"):
        memory_bytes(text)
