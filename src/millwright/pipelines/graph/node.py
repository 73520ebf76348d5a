"""Nodes, the links between them, and the graph they make."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol

from millwright.core.errors import InvalidInputError, closest
from millwright.pipelines.graph.spec import StepSpec


class CodeScope(Protocol):
    """Makes the modules of a project importable while its code runs."""

    def active(self) -> AbstractContextManager[None]:
        """A context inside which the project's own imports work."""
        ...


class OpenScope:
    """The scope of code that was imported the ordinary way: nothing needs to be done."""

    def active(self) -> AbstractContextManager[None]:
        """A context that does nothing."""
        return nullcontext()


@dataclass(frozen=True, slots=True)
class Link:
    """An output of an earlier node: the step's name in the graph, and the position among its outputs."""

    step: str
    index: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One step of one graph, with where its arguments come from.

    Attributes:
        name: Unique in the graph: `clean`, `clean-2`, ….
        links: Arguments that earlier nodes give, by parameter; an item of a list is `parameter[0]`, `parameter[1]`, ….
        values: Arguments that are known already, defaults included, as Python values.
        plain: The same as JSON values.
        gathered: Parameters given as a list of outputs, with the number of items.
        declared_at: `file.py:12` of the call.
    """

    name: str
    spec: StepSpec
    links: Mapping[str, Link]
    values: Mapping[str, Any]
    plain: Mapping[str, Any]
    gathered: Mapping[str, int] = field(default_factory=dict)
    declared_at: str = ""

    def item_names(self, parameter: str) -> tuple[str, ...]:
        """The names in `links` that make up one parameter."""
        return tuple(f"{parameter}[{index}]" for index in range(self.gathered[parameter]))


@dataclass(frozen=True, kw_only=True, slots=True)
class Graph:
    """A pipeline with its parameters filled in.

    Attributes:
        pipeline: The pipeline's name.
        params: Its parameters as JSON values.
        values: Its parameters as Python values.
        nodes: In an order in which each comes after those it needs.
        scope: Where its code's imports work.
    """

    pipeline: str
    params: Mapping[str, Any]
    values: Mapping[str, Any]
    nodes: tuple[Node, ...]
    scope: CodeScope = field(default_factory=OpenScope)

    def node(self, name: str) -> Node:
        """The node of that name.

        Raises:
            InvalidInputError: There is none; the message names the closest.
        """
        found = next((node for node in self.nodes if node.name == name), None)
        if found is None:
            known = [node.name for node in self.nodes]
            raise InvalidInputError(
                f"Pipeline '{self.pipeline}' has no step '{name}'.", hint=closest(name, known) or "It has no steps."
            )
        return found

    def until(self, name: str | None) -> tuple[Node, ...]:
        """The nodes that a step needs, and the step itself; all nodes when None.

        Raises:
            InvalidInputError: There is no such step.
        """
        if name is None:
            return self.nodes
        needed = {self.node(name).name}
        for node in reversed(self.nodes):
            if node.name in needed:
                needed.update(link.step for link in node.links.values())
        return tuple(node for node in self.nodes if node.name in needed)
