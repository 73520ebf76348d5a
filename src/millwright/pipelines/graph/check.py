"""What is wrong with a graph, all of it at once."""

from __future__ import annotations

import re
from types import GenericAlias
from typing import TYPE_CHECKING, Any, get_args, get_origin

from millwright.core.errors import PipelineDefinitionError
from millwright.pipelines.hint import describe, field_hints, strip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.pipelines.graph.node import Graph, Link, Node
    from millwright.pipelines.serializers.catalog import ValueTypes


_PLACE = re.compile(r"\S+:(\d+): ")  # `pipeline.py:12: `, where a problem has a line


def type_problems(graph: Graph, types: ValueTypes) -> list[str]:
    """Outputs that cannot be stored, and outputs given to steps that ask for another type.

    Args:
        graph: The graph.
        types: The serializers and conversions that there will be when it runs.
    """
    nodes = {node.name: node for node in graph.nodes}
    firsts = {
        id(node.spec.function): node for node in reversed(graph.nodes)
    }  # a step that is called often is told once
    problems = [
        problem
        for node in graph.nodes
        if firsts[id(node.spec.function)] is node
        for problem in _unstorable(node, types)
    ]
    for node in graph.nodes:
        for name, link in node.links.items():
            source, wanted = link_hint(nodes[link.step], link), wanted_hint(node, name)
            if not _accepts(types, source, wanted):
                problems.append(
                    f"{node.declared_at}: step '{node.name}' expects {describe(wanted)} for '{name}', and step "
                    f"'{link.step}' gives {describe(source)}."
                )
    return list(dict.fromkeys(problems))


def _accepts(types: ValueTypes, source: Any, wanted: Any) -> bool:
    """Whether one type can be given where another is asked for; lists are looked into."""
    if types.accepts(source, wanted):
        return True
    is_list = get_origin(strip(source)) is list and get_origin(strip(wanted)) is list
    return is_list and _accepts(types, item_hint(source), item_hint(wanted))


def wanted_hint(node: Node, name: str) -> Any:
    """The type asked for where a link ends: the parameter's, that of a list's items, or a list of them when mapped."""
    parameter, is_item, _ = name.partition("[")
    hint = node.spec.parameters[parameter].hint
    if parameter in node.mapped:
        return hint if is_item else GenericAlias(list, hint)
    return item_hint(hint) if is_item else hint


def link_hint(source: Node, link: Link) -> Any:
    """The type of what a link gives."""
    hint = source.outputs[link.index].hint
    return field_hints(hint).get(link.field, Any) if link.field else hint


def item_hint(hint: Any) -> Any:
    """The type of a list's items; `Any` when it does not say."""
    members = get_args(strip(hint))
    return members[0] if members else Any


def definition_error(pipeline: str, problems: Sequence[str]) -> PipelineDefinitionError:
    """One error for all mistakes, in the order of their lines; those without a line come last."""
    problems = sorted(problems, key=_line)
    listed = problems[0] if len(problems) == 1 else "".join(f"\n  {n}. {text}" for n, text in enumerate(problems, 1))
    count = "" if len(problems) == 1 else f"{len(problems)} mistakes:"
    return PipelineDefinitionError(
        f"Pipeline '{pipeline}' cannot run: {count}{listed}", details={"pipeline": pipeline, "problems": list(problems)}
    )


def _line(problem: str) -> tuple[bool, int]:
    place = _PLACE.match(problem)
    return place is None, int(place[1]) if place else 0


def _unstorable(node: Node, types: ValueTypes) -> list[str]:
    texts = (_storing_problem(output.hint, types) for output in node.spec.outputs)
    return [
        f"{node.declared_at}: step '{node.spec.name}' returns what cannot be kept: {text}." for text in texts if text
    ]


def _storing_problem(hint: Any, types: ValueTypes) -> str:
    text = types.problem(hint)
    if text and get_origin(strip(hint)) is list:  # its items are values of their own where JSON has no form for them
        return types.problem(item_hint(hint))
    return text
