"""What machine this is."""

from __future__ import annotations

import os
import platform
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from millwright.tracking.capture.gpu import GpuReader


@dataclass(frozen=True, kw_only=True, slots=True)
class Hardware:
    """One machine.

    Attributes:
        cpu: The processor's model.
        cores: Logical processors that this process may use.
        memory_bytes: Main memory.
        gpus: Names of NVIDIA GPUs.
    """

    host: str
    cpu: str
    cores: int
    memory_bytes: int
    gpus: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The facts as JSON values."""
        return {**asdict(self), "gpus": list(self.gpus)}


def hardware() -> Hardware:
    """The machine of this process; asking `nvidia-smi` for its GPUs may take a second."""
    import psutil

    return Hardware(
        host=socket.gethostname(),
        cpu=cpu_model(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_bytes=int(psutil.virtual_memory().total),
        gpus=tuple(gpu.name for gpu in GpuReader().read()),
    )


def cpu_model() -> str:
    """The processor's model as the system calls it, or its architecture."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or platform.machine()
    lines = (line.partition(":") for line in text.splitlines())
    names = {name.strip(): value.strip() for name, _, value in lines if value}
    return names.get("model name") or names.get("Model") or platform.processor() or platform.machine()
