"""A graph as a picture: SVG without scripts, readable on light and dark pages, with tooltips."""

from __future__ import annotations

import html
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import east_asian_width

from millwright.core.plain_text import visible
from millwright.pipelines.graph.drawing.layers import arranged
from millwright.pipelines.graph.drawing.place import placed
from millwright.pipelines.graph.drawing.sketch import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.pipelines.graph.drawing.layers import Layout
    from millwright.pipelines.graph.drawing.sketch import Shape, Sketch

# All in pixels.
_HEIGHT, _ROW_GAP, _GAP, _MARGIN, _TITLE = 34.0, 46.0, 24.0, 20.0, 44.0
_LETTER, _SMALL_LETTER, _PADDING, _STACK = 7.4, 6.2, 26.0, 4.0
_BEND = 8.0

# The second block overrides the first where the page is dark; the background is the page's own.
_STYLE = """
text{font:13px ui-sans-serif,system-ui,'Segoe UI',Helvetica,Arial,sans-serif;fill:#1f2933;text-anchor:middle;
dominant-baseline:central}
.title{font-size:16px;font-weight:600;text-anchor:start}.params,.group{font-size:12px;fill:#52606d;text-anchor:start}
.label{font-size:11px;fill:#52606d;paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}
.box{fill:#eef4fb;stroke:#4a7ebb;stroke-width:1.4}.condition{fill:#fdf5e0;stroke:#b7862b;stroke-width:1.4}
.failure{fill:#fdecea;stroke:#b8433a;stroke-width:1.4}.frame{fill:none;stroke:#b8433a;stroke-dasharray:3 4}
.line{fill:none;stroke:#6b7a8c;stroke-width:1.4}.dashed{stroke-dasharray:5 4}.tip{fill:#6b7a8c}
@media (prefers-color-scheme:dark){text{fill:#e4e9ef}.params,.group{fill:#a5b1bf}
.label{fill:#b8c3cf;stroke:#11161c}.box{fill:#1d2b3a;stroke:#6fa3dd}.condition{fill:#33291a;stroke:#d9a94a}
.failure{fill:#3a1f1d;stroke:#e07a70}.frame{stroke:#e07a70}.line{stroke:#8c9aab}.tip{fill:#8c9aab}}
""".strip().replace("\n", "")


_TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path class="tip" d="M0 0L8 4L0 8z"/></marker></defs>'
)


class _Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def svg(drawn: Sketch) -> str:
    """The picture, as one XML document."""
    return _Picture(drawn).text()


class _Picture:
    def __init__(self, drawn: Sketch) -> None:
        self._drawn = drawn
        self._layout: Layout = arranged(drawn)
        self._widths = [_width(drawn.shapes[spot.shape]) if spot.shape >= 0 else _BEND for spot in self._layout.spots]
        self._x = [place + _MARGIN for place in placed(self._layout, self._widths, _GAP)]
        self._params = ", ".join(f"{visible(name)} = {shown(value)}" for name, value in drawn.params.items())
        self._top = _MARGIN + _TITLE
        self._taken = [self._box(index) for index in range(len(drawn.shapes))]

    def text(self) -> str:
        drawn, lines = self._drawn, self._lines()
        heading = max(_text_width(drawn.title, 9.5), _text_width(self._params, _SMALL_LETTER + 0.6))
        right = max([box.right for box in self._taken] + [_MARGIN + heading])
        bottom = self._top + len(self._layout.rows) * (_HEIGHT + _ROW_GAP) - _ROW_GAP
        failures, right, bottom = self._failures(right, bottom)
        width, height = right + _MARGIN, bottom + _MARGIN
        parts = [
            _head(width, height, drawn.title),
            f"<title>Pipeline {_escaped(drawn.title)}</title>",
            f"<style>{_STYLE}</style>",
            _TIP,
            f'<text class="title" x="{_MARGIN:g}" y="{_MARGIN + 6:g}">{_escaped(drawn.title)}</text>',
            f'<text class="params" x="{_MARGIN:g}" y="{_MARGIN + 26:g}">{_escaped(self._params)}</text>',
            *lines,
            *(self._shape(index, shape) for index, shape in enumerate(drawn.shapes)),
            *failures,
            "</svg>\n",
        ]
        return "\n".join(parts)

    def _middle(self, spot: int) -> float:
        return self._top + self._layout.spots[spot].row * (_HEIGHT + _ROW_GAP) + _HEIGHT / 2

    def _box(self, spot: int) -> _Box:
        half, middle = self._widths[spot] / 2, self._middle(spot)
        return _Box(self._x[spot] - half, middle - _HEIGHT / 2, self._x[spot] + half, middle + _HEIGHT / 2)

    def _lines(self) -> list[str]:
        """The lines below the shapes, then their texts above the lines, where they hide nothing."""
        paths, texts = [], []
        for route in self._layout.routes:  # where a line comes down, no other one's text may stand
            x, y = self._arrival(route), self._middle(route[-1]) - _HEIGHT / 2
            self._taken.append(_Box(x - 3, y - 20, x + 3, y))
        paths_drawn: set[tuple[int, int, bool]] = set()
        for line, route in zip(self._drawn.lines, self._layout.routes, strict=True):
            parts = [(upper, lower, line.is_dashed) for upper, lower in pairwise(route)]
            # Lines that leave one shape share their bends: a line begins where it leaves those drawn before.
            begin = next((index for index, part in enumerate(parts) if part not in paths_drawn), len(parts) - 1)
            paths_drawn.update(parts)
            path = self._path(route[begin:], is_bend=begin > 0)
            style = "line dashed" if line.is_dashed else "line"
            what = "before" if line.is_dashed else line.text or "→"
            told = _escaped(f"{self._name(line.source)} → {self._name(line.target)}: {what}")
            paths.append(f'<path class="{style}" d="{path}" marker-end="url(#tip)"><title>{told}</title></path>')
            if line.text and (label := self._label(route, line.text)):
                texts.append(label)
        return paths + texts

    def _path(self, route: Sequence[int], *, is_bend: bool) -> str:
        """The way through some spots, of which the first may be a bend; the last is a shape."""
        points = [(self._x[route[0]], self._middle(route[0]) + (-1 if is_bend else 1) * _HEIGHT / 2)]
        if is_bend:
            points.append((self._x[route[0]], self._middle(route[0]) + _HEIGHT / 2))
        for spot in route[1:-1]:
            points += [(self._x[spot], self._middle(spot) + side * _HEIGHT / 2) for side in (-1, 1)]
        points.append((self._arrival(route), self._middle(route[-1]) - _HEIGHT / 2 - 1))
        parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
        for (x, y), (to_x, to_y) in pairwise(points):
            if abs(x - to_x) < 0.5:
                parts.append(f"L{to_x:.1f} {to_y:.1f}")
            else:
                half = (y + to_y) / 2
                parts.append(f"C{x:.1f} {half:.1f} {to_x:.1f} {half:.1f} {to_x:.1f} {to_y:.1f}")
        return "".join(parts)

    def _arrival(self, route: Sequence[int]) -> float:
        """Where a line meets the top of its shape: several share it evenly, in the order they come from."""
        target = route[-1]
        above = sorted(self._layout.spots[target].above, key=lambda spot: self._x[spot])
        if self._drawn.shapes[self._layout.spots[target].shape].kind == "condition":
            return self._x[target]
        room = self._widths[target] - 2 * _BEND
        return self._x[target] - room / 2 + room * (above.index(route[-2]) + 0.5) / len(above)

    def _label(self, route: Sequence[int], text: str) -> str:
        """A line's text beside its end: outside of the lines that end there, too; or where else nothing is hidden."""
        x, y = self._arrival(route), self._middle(route[-1]) - _HEIGHT / 2 - 13
        width = _text_width(text, _SMALL_LETTER)
        sides = ("end", "start") if x < self._x[route[-1]] - 1 else ("start", "end")
        for shift in (0.0, -10.0):
            for side in sides:
                left = x + 8 if side == "start" else x - 8 - width
                box = _Box(left - 2, y + shift - 6, left + width + 2, y + shift + 6)
                if left > 0 and not any(box.meets(other) for other in self._taken):
                    self._taken.append(box)
                    anchor = left if side == "start" else left + width
                    place = f'x="{anchor:.1f}" y="{y + shift:.1f}" style="text-anchor:{side}"'
                    return f'<text class="label" {place}>{_escaped(text)}</text>'
        return ""

    def _shape(self, spot: int, shape: Shape) -> str:
        return _drawn_shape(shape, self._box(spot))

    def _name(self, key: str) -> str:
        return next(shape.text for shape in self._drawn.shapes if shape.key == key) if key.startswith("?") else key

    def _failures(self, right: float, bottom: float) -> tuple[list[str], float, float]:
        """What is executed when the run has failed, in a frame below; and how far the picture reaches with it."""
        if not self._drawn.failures:
            return [], right, bottom
        top, left = bottom + _ROW_GAP / 2, _MARGIN
        x, parts = left + 14, []
        for index, shape in enumerate(self._drawn.failures):
            box = _Box(x, top + 28, x + _width(shape), top + 28 + _HEIGHT)
            if index:
                parts.append(
                    f'<path class="line" d="M{x - _GAP:.1f} {box.top + _HEIGHT / 2:.1f}H{x - 1:.1f}" '
                    'marker-end="url(#tip)"/>'
                )
            parts.append(_drawn_shape(shape, box))
            x = box.right + _GAP
        end, low = x - _GAP + 14, top + 28 + _HEIGHT + 14
        frame = [
            f'<rect class="frame" x="{left:.1f}" y="{top:.1f}" width="{end - left:.1f}" height="{low - top:.1f}"/>',
            f'<text class="group" x="{left + 14:.1f}" y="{top + 14:.1f}">on failure</text>',
        ]
        return [*frame, *parts], max(right, end), low


def _head(width: float, height: float, title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" aria-label="Pipeline {_escaped(title)}">'
    )


def _drawn_shape(shape: Shape, box: _Box) -> str:
    about = _escaped("\n".join((shape.text, *shape.details)))
    middle_x, middle_y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    text = f'<text x="{middle_x:.1f}" y="{middle_y:.1f}">{_escaped(shape.text)}</text>'
    if shape.kind == "condition":
        points = [
            (box.left, middle_y), (box.left + 14, box.top), (box.right - 14, box.top),
            (box.right, middle_y), (box.right - 14, box.bottom), (box.left + 14, box.bottom),
        ]  # fmt: skip
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        return f'<g><title>{about}</title><polygon class="condition" points="{corners}"/>{text}</g>'
    style = "failure" if shape.kind == "failure" else "box"
    # A mapped step is a stack: two more edges look out behind it.
    behind = [2 * _STACK, _STACK] if shape.is_mapped else []
    size = f'width="{box.right - box.left:.1f}" height="{_HEIGHT:g}" rx="6"'
    boxes = "".join(
        f'<rect class="{style}" x="{box.left + shift:.1f}" y="{box.top + shift:.1f}" {size}/>'
        for shift in [*behind, 0.0]
    )
    return f"<g><title>{about}</title>{boxes}{text}</g>"


def _width(shape: Shape) -> float:
    return _text_width(shape.text, _LETTER) + _PADDING + (14 if shape.kind == "condition" else 0)


def _text_width(text: str, letter: float) -> float:
    return sum(letter * (1.8 if east_asian_width(each) in "WF" else 1.0) for each in text)


def _escaped(text: str) -> str:
    """A text of XML; what no XML may hold is written out or left out."""
    return html.escape(visible(text).encode("utf-8", "replace").decode()).replace("\ufffe", "").replace("\uffff", "")
