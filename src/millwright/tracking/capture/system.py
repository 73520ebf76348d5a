"""How busy the machine and this process are, under the names that MLflow's clients use."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from millwright.tracking.capture.gpu import GpuReader

if TYPE_CHECKING:
    from millwright.tracking.capture.gpu import Gpu

PREFIX = "system/"
_MEGABYTE = 1e6


class SystemMetrics:
    """Reads the machine; network figures count from when this was made, CPU figures from the last reading."""

    def __init__(self) -> None:
        import psutil

        self._psutil = psutil
        self._process = psutil.Process()
        self._gpus = GpuReader()
        self._network = psutil.net_io_counters()
        psutil.cpu_percent()  # the first call only begins to count
        self._process.cpu_percent()

    def read(self) -> dict[str, float]:
        """Values by name: percentages from 0 to 100 (the process's CPU: of one core), megabytes of 10⁶ bytes."""
        psutil, process = self._psutil, self._process
        memory, disk = psutil.virtual_memory(), psutil.disk_usage(os.sep)
        values: dict[str, float] = {
            "cpu_utilization_percentage": psutil.cpu_percent(),
            "system_memory_usage_megabytes": memory.used / _MEGABYTE,
            "system_memory_usage_percentage": memory.percent,
            "process_memory_usage_megabytes": process.memory_info().rss / _MEGABYTE,
            "process_cpu_utilization_percentage": process.cpu_percent(),
            "disk_usage_percentage": disk.percent,
            "disk_usage_megabytes": disk.used / _MEGABYTE,
            "disk_available_megabytes": disk.free / _MEGABYTE,
        }
        network = psutil.net_io_counters()
        if network is not None and self._network is not None:  # none where the system shows no devices
            values["network_receive_megabytes"] = (network.bytes_recv - self._network.bytes_recv) / _MEGABYTE
            values["network_transmit_megabytes"] = (network.bytes_sent - self._network.bytes_sent) / _MEGABYTE
        for index, gpu in enumerate(self._gpus.read()):
            values.update(gpu_values(index, gpu))
        return {f"{PREFIX}{name}": round(float(value), 3) for name, value in values.items()}


def gpu_values(index: int, gpu: Gpu) -> dict[str, float]:
    """One GPU's figures by name; what the driver does not tell is left out."""
    found = {
        "utilization_percentage": gpu.utilization,
        "memory_usage_megabytes": None if gpu.memory_used_bytes is None else gpu.memory_used_bytes / _MEGABYTE,
        "memory_usage_percentage": _share(gpu.memory_used_bytes, gpu.memory_total_bytes),
        "power_usage_watts": gpu.power_w,
        "power_usage_percentage": _share(gpu.power_w, gpu.power_limit_w),
    }
    return {f"gpu_{index}_{name}": value for name, value in found.items() if value is not None}


def _share(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else 100 * part / whole
