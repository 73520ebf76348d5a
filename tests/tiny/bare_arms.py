"""Arms without models, for property tests that cannot take fixtures."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from millwright.deployment.realtime.arm import Arm


def bare_arms(count: int) -> list[Arm]:
    """So many, called `arm0` and so on."""
    served: list[Any] = [SimpleNamespace(version=number + 1) for number in range(count)]
    return [Arm(each, f"arm{number}") for number, each in enumerate(served)]
