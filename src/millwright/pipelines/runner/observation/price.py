"""What an execution costs, estimated from a table of prices."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.errors import PipelineDefinitionError

if TYPE_CHECKING:
    from millwright.pipelines.annotations import Resources

_HOUR_S = 3600.0
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*", re.IGNORECASE)
_GB = 1e9


@dataclass(frozen=True, kw_only=True, slots=True)
class Prices:
    """What the machine costs.

    Attributes:
        cpu_hour: One core for an hour.
        gb_hour: 10⁹ bytes of memory for an hour.
        gpu_hour: One device for an hour.
        currency: Of all of them.
    """

    cpu_hour: float = 0.0
    gb_hour: float = 0.0
    gpu_hour: float = 0.0
    currency: str = "USD"

    def __bool__(self) -> bool:
        return bool(self.cpu_hour or self.gb_hour or self.gpu_hour)


def estimated_cost(
    prices: Prices, resources: Resources, *, seconds: float, cpu_s: float, peak_memory_bytes: int
) -> float:
    """What an execution costs: for each resource the larger of what was asked for and what was used.

    Args:
        prices: The table.
        resources: What the step asked for; cores and devices count for as long as it lasted.
        seconds: How long it lasted.
        cpu_s: Seconds of processor time that it used.
        peak_memory_bytes: The most memory that it used, counted for all the time.

    Returns:
        In the table's currency, ≥ 0.
    """
    cpu = max(resources.cpu * seconds, cpu_s)
    memory = max(memory_bytes(resources.memory), peak_memory_bytes) / _GB * seconds
    gpu = resources.gpu * seconds
    return (cpu * prices.cpu_hour + memory * prices.gb_hour + gpu * prices.gpu_hour) / _HOUR_S


def memory_bytes(text: str) -> float:
    """Bytes from text such as `4GiB` or `500MB`; 0 when it is empty.

    Raises:
        PipelineDefinitionError: It is no amount of memory.
    """
    if not text.strip():
        return 0.0
    matched = _SIZE.fullmatch(text)
    if matched is None:
        raise PipelineDefinitionError(
            f"A step's memory: expected an amount, found {text!r}.", hint="Write for example 4GiB or 500MB."
        )
    base = 1024 if matched[3] else 1000
    return float(matched[1]) * float(base ** " kmgt".index(matched[2].lower() or " "))
