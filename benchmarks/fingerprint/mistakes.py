"""Rows of the table: how many edits each tool judged wrongly."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.fingerprint.edit import Kind
from benchmarks.result import Comparison

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.fingerprint.edit import Edit

_ALLOWED = {Kind.REFACTORED, Kind.BEYOND}


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistakes(Comparison):
    """How many of some edits were judged wrongly, by tool.

    Attributes:
        is_promised: Whether none is promised of ours.
    """

    is_promised: bool = True

    def row(self) -> str:
        """The table's row."""
        counts = [median(each) for each in self.samples.values()]
        bar, verdict = ("none", "**no**" if counts[0] else "yes") if self.is_promised else ("", "")
        return f"| {self.work} | {self.unit} | {' | '.join(f'{each:g}' for each in counts)} | {bar} | {verdict} |"

    def head(self) -> str:
        """The table's head."""
        return f"| wrongly judged | of | {' | '.join(self.samples)} | bar | held |"


def wrong(edits: Iterable[Edit], ran: set[str]) -> list[str]:
    """The names of the edits that a tool judged wrongly.

    Args:
        edits: Some edits.
        ran: The slugs of those whose step ran after the edit.
    """
    needed = {Kind.MEANINGFUL, Kind.BEYOND}
    return [edit.name for edit in edits if (edit.slug in ran) != (edit.kind in needed)]


def rows(groups: Mapping[str, Sequence[Edit]], ran: Mapping[str, set[str]]) -> list[Mistakes]:
    """A row for each group, the sums, and one for each edit that ours, the first tool, judged wrongly."""

    def row(work: str, edits: Sequence[Edit], *, is_promised: bool) -> Mistakes:
        samples = {tool: [len(wrong(edits, found))] * 2 for tool, found in ran.items()}
        return Mistakes(work=work, samples=samples, unit=str(len(edits)), smaller=True, is_promised=is_promised)

    found = [
        row(work, edits, is_promised=not {edit.kind for edit in edits} & _ALLOWED) for work, edits in groups.items()
    ]
    every = [edit for edits in groups.values() for edit in edits]
    meaningful = [edit for edit in every if edit.kind is Kind.MEANINGFUL]
    found.append(row("**missed in all**", meaningful, is_promised=True))
    ours = next(iter(ran.values()))
    promised = [edit for edit in every if edit.kind not in _ALLOWED]
    return found + [
        row(f"{edit.kind.value}: {edit.name}", [edit], is_promised=True) for edit in promised if wrong([edit], ours)
    ]
