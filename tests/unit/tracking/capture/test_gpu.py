from __future__ import annotations

import os
from typing import TYPE_CHECKING

from millwright.tracking.capture.gpu import GpuReader, parse_gpus

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

ROWS = "NVIDIA H200, 37, 1024, 143771, 120.5, 700.00\nTesla K80, [N/A], 10, 100, [N/A], [N/A]\n"


def test_rows_are_gpus_and_what_the_driver_does_not_tell_is_none() -> None:
    first, second = parse_gpus(ROWS)
    assert (first.name, first.utilization, first.memory_used_bytes, first.power_w) == (
        "NVIDIA H200",
        37.0,
        1024 * 2**20,
        120.5,
    )
    assert (second.utilization, second.power_limit_w) == (None, None)
    assert parse_gpus("No devices were found\n") == []


def test_command_of_the_driver_is_asked_when_there_is_no_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / "nvidia-smi"
    command.write_text(f"#!/bin/sh\ncat <<'END'\n{ROWS}END\n", encoding="utf-8")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setitem(__import__("sys").modules, "pynvml", None)
    assert [gpu.name for gpu in GpuReader().read()] == ["NVIDIA H200", "Tesla K80"]


def test_machine_without_a_driver_has_no_gpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(__import__("sys").modules, "pynvml", None)
    assert GpuReader().read() == []
