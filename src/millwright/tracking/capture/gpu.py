"""What NVIDIA GPUs there are, and how busy they are: by NVML where its library is installed, else by `nvidia-smi`."""

from __future__ import annotations

import importlib
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

_QUERY = "name,utilization.gpu,memory.used,memory.total,power.draw,power.limit"
_TIMEOUT_S = 10
_MEBIBYTE = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Gpu:
    """One GPU at one moment; None is what the driver does not tell.

    Attributes:
        utilization: Percent of the time in which something ran, 0 to 100.
        power_w: Watts that it takes.
        power_limit_w: Watts that it may take.
    """

    name: str
    utilization: float | None
    memory_used_bytes: float | None
    memory_total_bytes: float | None
    power_w: float | None = None
    power_limit_w: float | None = None


class GpuReader:
    """Reads the GPUs of this machine; there are none when neither NVML nor `nvidia-smi` is there."""

    def __init__(self) -> None:
        self._nvml = _open_nvml()
        self._command = None if self._nvml is not None else shutil.which("nvidia-smi")

    def read(self) -> list[Gpu]:
        """Every GPU, in the driver's order."""
        if self._nvml is not None:
            return _by_nvml(self._nvml)
        return _by_command(self._command) if self._command else []


def parse_gpus(text: str) -> list[Gpu]:
    """GPUs from the CSV rows that `nvidia-smi` prints for name, utilization, memory used and total, power and limit."""
    gpus: list[Gpu] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split(",")]
        if len(cells) == 6:
            busy, used, total, power, limit = (_number(cell) for cell in cells[1:])
            gpus.append(
                Gpu(
                    name=cells[0],
                    utilization=busy,
                    memory_used_bytes=None if used is None else used * _MEBIBYTE,
                    memory_total_bytes=None if total is None else total * _MEBIBYTE,
                    power_w=power,
                    power_limit_w=limit,
                )
            )
    return gpus


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:  # [N/A]
        return None


def _by_command(command: str) -> list[Gpu]:
    try:
        found = subprocess.run(
            [command, f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            check=False,
            timeout=_TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return parse_gpus(found.stdout) if found.returncode == 0 else []


def _open_nvml() -> Any:
    try:
        nvml = importlib.import_module("pynvml")
        nvml.nvmlInit()
    except Exception:  # noqa: BLE001 - not installed, or without a driver; its errors are its own
        return None
    return nvml


def _by_nvml(nvml: Any) -> list[Gpu]:
    gpus: list[Gpu] = []
    for index in range(nvml.nvmlDeviceGetCount()):
        handle = nvml.nvmlDeviceGetHandleByIndex(index)
        name = nvml.nvmlDeviceGetName(handle)
        busy, memory = (
            _asked(nvml, ask, handle) for ask in ("nvmlDeviceGetUtilizationRates", "nvmlDeviceGetMemoryInfo")
        )
        power, limit = (
            _asked(nvml, ask, handle) for ask in ("nvmlDeviceGetPowerUsage", "nvmlDeviceGetEnforcedPowerLimit")
        )
        gpus.append(
            Gpu(
                name=name.decode() if isinstance(name, bytes) else str(name),
                utilization=None if busy is None else float(busy.gpu),
                memory_used_bytes=None if memory is None else float(memory.used),
                memory_total_bytes=None if memory is None else float(memory.total),
                power_w=None if power is None else power / 1000,
                power_limit_w=None if limit is None else limit / 1000,
            )
        )
    return gpus


def _asked(nvml: Any, ask: str, handle: Any) -> Any:
    try:
        return getattr(nvml, ask)(handle)
    except Exception:  # noqa: BLE001 - what this GPU does not tell
        return None
