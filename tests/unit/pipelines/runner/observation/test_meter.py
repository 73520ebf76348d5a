from __future__ import annotations

import subprocess
import sys
import time

import pytest

from millwright.pipelines.annotations import Resources
from millwright.pipelines.runner.observation import Prices
from millwright.pipelines.runner.observation.meter import Meter

BURN = "import time\nwhile time.process_time() < 0.3: pass"


def test_processor_time_is_what_the_process_used() -> None:
    meter = Meter({})
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    meter.stop()
    assert meter.usage().cpu_s >= 0.05


def test_children_that_were_waited_for_count() -> None:
    meter = Meter({})
    subprocess.run([sys.executable, "-c", BURN], check=True)
    assert meter.usage().cpu_s >= 0.3


def test_memory_is_the_largest_seen() -> None:
    meter = Meter({})
    meter.see(1 << 50)
    meter.see(1)
    assert meter.usage().peak_memory_bytes == 1 << 50


def test_memory_of_a_short_execution_is_read_at_its_end() -> None:
    assert Meter({}).usage().peak_memory_bytes > 1 << 20


def test_memory_that_was_given_back_between_two_looks_is_seen() -> None:
    code = (
        "from millwright.pipelines.runner.observation.meter import Meter\n"
        "meter = Meter({})\n"
        "block = b'x' * 400_000_000\n"
        "del block\n"
        "print(meter.usage().peak_memory_bytes)"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert int(shown) > 400_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="the mark can be set back on Linux only")
def test_memory_of_an_earlier_execution_does_not_count() -> None:
    code = (
        "from millwright.pipelines.runner.observation.meter import Meter\n"
        "block = b'x' * 400_000_000\n"
        "del block\n"
        "meter = Meter({}, alone=True)\n"
        "block = b'x' * 100_000_000\n"
        "del block\n"
        "print(meter.usage().peak_memory_bytes)"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert 100_000_000 < int(shown) < 300_000_000


def test_cost_is_estimated_with_prices_only() -> None:
    assert Meter({}).usage().cost is None
    cost = Meter({Prices: Prices(gpu_hour=3600.0)}).usage(Resources(gpu=1)).cost
    assert cost is not None
    assert cost > 0


def test_second_stop_changes_nothing() -> None:
    meter = Meter({})
    meter.stop()
    first = meter.usage()
    until = time.process_time() + 0.02
    while time.process_time() < until:
        pass
    meter.stop()
    assert meter.usage() == first
