"""What a page is made of. All text in it may come from anyone: the page escapes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from plotly.graph_objects import Figure


class Tone(StrEnum):
    """What a badge tells at a glance; its text tells it too."""

    GOOD = "good"  # passed, promoted, healthy
    BAD = "bad"  # failed, refused, broken
    WARN = "warn"  # look at it
    NEUTRAL = "neutral"  # neither


@dataclass(frozen=True, slots=True)
class Badge:
    """A short coloured word in a table or fact."""

    text: str
    tone: Tone = Tone.NEUTRAL


Cell = str | int | float | Badge | None  # None is shown as a dash; numbers are aligned to the right


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table.

    Attributes:
        headers: One per column.
        rows: Cells, as many per row as there are headers.
        caption: One line above it, or empty.
    """

    headers: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One part of a page, shown in the order of the attributes.

    Attributes:
        title: Its heading.
        text: Paragraphs.
        facts: Name → value, shown large in a row.
        commands: What can be typed in a terminal, as it is.
        figures: Figures, two in a row where there is room.
        tables: Tables.
    """

    title: str
    text: Sequence[str] = ()
    facts: Sequence[tuple[str, Cell]] = ()
    commands: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
