"""Pipelines: functions whose bodies say which steps follow from which."""

from __future__ import annotations

import dis
import functools
import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, TypedDict, overload

from millwright.core.errors import MillwrightError, PipelineDefinitionError, closest
from millwright.pipelines.annotations import Failure, as_external, declares_file
from millwright.pipelines.compatibility import runtime_class
from millwright.pipelines.fingerprint.origin import Origin, origin_of_module
from millwright.pipelines.graph.builder import Call, GraphBuilder, building, current_builder
from millwright.pipelines.graph.check import definition_error, type_problems
from millwright.pipelines.graph.node import CodeScope, OpenScope
from millwright.pipelines.on import Cron
from millwright.pipelines.parameter import MISSING, Parameter, bind_parameters, read_parameters
from millwright.pipelines.step import Step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType
    from typing import Unpack

    from millwright.pipelines.graph.node import Graph, Node
    from millwright.pipelines.serializers.catalog import ValueTypes


_VARIABLE = re.compile(r"variable '(\w+)'")


class PipelineSettings(TypedDict, total=False):
    """What can be said in `@pipeline(...)`.

    Attributes:
        name: By default the function's name, with dashes.
        schedule: A cron expression, in UTC, or `mw.on.cron("0 2 * * *", tz="Europe/Berlin")`.
        on: Triggers.
        on_failure: A step, or several, executed when a run has failed; each may take a `Failure` and a context.
        max_parallel: How many steps of a run are executed at once at most.
    """

    name: str
    schedule: str | Cron
    on: Sequence[Any]
    on_failure: Step[..., Any] | Sequence[Step[..., Any]]
    max_parallel: int


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """A pipeline, not yet a graph.

    Attributes:
        name: Shown for it and recorded with its runs.
        function: The body.
        schedule: A cron expression, or a `mw.on.cron(…)`, for whoever schedules it; empty when it has none.
        on: Triggers for whoever listens to them.
        on_failure: Steps that are executed when a run has failed; each may take a `Failure` and a context.
        max_parallel: How many steps of a run are executed at once at most; None for as many as the executor takes.
        origin: `file.py:name` or `package.module:name`: where another process finds it; empty when it cannot.
        scope: Where its code's imports work.
    """

    name: str
    function: Callable[..., Any]
    schedule: str | Cron = ""
    on: Sequence[Any] = ()
    on_failure: Sequence[Step[..., Any]] = ()
    max_parallel: int | None = None
    origin: str = ""
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

    def __repr__(self) -> str:
        return f"<pipeline {self.name}>"

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
            values = bind_parameters(self.parameters, params, pipeline=self.name, place=self.origin or "FILE")
            problems = _run_body(self, self._declared(values), builder)
            last, more = self._on_failure()
            problems += more
            graph = builder.graph(
                values, self.scope, on_failure=last, max_parallel=self.max_parallel, origin=self.origin
            )
            problems += type_problems(graph, types) if types is not None else []
        if not graph.nodes and not problems:
            problems = ["its body calls no step."]
        if problems:
            raise definition_error(self.name, problems)
        return replace(graph, is_checked=types is not None)

    def _on_failure(self) -> tuple[tuple[Node, ...], list[str]]:
        """The nodes for when a run has failed, and what is wrong with them."""
        builder = GraphBuilder(self.name)
        for step in self.on_failure:
            wanted = {each.name: each.hint for each in step.spec.parameters.values() if each.default is MISSING}
            others = [name for name, hint in wanted.items() if runtime_class(hint) is not Failure]
            if others:
                builder.problems.append(
                    f"Step '{step.name}', executed on failure, is given a mw.on.Failure and a context, and asks for "
                    f"{', '.join(map(repr, others))}."
                )
            else:
                builder.add(step.spec, Call(kwargs=dict.fromkeys(wanted, Failure())))
        return builder.nodes, builder.problems

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The graph; inside another pipeline's body, the steps become part of that one's graph."""
        try:
            bound = inspect.signature(self.function).bind(*args, **kwargs)
        except TypeError as error:
            raise PipelineDefinitionError(f"Pipeline '{self.name}': {error}.") from error
        builder = current_builder()
        if builder is None:
            return self.bind(bound.arguments)
        bound.apply_defaults()
        bound.arguments.update(self._declared(bound.arguments))
        with builder.inside(self.function, self.name):
            return self.function(*bound.args, **bound.kwargs)

    def _declared(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What the body is given: names of files are known as such wherever they are handed on."""
        hints = {parameter.name: parameter.hint for parameter in self.parameters}
        return {name: as_external(value) if declares_file(hints.get(name)) else value for name, value in values.items()}


@overload
def pipeline(function: Callable[..., Any], /) -> Pipeline: ...
@overload
def pipeline(**settings: Unpack[PipelineSettings]) -> Callable[[Callable[..., Any]], Pipeline]: ...
def pipeline(function: Callable[..., Any] | None = None, /, **settings: Unpack[PipelineSettings]) -> Any:
    """Make a function a pipeline: `@pipeline`, or `@pipeline(name="nightly", schedule="0 2 * * *")`.

    The body is run to build the graph, each time with the parameters' values, and never to do the work: it calls steps
    and hands their outputs on.

    Args:
        function: The body; its parameters, with annotations, become options of `mw run`.
        **settings: See `PipelineSettings`.

    Raises:
        PipelineDefinitionError: A setting is unknown or its value not allowed.
    """
    for given in settings:
        if given not in PipelineSettings.__annotations__:
            hint = closest(given, PipelineSettings.__annotations__)
            raise PipelineDefinitionError(f"A pipeline has no setting '{given}'.", hint=hint)
    most = settings.get("max_parallel")
    if most is not None and (not isinstance(most, int) or most < 1):
        raise PipelineDefinitionError(f"A pipeline's max_parallel: expected a number from 1, found {most!r}.")

    def decorate(decorated: Callable[..., Any]) -> Pipeline:
        last = settings.get("on_failure", ())
        return Pipeline(
            name=settings.get("name") or decorated.__name__.replace("_", "-"),
            function=decorated,
            schedule=settings.get("schedule", ""),
            on=tuple(settings.get("on", ())),
            on_failure=(last,) if isinstance(last, Step) else tuple(last),
            max_parallel=most,
        )

    return decorate if function is None else decorate(function)


def _run_body(pipeline: Pipeline, values: Mapping[str, Any], builder: GraphBuilder) -> list[str]:
    """Run a pipeline's body; what is wrong, in sentences."""
    try:
        with building(builder), builder.inside(pipeline.function, pipeline.name):
            pipeline.function(**values)
    except PipelineDefinitionError as error:
        return [*builder.problems, f"{_line(error)}: {error}"]
    except MillwrightError:
        raise
    except UnboundLocalError as error:
        return [*builder.problems, f"{_line(error)}: {_unmade(error)}"]
    except Exception as error:  # noqa: BLE001 - a body is any code; what it raises is told with its line
        return [*builder.problems, f"{_line(error)}: {type(error).__name__}: {error}"]
    return list(builder.problems)


def _unmade(error: UnboundLocalError) -> str:
    """What is wrong where a body uses a name that has no value yet."""
    found = _VARIABLE.search(str(error))
    name, (code, line) = found[1] if found else "", _place(error)
    makes = (each for each in dis.get_instructions(code) if each.opname.startswith("STORE_"))
    made = [each.positions.lineno for each in makes if each.positions and name in _names(each.argval)]
    if not any(at is not None and at >= line for at in made):
        return f"UnboundLocalError: {error}."
    return (
        f"uses '{name}' before it is made: a step is given what steps above it give, so that steps form no cycle "
        "(after=[…] orders steps that give each other nothing)."
    )


def _names(argument: object) -> tuple[object, ...]:
    return argument if isinstance(argument, tuple) else (argument,)  # from Python 3.13 on, an instruction may make two


def _line(error: BaseException) -> str:
    """`file.py:12` of the innermost line that is the user's, neither ours nor a library's."""
    code, line = _place(error)
    return f"{Path(code.co_filename).name}:{line}"


def _place(error: BaseException) -> tuple[CodeType, int]:
    frames = [(frame.f_globals.get("__name__", ""), frame.f_code, line) for frame, line in walk_tb(error.__traceback__)]
    own = __name__.partition(".")[0]
    theirs = [
        frame for frame in frames if frame[0].partition(".")[0] != own and origin_of_module(frame[0]) is Origin.PROJECT
    ]
    _, code, line = (theirs or frames)[-1]
    return code, line
