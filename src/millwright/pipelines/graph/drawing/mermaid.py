"""A graph as a Mermaid flowchart, for Markdown pages that draw it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from millwright.pipelines.graph.drawing.sketch import Shape, Sketch

# Mermaid's own escapes, such as #34; for a quotation mark: whatever could end a text or begin something in it.
_SPECIAL = re.compile(r"[^\w .,:=?+/-]", flags=re.ASCII)


def mermaid(drawn: Sketch) -> str:
    """The flowchart; mapped steps have double sides, order without data is dotted."""
    names = {shape.key: f"n{index}" for index, shape in enumerate(drawn.shapes)}
    lines = ["---", f"title: {_quoted(drawn.title)}", "---", "flowchart TD"]
    lines += [f"    {names[shape.key]}{_box(shape)}" for shape in drawn.shapes]
    for line in drawn.lines:
        arrow = "-.->" if line.is_dashed else "-->"
        text = f'|"{_escaped(line.text)}"|' if line.text else ""
        lines.append(f"    {names[line.source]} {arrow}{text} {names[line.target]}")
    if drawn.failures:
        lines.append('    subgraph failure["on failure"]')
        lines += [f"        f{index}{_box(shape)}" for index, shape in enumerate(drawn.failures)]
        if len(drawn.failures) > 1:
            lines.append(f"        {' -.-> '.join(f'f{index}' for index in range(len(drawn.failures)))}")
        lines.append("    end")
    return "\n".join(lines) + "\n"


def _box(shape: Shape) -> str:
    text = _escaped(shape.text)
    if shape.kind == "condition":
        return f'{{"{text}"}}'
    return f'[["{text}"]]' if shape.is_mapped else f'["{text}"]'


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};" if found[0].isascii() else found[0], text)


def _quoted(text: str) -> str:
    """A text of YAML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
