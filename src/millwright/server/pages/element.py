"""What a page is made of. All text in it may come from anyone: the template escapes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime


class Tone(StrEnum):
    """What a badge tells at a glance; its text tells it too."""

    GOOD = "good"  # passed, promoted, healthy
    BAD = "bad"  # failed, refused, broken
    WARN = "warn"  # look at it
    NEUTRAL = "neutral"  # neither


@dataclass(frozen=True, slots=True)
class Badge:
    """A short coloured word."""

    text: str
    tone: Tone = Tone.NEUTRAL
    kind: str = field(default="badge", init=False)


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to another page of this server.

    Attributes:
        href: Made by `route`, so that every part of it is quoted.
    """

    text: str
    href: str
    kind: str = field(default="link", init=False)


@dataclass(frozen=True, slots=True)
class Code:
    """A digest, id or path, in letters of one width.

    Attributes:
        text: What is shown.
        whole: What it is short for; empty when it is whole.
    """

    text: str
    whole: str = ""
    kind: str = field(default="code", init=False)


@dataclass(frozen=True, slots=True)
class Bar:
    """A share drawn as a bar beside its text.

    Attributes:
        share: 0 to 1.
    """

    share: float
    text: str
    tone: Tone = Tone.NEUTRAL
    kind: str = field(default="bar", init=False)


@dataclass(frozen=True, slots=True)
class Timespan:
    """When something happened within a longer time, drawn as a bar on a line, beside its text.

    Attributes:
        start: Where it begins, 0 to 1.
        width: How long it is, 0 to 1; drawn so that it is seen, however short.
    """

    start: float
    width: float
    text: str
    tone: Tone = Tone.NEUTRAL
    kind: str = field(default="timespan", init=False)


@dataclass(frozen=True, slots=True)
class Marked:
    """A cell that stands out from its neighbours."""

    cell: Cell
    kind: str = field(default="marked", init=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class SortLink:
    """The head of a column that sorts by it.

    Attributes:
        text: The head.
        href: The page, sorted.
        sign: Which way it is sorted now; empty when it is not.
        sort: The same for `aria-sort`.
    """

    text: str
    href: str
    sign: str = ""
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Several:
    """Cells below one another."""

    cells: tuple[Cell, ...]
    kind: str = field(default="several", init=False)


# None is shown as a dash; numbers are aligned to the right; times are in UTC.
Cell: TypeAlias = "str | int | float | datetime | Badge | Link | Code | Bar | Timespan | Marked | Several | None"


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table.

    Attributes:
        headers: One per column.
        rows: Cells, as many per row as there are headers.
        caption: One line above it, or empty.
        empty: What is said when there are no rows.
        even: Whether all columns have the same width.
    """

    headers: Sequence[str | Link | SortLink]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""
    empty: str = "None."
    even: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """One stage of the loop on the overview.

    Attributes:
        name: Of the stage.
        figure: What stands large.
        note: One line below.
        href: Where it leads.
        tone: How it stands.
    """

    name: str
    figure: str
    note: str
    href: str
    tone: Tone = Tone.NEUTRAL


class Part(Protocol):
    """A larger thing that a section may hold; `part` has them."""

    @property
    def template(self) -> str:
        """The template that writes it, as `part`."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One part of a page, shown in the order of the attributes.

    Attributes:
        title: Its heading.
        text: Paragraphs.
        stages: The loop, drawn as a row of cards.
        facts: Name → value, in a row.
        tables: Tables.
        details: Name → value, one below the other.
        parts: Larger things, with templates of their own.
        commands: What can be typed in a terminal, as it is.
        asks_prediction: Whether a field stands below in which a prediction's id can be typed.
    """

    title: str
    text: Sequence[str] = ()
    stages: Sequence[Stage] = ()
    facts: Sequence[tuple[str, Cell]] = ()
    tables: Sequence[Table] = ()
    details: Sequence[tuple[str, Cell]] = ()
    parts: Sequence[Part] = ()
    commands: Sequence[str] = ()
    asks_prediction: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A page.

    Attributes:
        title: Its heading.
        sections: In order.
        place: Which entry of the navigation it belongs to.
        subtitle: A line below the heading.
        badges: Beside the heading.
        trail: Links to what it is a part of.
        draws: Whether a script draws charts on it.
        wide: Whether it takes the window's width, for tables of many columns.
    """

    title: str
    sections: Sequence[Section]
    place: str
    subtitle: str = ""
    badges: Sequence[Badge] = ()
    trail: Sequence[Link] = ()
    draws: bool = False
    wide: bool = False
