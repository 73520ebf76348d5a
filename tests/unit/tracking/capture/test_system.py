from __future__ import annotations

import pytest

from millwright.tracking.capture.gpu import Gpu
from millwright.tracking.capture.system import SystemMetrics, gpu_values


def test_machine_is_measured_under_the_names_of_mlflow() -> None:
    values = SystemMetrics().read()
    for name in ("cpu_utilization_percentage", "system_memory_usage_percentage", "disk_usage_percentage"):
        assert 0 <= values[f"system/{name}"] <= 100
    assert values["system/process_memory_usage_megabytes"] > 1
    assert values["system/network_receive_megabytes"] >= 0


def test_gpu_is_measured_without_what_it_does_not_tell() -> None:
    gpu = Gpu(name="x", utilization=50.0, memory_used_bytes=1e6, memory_total_bytes=4e6)
    assert gpu_values(1, gpu) == {
        "gpu_1_utilization_percentage": 50.0,
        "gpu_1_memory_usage_megabytes": 1.0,
        "gpu_1_memory_usage_percentage": pytest.approx(25.0),
    }
