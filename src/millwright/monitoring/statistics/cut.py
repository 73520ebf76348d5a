"""Borders between the cells that numbers are counted in."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Cut:
    """A border between two cells; a value equal to it lies left of it when `closed`."""

    at: float
    closed: bool


def cell_labels(cuts: Sequence[Cut]) -> list[str]:
    """What each cell between borders in order holds, for people; one more than there are borders."""
    if not cuts:
        return ["<any value>"]
    first, last = cuts[0], cuts[-1]
    labels = [f"{'≤' if first.closed else '<'} {_shown(first)}"]
    for low, high in pairwise(cuts):
        if low.at == high.at:
            labels.append(f"= {_shown(low)}")
        else:
            labels.append(f"{'(' if low.closed else '['}{_shown(low)}, {_shown(high)}{']' if high.closed else ')'}")
    return [*labels, f"> {_shown(last)}"]


def _shown(cut: Cut) -> str:
    return f"{cut.at + 0.0:.6g}"  # which makes 0 of -0
