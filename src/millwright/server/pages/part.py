"""The larger parts that sections may hold, each with a template of its own in `template/part`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from millwright.server.pages.element import Link, Table


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Something that can be chosen.

    Attributes:
        value: What is sent.
        label: What is shown.
        chosen: Whether it is chosen now.
    """

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A field of text.

    Attributes:
        name: The parameter that it sends.
        label: What is to be typed.
        value: What was typed.
        example: What could be typed.
        wide: Whether it takes a line of its own.
        required: Whether it may not stay empty, where that is asked for.
    """

    name: str
    label: str
    value: str = ""
    example: str = ""
    wide: bool = False
    required: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Menu:
    """A list of which one thing is chosen."""

    name: str
    label: str
    choices: Sequence[Choice]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticks:
    """Things of which any number is chosen, folded away.

    Attributes:
        name: The parameter that each sends.
        label: What they are.
        choices: The things.
        note: One line above them.
    """

    name: str
    label: str
    choices: Sequence[Choice]
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchForm:
    """A form that asks this server for a page.

    Attributes:
        action: The page's path.
        boxes: Fields of text.
        menus: Lists.
        ticks: Sets.
        hidden: Parameters that go along.
        button: What the button says.
        error: What is wrong with what was typed; empty when nothing is.
        hint: What to do about it.
    """

    action: str
    boxes: Sequence[Box] = ()
    menus: Sequence[Menu] = ()
    ticks: Ticks | None = None
    hidden: Sequence[tuple[str, str]] = ()
    button: str = "Search"
    error: str = ""
    hint: str = ""
    template: str = field(default="part/search_form.html.jinja", init=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionForm:
    """A form that changes something; it carries the token of the session that sees it.

    Attributes:
        action: The path that it is sent to, one of `auth.authentication.FORMS`.
        button: What the button says.
        boxes: Fields of text.
        menus: Lists.
        hidden: What goes along.
    """

    action: str
    button: str
    boxes: Sequence[Box] = ()
    menus: Sequence[Menu] = ()
    hidden: Sequence[tuple[str, str]] = ()
    template: str = field(default="part/action_form.html.jinja", init=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class PickTable:
    """A table of which rows can be picked, for another page.

    Attributes:
        action: That page's path.
        name: The parameter that a picked row sends.
        values: One per row.
        table: The table; the box to tick stands before its columns.
        button: What the button says.
    """

    action: str
    name: str
    values: Sequence[str]
    table: Table
    button: str
    template: str = field(default="part/pick_table.html.jinja", init=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pager:
    """Links to other pages of the same list."""

    links: Sequence[Link]
    template: str = field(default="part/pager.html.jinja", init=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """The history of a metric in one run or several; drawn by a script, from `/api/v1/histories`.

    Attributes:
        key: The metric.
        runs: Ids and names of the runs.
        source: Where its points are.
    """

    key: str
    runs: Sequence[tuple[str, str]]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Charts:
    """Histories, with controls for all of them."""

    charts: Sequence[Chart]
    template: str = field(default="part/charts.html.jinja", init=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Dot:
    """A run in a scatter chart, at what it has on each axis."""

    name: str
    x: str
    y: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Scatter:
    """Runs as dots; drawn by a script from what stands in the page."""

    x: str
    y: str
    dots: Sequence[Dot]
    template: str = field(default="part/scatter.html.jinja", init=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Branch:
    """A folder of a tree of files.

    Attributes:
        name: Of the folder.
        branches: Folders in it.
        files: Links to the files, with their sizes.
        open: Whether it is unfolded at first.
    """

    name: str
    branches: Sequence[Branch] = ()
    files: Sequence[tuple[Link, str]] = ()
    open: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Tree:
    """A tree of files; `root` has no name."""

    root: Branch
    template: str = field(default="part/tree.html.jinja", init=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class LongText:
    """A text as it is, line by line; a diff's lines are coloured."""

    text: str
    is_diff: bool = False
    template: str = field(default="part/long_text.html.jinja", init=False)

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Each line with its class: `added`, `removed`, `place`, or none."""
        return [(line, _line_class(line) if self.is_diff else "") for line in self.text.splitlines()]


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """An image of this server."""

    source: str
    text: str
    template: str = field(default="part/picture.html.jinja", init=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class SpanBar:
    """A span of a trace along time.

    Attributes:
        note: Its kind, and the model that it called.
        depth: How many spans it is inside of.
        start: Where it begins, as per cent of the whole.
        width: How long it is, likewise.
        took: How long it took, in words.
        content: Everything that was kept of it.
    """

    name: str
    note: str
    depth: int
    start: float
    width: float
    took: str
    failed: bool
    content: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Waterfall:
    """Spans below one another; each unfolds to its content."""

    bars: Sequence[SpanBar]
    template: str = field(default="part/waterfall.html.jinja", init=False)


def _line_class(line: str) -> str:
    if line.startswith(("+++", "---", "@@", "diff ", "index ")):
        return "place"
    return {"+": "added", "-": "removed"}.get(line[:1], "")
