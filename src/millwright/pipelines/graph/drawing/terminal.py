"""A graph as boxes of characters; as a list, where the boxes would be wider than there is room for."""

from __future__ import annotations

import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias
from unicodedata import east_asian_width

from millwright.core.plain_text import visible
from millwright.pipelines.graph.drawing.channel import Net, assign_tracks
from millwright.pipelines.graph.drawing.layers import arranged
from millwright.pipelines.graph.drawing.place import placed
from millwright.pipelines.graph.drawing.sketch import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.pipelines.graph.drawing.layers import Layout
    from millwright.pipelines.graph.drawing.sketch import Line, Shape, Sketch

Row: TypeAlias = list[tuple[str, str]]  # texts with their Rich styles

_UP, _RIGHT, _DOWN, _LEFT = 1, 2, 4, 8
_PLAIN = dict(zip(range(1, 16), "╵╶└╷│┌├╴┘─┴┐┤┬┼", strict=True))
_DASHED = {_UP | _DOWN: "┆", _LEFT | _RIGHT: "┄"}
_GAPS = (3, 1)  # columns between boxes: as wide as fits
_NEARLY_STRAIGHT = 2  # columns
_MOST_SHAPES = 400  # beyond, a list is read more easily, and laid out at once
_NAME, _QUESTION, _LABEL, _DIM = "bold", "yellow", "cyan", "dim"


def terminal(drawn: Sketch, width: int) -> list[Row]:
    """The drawing, row by row.

    Args:
        drawn: What is drawn.
        width: Columns that there are.
    """
    params = ", ".join(f"{visible(name)}={shown(value)}" for name, value in drawn.params.items())
    head: list[Row] = [[(_cut(drawn.title, width), _NAME)]]
    head += [[(line, _DIM)] for line in textwrap.wrap(params, width)]
    body = _boxes(drawn, width) or _listed(drawn, width)
    foot: list[Row] = []
    if drawn.failures:
        names = " → ".join(shape.text for shape in drawn.failures)
        lines = textwrap.wrap(f"on failure: {names}", width, subsequent_indent="  ")
        foot = [[("", "")], *([(line, "red")] for line in lines)]
    return [*head, [("", "")], *body, *foot]


def _boxes(drawn: Sketch, width: int) -> list[Row] | None:
    """The drawing as boxes; None where it is wider."""
    if len(drawn.shapes) > _MOST_SHAPES:
        return None
    layout = arranged(drawn)
    sizes = [_size(drawn.shapes[spot.shape]) if spot.shape >= 0 else 1 for spot in layout.spots]
    for gap in _GAPS:
        found = [round(place) for place in placed(layout, sizes, gap)]
        places = _apart(layout, sizes, found)
        if max((place + size - size // 2 for place, size in zip(places, sizes, strict=True)), default=0) <= width:
            return _Canvas(drawn, layout, sizes, places).rows(width)
    return None


def _apart(layout: Layout, sizes: Sequence[int], places: Sequence[int]) -> list[int]:
    """Rounded places may be a column too near, and lines a column from straight."""
    found = list(places)
    for row in layout.rows:
        right = 0
        for spot in row:
            found[spot] = max(found[spot], right + sizes[spot] // 2)
            right = found[spot] - sizes[spot] // 2 + sizes[spot] + 1
    for row in (*layout.rows, *reversed(layout.rows)):
        for index, spot in enumerate(row):
            near = [found[each] for each in (*layout.spots[spot].above, *layout.spots[spot].below)]
            close = [place for place in near if 0 < abs(place - found[spot]) <= _NEARLY_STRAIGHT]
            if not close or found[spot] in near:
                continue
            left = close[0] - sizes[spot] // 2
            least = found[row[index - 1]] - sizes[row[index - 1]] // 2 + sizes[row[index - 1]] + 1 if index else 0
            most = (
                found[row[index + 1]] - sizes[row[index + 1]] // 2 - 1 if index + 1 < len(row) else left + sizes[spot]
            )
            if least <= left <= most - sizes[spot]:
                found[spot] = close[0]
    return found


class _Canvas:
    """Characters in rows, drawn one over the other."""

    def __init__(self, drawn: Sketch, layout: Layout, sizes: Sequence[int], places: Sequence[int]) -> None:
        self._drawn, self._layout = drawn, layout
        self._sizes, self._places = sizes, places
        self._lines: dict[tuple[int, int], int] = {}  # (row, column) → the sides that a line reaches
        self._dashed: set[tuple[int, int]] = set()
        self._solid: set[tuple[int, int]] = set()
        self._texts: dict[tuple[int, int], tuple[str, str]] = {}  # (row, column) → character, style
        self._arrivals: dict[tuple[int, int, bool], int] = {}  # (upper, lower, dashed) → column
        self._bottoms: dict[int, int] = {}  # shape → the row of its lower edge

    def rows(self, width: int) -> list[Row]:
        top = 0
        labels = self._labels()
        for number, row in enumerate(self._layout.rows):
            height = max(self._height(spot) for spot in row)
            for spot in row:
                self._spot(spot, top, height)
            if number + 1 < len(self._layout.rows):
                top = self._channel(row, top + height, labels, width)
        return self._joined()

    def _is_stacked(self, spot: int) -> bool:
        shape = self._layout.spots[spot].shape
        return shape >= 0 and self._drawn.shapes[shape].is_mapped

    def _height(self, spot: int) -> int:
        """The rows of characters that a spot needs: none of its own for a bend."""
        shape = self._layout.spots[spot].shape
        if shape < 0 or self._drawn.shapes[shape].kind == "condition":
            return 1
        return 4 if self._is_stacked(spot) else 3

    def _left(self, spot: int) -> int:
        return self._places[spot] - self._sizes[spot] // 2

    def _spot(self, spot: int, top: int, height: int) -> None:
        shape_number = self._layout.spots[spot].shape
        if shape_number < 0:
            dashed = self._bend_is_dashed(spot)
            self._down(self._places[spot], top - 1, top + height, dashed=dashed)
            return
        shape, left, size = self._drawn.shapes[shape_number], self._left(spot), self._sizes[spot]
        if shape.kind == "condition":
            self._write(top, left, shape.text, _QUESTION)
            self._bottoms[spot] = top
            return
        if shape.is_mapped:  # the edges of the next one in the stack look out
            size -= 1
            self._write(top + 1, left + size, "┐", "")
            self._write(top + 2, left + size, "│", "")
            self._write(top + 3, left + 1, "└" + "─" * (size - 2) + "┘", "")
        self._write(top, left, "┌" + "─" * (size - 2) + "┐", "")
        self._write(top + 1, left, "│", "")
        self._write(top + 1, left + 2, shape.text, _NAME)
        self._write(top + 1, left + size - 1, "│", "")
        self._write(top + 2, left, "└" + "─" * (size - 2) + "┘", "")
        self._bottoms[spot] = top + (3 if shape.is_mapped else 2)

    def _channel(self, row: Sequence[int], top: int, labels: Mapping[tuple[int, int, bool], str], width: int) -> int:
        """Draw the lines below a row.

        Returns:
            Where the next row begins.
        """
        nets = self._nets(row)
        tracks = assign_tracks([net for _, net in nets])
        end = top + tracks
        heads: list[tuple[int, str]] = []
        for spot, net in nets:
            # The lines of a lower box's neighbour begin at its own edge, which may be higher.
            begin = self._bottoms.get(spot, top - 1)
            if spot in self._bottoms and self._drawn.shapes[spot].kind != "condition":
                self._texts[begin, net.start] = ("┬", "")
            self._run(net, begin, top, end)
        for (upper, lower, dashed), column in self._arrivals.items():
            if upper in row and self._layout.spots[lower].shape >= 0:
                self._texts[end, column] = ("▼", "")
                heads.append((column, labels.get((upper, lower, dashed), "")))
        self._label(end, heads, width)
        return end + 1

    def _run(self, net: Net, begin: int, top: int, end: int) -> None:
        if net.track < 0:
            self._down(net.start, begin, end + 1, dashed=net.is_dashed)
            return
        level = top + net.track
        self._down(net.start, begin, level, dashed=net.is_dashed)
        left, right = net.span
        for column in range(left, right + 1):
            sides = (_LEFT if column > left else 0) | (_RIGHT if column < right else 0)
            self._line(level, column, sides, dashed=net.is_dashed)
        for column in net.ends:
            self._down(column, level, end + 1, dashed=net.is_dashed)

    def _nets(self, row: Sequence[int]) -> list[tuple[int, Net]]:
        """The nets below a row, with the spots they leave; where they arrive is set for the row below."""
        outgoing: dict[tuple[int, bool], list[int]] = {}
        for line, route in zip(self._drawn.lines, self._layout.routes, strict=True):
            for upper, lower in pairwise(route):
                if upper in row:
                    ends = outgoing.setdefault((upper, line.is_dashed), [])
                    if lower not in ends:
                        ends.append(lower)
        nets = {}
        for upper, dashed in sorted(outgoing):
            both = (upper, False) in outgoing and (upper, True) in outgoing
            nets[upper, dashed] = Net(self._places[upper] + (2 if both and dashed else 0), dashed)
        incoming: dict[int, list[tuple[int, bool]]] = {}
        for key, lowers in outgoing.items():
            for lower in lowers:
                incoming.setdefault(lower, []).append(key)
        for lower, keys in incoming.items():
            keys.sort(key=lambda key: nets[key].start)
            for key, column in zip(keys, self._columns(lower, [nets[key].start for key in keys]), strict=True):
                nets[key].ends.append(column)
                self._arrivals[key[0], lower, key[1]] = column
        return [(upper, net) for (upper, _), net in nets.items()]

    def _columns(self, lower: int, starts: Sequence[int]) -> list[int]:
        """Where lines arrive at a spot: straight below their start where that is possible, evenly spread otherwise."""
        if self._layout.spots[lower].shape < 0 or self._drawn.shapes[lower].kind == "condition":
            return [self._places[lower]] * len(starts)
        left, size = self._left(lower) + 1, self._sizes[lower] - (3 if self._is_stacked(lower) else 2)
        if len(starts) == 1:
            return [starts[0] if left <= starts[0] < left + size else self._places[lower]]
        return [left + min(size - 1, (2 * index + 1) * size // (2 * len(starts))) for index in range(len(starts))]

    def _labels(self) -> dict[tuple[int, int, bool], str]:
        found: dict[tuple[int, int, bool], str] = {}
        for line, route in zip(self._drawn.lines, self._layout.routes, strict=True):
            if line.text:
                found[route[-2], route[-1], line.is_dashed] = line.text
        return found

    def _label(self, row: int, heads: Sequence[tuple[int, str]], width: int) -> None:
        """Texts beside arrows, where nothing is in their way."""
        for column, text in sorted(heads):
            size = _columns_of(text)
            for begin in (column + 2, column - 1 - size) if text else ():
                place = range(begin - 1, begin + size + 1)
                others = [each for each in place if each != column and self._is_taken(row, each)]
                if not others and begin >= 0 and begin + size <= width:
                    self._write(row, begin, text, _LABEL)
                    break

    def _is_taken(self, row: int, column: int) -> bool:
        return (row, column) in self._lines or (row, column) in self._texts

    def _bend_is_dashed(self, spot: int) -> bool:
        return all(
            line.is_dashed for line, route in zip(self._drawn.lines, self._layout.routes, strict=True) if spot in route
        )

    def _down(self, column: int, begin: int, end: int, *, dashed: bool) -> None:
        """A line from the middle of one row to that of another."""
        for row in range(begin, end + 1):
            self._line(row, column, (_UP if row > begin else 0) | (_DOWN if row < end else 0), dashed=dashed)

    def _line(self, row: int, column: int, sides: int, *, dashed: bool) -> None:
        if sides:
            self._lines[row, column] = self._lines.get((row, column), 0) | sides
            (self._dashed if dashed else self._solid).add((row, column))

    def _write(self, row: int, column: int, text: str, style: str) -> None:
        for letter in text:
            self._texts[row, column] = (letter, style)
            for covered in range(1, _columns_of(letter)):  # a wide character takes the next column, too
                self._texts[row, column + covered] = ("", style)
            column += max(1, _columns_of(letter))

    def _joined(self) -> list[Row]:
        cells = {place: (self._drawing(place), "") for place in self._lines} | self._texts
        height = max((row for row, _ in cells), default=-1) + 1
        by_row: list[dict[int, tuple[str, str]]] = [{} for _ in range(height)]
        for (row, column), cell in cells.items():
            by_row[row][column] = cell
        return [
            _runs([found.get(column, (" ", "")) for column in range(max(found, default=-1) + 1)]) for found in by_row
        ]

    def _drawing(self, place: tuple[int, int]) -> str:
        sides = self._lines[place]
        if place in self._dashed and place not in self._solid and sides in _DASHED:
            return _DASHED[sides]
        return _PLAIN[sides]


def _runs(cells: Sequence[tuple[str, str]]) -> Row:
    """Neighbours of one style joined."""
    found: Row = []
    for letter, style in cells:
        if found and found[-1][1] == style:
            found[-1] = (found[-1][0] + letter, style)
        else:
            found.append((letter, style))
    return found


def _listed(drawn: Sketch, width: int) -> list[Row]:
    """A line for each step in the order of the body, with what it is given."""
    questions = {shape.key: shape.text for shape in drawn.shapes if shape.kind == "condition"}
    incoming: dict[str, list[Line]] = {}
    for line in drawn.lines:
        incoming.setdefault(line.target, []).append(line)
    steps = [shape for shape in drawn.shapes if shape.kind != "condition"]
    names = {shape.key: f"{shape.text}{' [each]' if shape.is_mapped else ''}" for shape in steps}
    column = min(max(map(_columns_of, names.values()), default=0) + 1, width // 2)
    rows: list[Row] = []
    for shape in steps:
        given = [_told(line, questions) for line in incoming.get(shape.key, [])]
        name = _cut(names[shape.key], column - 1)
        lines = textwrap.wrap(", ".join(given), max(width - column - 2, 10)) or [""]
        for index, text in enumerate(lines):
            head = name if index == 0 else ""
            mark = "← " if index == 0 and text else "  "
            rows.append([(head + " " * (column - _columns_of(head)), _NAME), (f"{mark}{text}".rstrip(), "")])
    return rows


def _told(line: Line, questions: Mapping[str, str]) -> str:
    if line.source in questions:
        return f"{'if' if line.text == 'yes' else 'unless'} {questions[line.source].removesuffix('?')}"
    if line.is_dashed:
        return f"after {line.source}"
    return f"{line.source} ({line.text})" if line.text else line.source


def _size(shape: Shape) -> int:
    columns = _columns_of(shape.text)
    return columns if shape.kind == "condition" else columns + (5 if shape.is_mapped else 4)


def _columns_of(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _cut(text: str, width: int) -> str:
    while _columns_of(text) > width:
        text = f"{text[:-2]}…"
    return text
