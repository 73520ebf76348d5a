"""Collects the nodes, and the mistakes, while a pipeline's body runs."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from millwright.core.errors import closest
from millwright.pipelines.graph.node import Graph, Link, Node, OpenScope
from millwright.pipelines.graph.output import StepOutput
from millwright.pipelines.graph.spec import MISSING, StepParameter, StepSpec
from millwright.pipelines.hint import describe
from millwright.pipelines.parameter import coerce, expected
from millwright.pipelines.serializers.plain import to_plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from millwright.pipelines.graph.node import CodeScope

_OWN_MODULES = "millwright.pipelines"
_current: ContextVar[GraphBuilder | None] = ContextVar("millwright_graph_builder", default=None)


class GraphBuilder:
    """Takes the calls of steps in the order of the body.

    Args:
        pipeline: The pipeline's name.
    """

    def __init__(self, pipeline: str) -> None:
        self._pipeline = pipeline
        self._nodes: dict[str, Node] = {}
        self.problems: list[str] = []

    def add(
        self, spec: StepSpec, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> StepOutput | tuple[StepOutput, ...]:
        """Add a node for a call of a step; what is wrong with the call is kept in `problems`.

        Returns:
            One output, or a tuple of them when the step returns a tuple.
        """
        name, where = self._unique(spec.name), call_site()
        self.problems.extend(problem for problem in spec.problems if problem not in self.problems)
        arguments = _Arguments(name, where, self)
        given = arguments.by_name(spec, args, kwargs)
        for parameter in spec.parameters.values():
            arguments.take(parameter, given.get(parameter.name, parameter.default))
        self.problems.extend(arguments.problems)
        self._nodes[name] = Node(
            name=name,
            spec=spec,
            links=arguments.links,
            values=arguments.values,
            plain=arguments.plain,
            gathered=arguments.gathered,
            declared_at=where,
        )
        outputs = tuple(StepOutput(name, index, output.hint, self) for index, output in enumerate(spec.outputs))
        if spec.is_tuple:
            return outputs
        return outputs[0] if outputs else StepOutput(name, 0, None, self)

    def graph(self, values: Mapping[str, Any], scope: CodeScope | None = None) -> Graph:
        """The graph of what was added.

        Args:
            values: The pipeline's parameters.
            scope: Where the code's imports work.
        """
        plain = {name: to_plain(value) for name, value in values.items() if not isinstance(value, StepOutput)}
        return Graph(
            pipeline=self._pipeline,
            params=plain,
            values=dict(values),
            nodes=tuple(self._nodes.values()),
            scope=scope or OpenScope(),
        )

    def _unique(self, name: str) -> str:
        number, unique = 1, name
        while unique in self._nodes:
            number += 1
            unique = f"{name}-{number}"
        return unique

    def link_problem(self, output: StepOutput) -> str:
        """Why an output cannot be given to a step; empty when it can."""
        if output.graph is not self:
            return f"the output of step '{output.step}' belongs to another pipeline's graph"
        if not self._nodes[output.step].spec.outputs:
            return f"step '{output.step}' returns nothing"
        return ""


class _Arguments:
    """The arguments of one call, sorted into links and values."""

    def __init__(self, step: str, where: str, builder: GraphBuilder) -> None:
        self._step = step
        self._where = where
        self._builder = builder
        self.links: dict[str, Link] = {}
        self.values: dict[str, Any] = {}
        self.plain: dict[str, Any] = {}
        self.gathered: dict[str, int] = {}
        self.problems: list[str] = []

    def by_name(self, spec: StepSpec, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Positional arguments take the names of parameters, the context left out."""
        names = list(spec.parameters)
        if len(args) > len(names):
            self._problem(f"takes {len(names)} arguments and was given {len(args)}")
        given = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name == spec.context:
                self._problem(f"is given its context '{name}' by the runner; leave it out")
            elif name not in spec.parameters:
                self._problem(f"has no parameter '{name}'. {closest(name, names)}".strip())
            elif name in given:
                self._problem(f"was given '{name}' twice")
            else:
                given[name] = value
        return given

    def take(self, parameter: StepParameter, value: Any) -> None:
        """Sort one argument."""
        if value is MISSING:
            self._problem(f"lacks the argument '{parameter.name}' ({describe(parameter.hint)})")
        elif isinstance(value, StepOutput):
            self._link(parameter.name, value)
        elif isinstance(value, list | tuple) and any(isinstance(item, StepOutput) for item in value):
            self._gather(parameter.name, value)
        else:
            self._value(parameter, value)

    def _link(self, name: str, output: StepOutput) -> None:
        problem = self._builder.link_problem(output)
        if problem:
            self._problem(f"cannot be given '{name}': {problem}")
        else:
            self.links[name] = Link(output.step, output.index)

    def _gather(self, name: str, items: Sequence[Any]) -> None:
        if not all(isinstance(item, StepOutput) for item in items):
            self._problem(f"was given '{name}' as a list that mixes outputs of steps with values")
            return
        self.gathered[name] = len(items)
        for index, item in enumerate(items):
            self._link(f"{name}[{index}]", item)

    def _value(self, parameter: StepParameter, value: Any) -> None:
        try:
            # A default may be anything that the function can deal with, None above all.
            fitting = value if value is parameter.default else coerce(value, parameter.hint)
        except ValueError:
            self._problem(f"expects {expected(parameter.hint)} for '{parameter.name}', found {value!r:.80}")
            return
        try:
            self.plain[parameter.name] = to_plain(fitting)
        except (TypeError, ValueError) as error:
            self._problem(
                f"was given '{parameter.name}' as a value that a graph cannot hold: {error}; load or make it in a step"
            )
        self.values[parameter.name] = fitting

    def _problem(self, text: str) -> None:
        end = "" if text.endswith((".", "?")) else "."
        self.problems.append(f"{self._where}: step '{self._step}' {text}{end}")


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
