"""What became of the alias's moves, for metrics and the endpoint record."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class SwapStats:
    """Swaps of one process. Written by the watcher only.

    Attributes:
        swapped: Versions that took over.
        refused: Versions that failed to load or failed their self-test.
        unreachable: Looks at the registry that failed.
        refused_ref: The version refused last, while the selector still points to it; else empty.
        refused_reason: Why.
    """

    swapped: int = 0
    refused: int = 0
    unreachable: int = 0
    refused_ref: str = ""
    refused_reason: str = ""
