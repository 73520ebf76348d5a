"""Nodes, the links between them, and the graph they make."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from types import GenericAlias
from typing import Any, Protocol

from millwright.core.errors import InvalidInputError, closest
from millwright.pipelines.graph.spec import Output, StepSpec


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
    """An output of an earlier node: the step's name in the graph, and the position among its outputs.

    Attributes:
        field: The part of the value that is meant, such as a dataclass's field; empty for the whole.
    """

    step: str
    index: int
    field: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """What must hold of an output, or a step is skipped.

    Attributes:
        link: The output.
        wanted: The JSON value that it must be equal to.
        negated: Whether it must differ from it instead.
    """

    link: Link
    wanted: Any = True
    negated: bool = False

    def holds(self, found: Any) -> bool:
        """Whether it holds of a value; 1 is 1.0 and is not true."""
        is_alike = isinstance(found, bool) is isinstance(self.wanted, bool)
        return (is_alike and bool(found == self.wanted)) is not self.negated

    def describe(self) -> str:
        """`check.passed is True`, for people."""
        part = f".{self.link.field}" if self.link.field else ""
        return f"{self.link.step}{part} is {'not ' if self.negated else ''}{self.wanted!r}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One step of one graph, with where its arguments come from.

    Attributes:
        name: Unique in the graph: `clean`, `clean-2`, ….
        links: Arguments that earlier nodes give, by parameter; an item of a list is `parameter[0]`, `parameter[1]`, ….
        others: Of a parameter that takes the first output that is there: the outputs to take when that in `links` is
            not.
        values: Arguments that are known already, defaults included, as Python values.
        plain: The same as JSON values.
        gathered: Parameters given as a list of outputs, with the number of items.
        mapped: Parameters whose argument is a list, for each item of which the step is executed; taken in step when
            there are several.
        after: Names of nodes that must have ended before, though they give it nothing.
        conditions: All of them must hold.
        declared_at: `file.py:12` of the call.
    """

    name: str
    spec: StepSpec
    links: Mapping[str, Link]
    values: Mapping[str, Any]
    plain: Mapping[str, Any]
    gathered: Mapping[str, int] = field(default_factory=dict)
    others: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)
    mapped: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    declared_at: str = ""

    @property
    def outputs(self) -> tuple[Output, ...]:
        """What it gives: the step's outputs, each a list of them when the step is mapped."""
        if not self.mapped:
            return self.spec.outputs
        return tuple(Output(name=output.name, hint=GenericAlias(list, output.hint)) for output in self.spec.outputs)

    @property
    def sources(self) -> tuple[Link, ...]:
        """Every output that it may read."""
        others = (link for links in self.others.values() for link in links)
        return (*self.links.values(), *others, *(condition.link for condition in self.conditions))

    @property
    def needs(self) -> tuple[str, ...]:
        """The names of the nodes that must have ended before it begins."""
        return tuple(dict.fromkeys([*(link.step for link in self.sources), *self.after]))

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
        on_failure: Executed, one after the other, when the run has failed.
        max_parallel: How many of its steps are executed at once at most; None for as many as the executor takes.
        origin: `file.py:name`, absolute, of the pipeline: where another process finds it; empty when it cannot.
        scope: Where its code's imports work.
        is_checked: Whether its types are known to fit.
    """

    pipeline: str
    params: Mapping[str, Any]
    values: Mapping[str, Any]
    nodes: tuple[Node, ...]
    on_failure: tuple[Node, ...] = ()
    max_parallel: int | None = None
    origin: str = ""
    scope: CodeScope = field(default_factory=OpenScope)
    is_checked: bool = False

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
                needed.update(node.needs)
        return tuple(node for node in self.nodes if node.name in needed)
