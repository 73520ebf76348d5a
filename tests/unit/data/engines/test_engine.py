from __future__ import annotations

import psutil

from millwright.data.engines.engine import EngineOptions


def test_the_limit_is_what_was_set_or_half_of_the_machine() -> None:
    assert EngineOptions(limit_gb=1.5).limit_bytes == 1_500_000_000
    assert EngineOptions().limit_bytes == psutil.virtual_memory().total // 2
