"""What is drawn, whatever the format: shapes and the lines between them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from millwright.core.plain_text import visible

if TYPE_CHECKING:
    from millwright.pipelines.graph.node import Condition, Graph, Link, Node

_MOST_SHOWN = 80  # characters of a value


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """One thing that is drawn.

    Attributes:
        key: Unique in the drawing.
        text: What stands in it.
        kind: `step`; `condition` for what is asked before some steps; `failure` for a step of the failed run.
        is_mapped: Whether it is executed for each item of a list.
        details: More about it, in lines: the function, arguments, where it is called.
    """

    key: str
    text: str
    kind: str = "step"
    is_mapped: bool = False
    details: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """That one shape comes before another.

    Attributes:
        text: The parameters that are given, or the answer that leads there; may be empty.
        is_dashed: Whether only the order is meant, and nothing is given.
    """

    source: str
    target: str
    text: str = ""
    is_dashed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Sketch:
    """A drawing without places.

    Attributes:
        shapes: In an order in which each comes after those it needs.
        failures: What is executed, one after the other, when the run has failed.
    """

    title: str
    params: Mapping[str, Any]
    shapes: tuple[Shape, ...]
    lines: tuple[Line, ...]
    failures: tuple[Shape, ...] = ()


def sketch(graph: Graph) -> Sketch:
    """What is to be drawn of a graph.

    A condition is a shape of its own between the step that is asked and the steps under it. Of these only the first
    ones get a line from it: what follows one of them is under the same condition anyway.
    """
    by_name = {node.name: node for node in graph.nodes}
    shapes: list[Shape] = []
    lines: list[Line] = []
    asked: dict[str, str] = {}
    for node in graph.nodes:
        for condition in _first_ones(node, by_name):
            question = _question(condition)
            if question not in asked:
                asked[question] = key = f"?{len(asked)}"
                details = (f"asked of step '{condition.link.step}'",)
                shapes.append(Shape(key=key, text=question, kind="condition", details=details))
                lines.append(Line(source=condition.link.step, target=key))
            lines.append(Line(source=asked[question], target=node.name, text="no" if condition.negated else "yes"))
        shapes.append(_shape(node, "step"))
        given = _given(node)
        lines += [Line(source=step, target=node.name, text=", ".join(names)) for step, names in given.items()]
        lines += [Line(source=step, target=node.name, is_dashed=True) for step in node.after if step not in given]
    return Sketch(
        title=one_line(graph.pipeline),
        params=graph.params,
        shapes=tuple(shapes),
        lines=tuple(line for line in lines if line.source in by_name or line.source.startswith("?")),
        failures=tuple(_shape(node, "failure") for node in graph.on_failure),
    )


def shown(value: Any) -> str:
    """A JSON value as people read it, cut where it is long."""
    text = visible(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"


def one_line(text: str) -> str:
    """A text that people have chosen, without ends of lines and control characters."""
    return " ".join(visible(text).split())


def _shape(node: Node, kind: str) -> Shape:
    details = [node.spec.label]
    for name, link in node.links.items():
        details.append(f"{name} ← {_output(link)}")
    for name, links in node.others.items():
        details += [f"{name} ← or {_output(link)}" for link in links]
    details += [f"{name} = {shown(value)}" for name, value in node.plain.items()]
    details += [f"after {name}" for name in node.after]
    details += [f"only if {condition.describe()}" for condition in node.conditions]
    if node.mapped:
        details.append(f"for each item of {', '.join(node.mapped)}")
    if node.declared_at:
        details.append(node.declared_at)
    return Shape(
        key=node.name,
        text=one_line(node.name),
        kind=kind,
        is_mapped=bool(node.mapped),
        details=tuple(one_line(line) for line in details),
    )


def _output(link: Link) -> str:
    return f"{link.step}{f'[{link.index}]' if link.index else ''}{f'.{link.field}' if link.field else ''}"


def _question(condition: Condition) -> str:
    asked = one_line(_output(condition.link))
    return f"{asked}?" if condition.wanted is True else f"{asked} = {shown(condition.wanted)}?"


def _first_ones(node: Node, by_name: Mapping[str, Node]) -> list[Condition]:
    """The conditions of a node that none of those before it is under, too."""
    before = [by_name[name] for name in node.needs if name in by_name]
    return [condition for condition in node.conditions if not any(condition in each.conditions for each in before)]


def _given(node: Node) -> dict[str, list[str]]:
    """Which parameters each step gives, by the step; an item of a list counts as the list."""
    found: dict[str, list[str]] = {}
    pairs = [(name.partition("[")[0], link.step) for name, link in node.links.items()]
    pairs += [(name, link.step) for name, links in node.others.items() for link in links]
    for name, step in pairs:
        names = found.setdefault(step, [])
        if name not in names:
            names.append(name)
    return found
