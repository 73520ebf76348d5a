"""Collects the nodes, and the mistakes, while a pipeline's body runs."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from millwright.core.errors import PipelineDefinitionError
from millwright.pipelines.graph.arguments import AFTER, Arguments
from millwright.pipelines.graph.node import Graph, Node, OpenScope
from millwright.pipelines.graph.output import StepOutput, StepOutputs
from millwright.pipelines.serializers.plain import to_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.pipelines.graph.node import CodeScope, Condition
    from millwright.pipelines.graph.spec import StepSpec

_OWN_MODULES = ("millwright.pipelines", "contextlib")  # a context of ours is entered through the latter
_current: ContextVar[GraphBuilder | None] = ContextVar("millwright_graph_builder", default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A call of a step in a pipeline's body.

    Attributes:
        args: By position, the context left out.
        kwargs: By name.
        after: Outputs of steps that must have ended before.
        is_mapped: Whether it is a call for each item of an argument.
    """

    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    after: Sequence[Any] = ()
    is_mapped: bool = False


class GraphBuilder:
    """Takes the calls of steps in the order of the body.

    Args:
        pipeline: The pipeline's name.
    """

    def __init__(self, pipeline: str) -> None:
        self._pipeline = pipeline
        self._nodes: dict[str, Node] = {}
        self._numbers: dict[str, int] = {}
        self._conditions: list[Condition] = []
        self._bodies: list[tuple[object, str]] = []
        self.problems: list[str] = []

    def add(self, spec: StepSpec, call: Call) -> StepOutput | tuple[StepOutput, ...] | StepOutputs:
        """Add a node for a call of a step; what is wrong with the call is kept in `problems`.

        Returns:
            One output, a tuple of them when the step returns a tuple, or all by name when it returns a class.
        """
        name, where = self._unique(spec.name), call_site()
        self.problems.extend(problem for problem in spec.problems if problem not in self.problems)
        arguments = Arguments(name, where, self)
        given = arguments.by_name(spec, call.args, call.kwargs)
        more = () if AFTER in spec.parameters else _listed(given.pop(AFTER, ()))
        after = arguments.after([*call.after, *more])
        mapped = arguments.mapped(given, is_mapped=call.is_mapped)
        for parameter in spec.parameters.values():
            arguments.take(parameter, given.get(parameter.name, parameter.default), is_mapped=parameter.name in mapped)
        arguments.check_lengths(mapped)
        self.problems.extend(arguments.problems)
        node = self._nodes[name] = Node(
            name=name,
            spec=spec,
            links=arguments.links,
            values=arguments.values,
            plain=arguments.plain,
            gathered=arguments.gathered,
            others=arguments.others,
            mapped=mapped,
            after=after,
            conditions=tuple(self._conditions),
            declared_at=where,
        )
        outputs = tuple(StepOutput(name, index, output.hint, self) for index, output in enumerate(node.outputs))
        if spec.bundle is not None:
            return StepOutputs(name, {each.name: output for each, output in zip(spec.outputs, outputs, strict=True)})
        if spec.is_tuple:
            return outputs
        return outputs[0] if outputs else StepOutput(name, 0, None, self)

    @contextmanager
    def under(self, condition: Condition) -> Iterator[None]:
        """Nodes that are added inside the context depend on a condition."""
        self._conditions.append(condition)
        try:
            yield
        finally:
            self._conditions.pop()

    @contextmanager
    def inside(self, body: object, name: str) -> Iterator[None]:
        """The body of a pipeline runs, perhaps within that of another.

        Raises:
            PipelineDefinitionError: It calls itself, perhaps by way of others, and there is no end to it.
        """
        self._bodies.append((body, name))
        try:
            yield
        except RecursionError as error:  # calls of itself that come to an end are allowed
            earlier = [at for at, (each, _) in enumerate(self._bodies[:-1]) if each is body]
            if not earlier:
                raise
            path = " → ".join(each for _, each in self._bodies[earlier[-1] :])
            raise PipelineDefinitionError(f"cycle: pipeline '{name}' calls itself without end ({path}).") from error
        finally:
            self._bodies.pop()

    @property
    def nodes(self) -> tuple[Node, ...]:
        """What was added."""
        return tuple(self._nodes.values())

    def graph(self, values: Mapping[str, Any], scope: CodeScope | None = None, **more: Any) -> Graph:
        """The graph of what was added.

        Args:
            values: The pipeline's parameters.
            scope: Where the code's imports work.
            **more: Further attributes of the graph.
        """
        plain = {name: to_plain(value) for name, value in values.items() if not isinstance(value, StepOutput)}
        return Graph(
            pipeline=self._pipeline,
            params=plain,
            values=dict(values),
            nodes=self.nodes,
            scope=scope or OpenScope(),
            **more,
        )

    def _unique(self, name: str) -> str:
        number, unique = self._numbers.get(name, 1), name
        while unique in self._nodes:
            number += 1
            unique = f"{name}-{number}"
        self._numbers[name] = number
        return unique

    def link_problem(self, output: StepOutput) -> str:
        """Why an output cannot be given to a step; empty when it can."""
        if output.graph is not self:
            return f"the output of step '{output.step}' belongs to another pipeline's graph"
        if not self._nodes[output.step].spec.outputs:
            return f"step '{output.step}' returns nothing"
        return ""


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else (value,)


def current_builder() -> GraphBuilder | None:
    """The builder whose body runs now in this thread, if any."""
    return _current.get()


@contextmanager
def building(builder: GraphBuilder | None) -> Iterator[None]:
    """Make calls of steps inside the context add nodes; with None they call their functions."""
    token = _current.set(builder)
    try:
        yield
    finally:
        _current.reset(token)


def call_site() -> str:
    """`file.py:12` of the innermost frame that is the user's."""
    frame = sys._getframe(1)  # noqa: SLF001 - walks up without reading sources, as inspect.stack would
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(_OWN_MODULES):
        frame = frame.f_back
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
