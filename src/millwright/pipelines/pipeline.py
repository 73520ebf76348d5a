"""Pipelines: functions whose bodies say which steps follow from which."""

from __future__ import annotations

import functools
import inspect
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from millwright.core.errors import MillwrightError, PipelineDefinitionError
from millwright.pipelines.graph.builder import GraphBuilder, building, current_builder
from millwright.pipelines.graph.check import definition_error, type_problems
from millwright.pipelines.graph.node import CodeScope, OpenScope
from millwright.pipelines.parameter import Parameter, bind_parameters, read_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.pipelines.graph.node import Graph
    from millwright.pipelines.serializers.catalog import ValueTypes


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """A pipeline, not yet a graph.

    Attributes:
        name: Shown for it and recorded with its runs.
        function: The body.
        schedule: A cron expression for whoever schedules it; empty when it has none.
        on: Triggers for whoever listens to them.
        scope: Where its code's imports work.
    """

    name: str
    function: Callable[..., Any]
    schedule: str = ""
    on: Sequence[Any] = ()
    scope: CodeScope = field(default_factory=OpenScope)

    @functools.cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """What it takes, in order."""
        with self.scope.active():
            return read_parameters(self.function)

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """The names of its parameters."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def source_file(self) -> Path:
        """The file that holds the body."""
        return Path(inspect.unwrap(self.function).__code__.co_filename)

    def describe_parameters(self) -> list[str]:
        """One line per parameter, for `--help`."""
        return [parameter.describe() for parameter in self.parameters]

    def build(self, /, **params: Any) -> Graph:
        """The graph for some parameters; see `bind`."""
        return self.bind(params)

    def bind(self, params: Mapping[str, Any], *, types: ValueTypes | None = None) -> Graph:
        """The graph for some parameters.

        Args:
            params: Values, or text as written on the command line.
            types: The serializers and conversions there will be; with them, types are checked here, and otherwise by
                the runner before the first step.

        Raises:
            InvalidInputError: A parameter is missing, unknown or wrong.
            PipelineDefinitionError: The body is wrong: every mistake that can be found, in one message.
        """
        builder = GraphBuilder(self.name)
        with self.scope.active():
            values = bind_parameters(self.parameters, params, pipeline=self.name)
            problems = _run_body(self.function, values, builder)
            graph = builder.graph(values, self.scope)
            problems += type_problems(graph, types) if types is not None else []
        if not graph.nodes and not problems:
            problems = ["its body calls no step."]
        if problems:
            raise definition_error(self.name, problems)
        return graph

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The graph; inside another pipeline's body, the steps become part of that one's graph."""
        try:
            bound = inspect.signature(self.function).bind(*args, **kwargs)
        except TypeError as error:
            raise PipelineDefinitionError(f"Pipeline '{self.name}': {error}.") from error
        if current_builder() is not None:
            return self.function(*args, **kwargs)
        return self.bind(bound.arguments)


@overload
def pipeline(function: Callable[..., Any], /) -> Pipeline: ...
@overload
def pipeline(
    *, name: str = "", schedule: str = "", on: Sequence[Any] = ()
) -> Callable[[Callable[..., Any]], Pipeline]: ...
def pipeline(
    function: Callable[..., Any] | None = None, /, *, name: str = "", schedule: str = "", on: Sequence[Any] = ()
) -> Any:
    """Make a function a pipeline: `@pipeline`, or `@pipeline(name="nightly", schedule="0 2 * * *")`.

    The body is run to build the graph, each time with the parameters' values, and never to do the work: it calls steps
    and hands their outputs on.

    Args:
        function: The body; its parameters, with annotations, become options of `mw run`.
        name: By default the function's name, with dashes.
        schedule: A cron expression.
        on: Triggers.
    """

    def decorate(decorated: Callable[..., Any]) -> Pipeline:
        found = name or decorated.__name__.replace("_", "-")
        return Pipeline(name=found, function=decorated, schedule=schedule, on=tuple(on))

    return decorate if function is None else decorate(function)


def _run_body(function: Callable[..., Any], values: Mapping[str, Any], builder: GraphBuilder) -> list[str]:
    """Run a pipeline's body; what is wrong, in sentences."""
    try:
        with building(builder):
            function(**values)
    except PipelineDefinitionError as error:
        return [*builder.problems, f"{_line(error)}: {error}"]
    except MillwrightError:
        raise
    except Exception as error:  # noqa: BLE001 - a body is any code; what it raises is told with its line
        return [*builder.problems, f"{_line(error)}: {type(error).__name__}: {error}"]
    return list(builder.problems)


def _line(error: BaseException) -> str:
    """`file.py:12` of the innermost line that is the user's."""
    frames = traceback.extract_tb(error.__traceback__)
    own = str(Path(__file__).parent)
    theirs = [frame for frame in frames if not frame.filename.startswith(own)]
    frame = (theirs or frames)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"
