"""A graph as JSON values, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.pipelines.hint import describe

if TYPE_CHECKING:
    from millwright.pipelines.graph.node import Graph, Link, Node


def document(graph: Graph) -> dict[str, Any]:
    """Everything that is known before the run: steps in the order of the body, what they are given, and the order."""
    return {
        "pipeline": graph.pipeline,
        "params": dict(graph.params),
        "steps": [_step(node) for node in graph.nodes],
        "on_failure": [_step(node) for node in graph.on_failure],
    }


def _step(node: Node) -> dict[str, Any]:
    return {
        "name": node.name,
        "function": node.spec.label,
        "inputs": {name: _link(link) for name, link in node.links.items()},
        "alternatives": {name: [_link(link) for link in links] for name, links in node.others.items()},
        "values": dict(node.plain),
        "outputs": [{"name": output.name, "type": describe(output.hint)} for output in node.outputs],
        "mapped": list(node.mapped),
        "after": list(node.after),
        "conditions": [
            {**_link(condition.link), "wanted": condition.wanted, "negated": condition.negated}
            for condition in node.conditions
        ],
        "needs": list(node.needs),
        "declared_at": node.declared_at,
    }


def _link(link: Link) -> dict[str, Any]:
    return {"step": link.step, "output": link.index, "field": link.field}
