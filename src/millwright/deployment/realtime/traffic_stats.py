"""What became of divided and mirrored requests, for metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from millwright.core.records.rollout import RolloutRecord
from millwright.deployment.traffic.tally import Tally

# By an arm's name and its version.
ArmTotals: TypeAlias = Mapping[tuple[str, int], Tally]


@dataclass(slots=True)
class TrafficStats:
    """Traffic of one endpoint in one process. Written by whoever follows its rollout.

    Attributes:
        totals: Gives what arms have answered since the process began, also those of rollouts that have ended.
        rollout: The open one; None when there is none.
    """

    totals: Callable[[], ArmTotals] = dict
    rollout: RolloutRecord | None = None
