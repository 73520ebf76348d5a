"""Steps: plain typed functions that pipelines are made of."""

from __future__ import annotations

import functools
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Protocol, TypedDict, TypeVar, cast, overload

from millwright.core.errors import PipelineDefinitionError, closest
from millwright.pipelines.annotations import Resources, parse_duration
from millwright.pipelines.graph.builder import Call, current_builder
from millwright.pipelines.graph.output import spread
from millwright.pipelines.graph.spec import StepOptions, StepSpec, read_spec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Unpack

    from millwright.pipelines.context import StepContext
    from millwright.pipelines.graph.spec import State

EXECUTORS = ("", "inline", "processes", "ray")

P = ParamSpec("P")
R = TypeVar("R")


class StepSettings(TypedDict, total=False):
    """What can be said in `@step(...)`.

    Attributes:
        name: Shown for the step; the function's name by default.
        cache: Whether an earlier result with the same key is taken; True by default.
        cache_ttl: For how long a result is taken, in seconds or as text such as `7d`; for ever by default.
        retries: How often to try again after an error that may pass; 0 by default.
        retry_on: The exceptions that are worth another try; every one but mistakes in the input by default.
        retry_wait: Before the second attempt, in seconds or as text; doubled for each further one; 0.2 s by default.
        timeout: Seconds, or text such as `10m`; no limit by default.
        resources: What the step wants of the machine.
        executor: What executes it: `inline`, `processes` or `ray`; what the run says by default.
        limits: Names of resources, such as `database`, of which the workspace says how many steps use them at once.
        priority: Of steps that could start, the one with the higher number does; 0 by default.
        packages: Distributions whose versions are part of the cache key, besides those that the code imports.
        environ: Names of environment variables whose values (as digests) are part of the cache key.
        state: `state(ctx, params) -> str`: outside state that the result depends on; part of the cache key.
        extras: JSON values that are part of the cache key.
    """

    name: str
    cache: bool
    cache_ttl: str | float
    retries: int
    retry_on: Sequence[type[BaseException]]
    retry_wait: str | float
    timeout: str | float
    resources: Resources
    executor: str
    limits: Sequence[str]
    priority: int
    packages: Sequence[str]
    environ: Sequence[str]
    state: State
    extras: Any


class Step(Generic[P, R]):
    """A function that adds a node when called in a pipeline's body, and is just called everywhere else.

    Type-checkers see the function itself: in a body a call seems to return what the annotation says.

    Args:
        function: The function.
        options: What the decorator said.
        after: Outputs of steps that must have ended before, though they give it nothing.
    """

    def __init__(self, function: Callable[..., R], options: StepOptions, after: Sequence[Any] = ()) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.options = options
        self._after = tuple(after)

    @cached_property
    def spec(self) -> StepSpec:
        """The step as its signature declares it; read on first use, when all names in annotations are there."""
        return read_spec(self.function, self.options)

    @property
    def name(self) -> str:
        """The name that its nodes get."""
        return self.spec.name

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Add a node to the graph that is being built; call the function when none is."""
        builder = current_builder()
        if builder is None:
            return self.function(*args, **kwargs)
        return cast("R", builder.add(self.spec, Call(args=args, kwargs=kwargs, after=self._after)))

    def map(self, *args: Any, **kwargs: Any) -> list[R]:
        """Execute the step once for each item of a list, and gather what it gives in a list, in the items' order.

        Each item has a result, a cache key and a record of its own: of a list with one new item, one is executed.

        Args:
            *args: As in a call. The argument in `mw.each(…)` is the list (several are taken in step, like `zip`);
                without any, it is the first argument. A list, an output of a step that is one, or a list of outputs.
            **kwargs: The same by name.

        Returns:
            Outside a pipeline, the list; in a body, an output that is one, or a tuple of such outputs.

        Raises:
            PipelineDefinitionError: Outside a pipeline: no list, or lists of different lengths.

        Example:
            >>> @step
            ... def double(number: int) -> int:
            ...     return 2 * number
            >>> double.map([1, 2, 3])
            [2, 4, 6]
        """
        builder = current_builder()
        if builder is None:
            return [self.function(*one, **named) for one, named in spread(args, kwargs)]
        call = Call(args=args, kwargs=kwargs, after=self._after, is_mapped=True)
        return cast("list[R]", builder.add(self.spec, call))

    def with_options(self, *, after: Sequence[Any] = (), **settings: Unpack[StepSettings]) -> Step[P, R]:
        """The same step with other settings, for one call: `clean.with_options(name="clean-again")(table)`.

        Args:
            after: Outputs of steps that must have ended before, though they give it nothing.
            **settings: See `StepSettings`.
        """
        return Step(self.function, _options(self.options, settings), (*self._after, *after))

    def __repr__(self) -> str:
        return f"<step {self.spec.label}>"


class StepDecorator(Protocol):
    """What `step(...)` with settings returns."""

    @overload
    def __call__(self, function: Callable[Concatenate[StepContext, P], R], /) -> Step[P, R]: ...
    @overload
    def __call__(self, function: Callable[P, R], /) -> Step[P, R]: ...


@overload
def step(function: Callable[Concatenate[StepContext, P], R], /) -> Step[P, R]: ...
@overload
def step(function: Callable[P, R], /) -> Step[P, R]: ...
@overload
def step(**settings: Unpack[StepSettings]) -> StepDecorator: ...
def step(function: Callable[..., Any] | None = None, /, **settings: Unpack[StepSettings]) -> Any:
    """Make a function a step: `@step`, or `@step(retries=2, timeout="10m")`.

    Args:
        function: A plain function with annotations. A parameter annotated `StepContext` receives the context; one
            annotated `Annotated[str, External()]` names a file whose content counts.
        **settings: See `StepSettings`.

    Raises:
        PipelineDefinitionError: A setting is unknown or its value not allowed.

    Example:
        >>> @step(retries=2)
        ... def double(number: int) -> int:
        ...     return 2 * number
        >>> double(4)  # outside a pipeline it is the function
        8
    """
    options = _options(StepOptions(), settings)
    if function is None:
        return lambda decorated: Step(decorated, options)
    return Step(function, options)


def _options(base: StepOptions, settings: StepSettings) -> StepOptions:
    given = dict(settings)
    for name in given:
        if name not in StepSettings.__annotations__:
            hint = closest(name, StepSettings.__annotations__)
            raise PipelineDefinitionError(f"A step has no setting '{name}'.", hint=hint)
    for name in ("timeout", "cache_ttl", "retry_wait"):
        if name in given:
            given[f"{name}_s"] = parse_duration(cast("str | float", given.pop(name)), what=f"A step's {name}")
    for name in ("retry_on", "limits", "packages", "environ"):
        if name in given:
            given[name] = _several(name, given[name])
    executor = given.get("executor", "")
    if executor not in EXECUTORS:
        hint = closest(str(executor), EXECUTORS)
        raise PipelineDefinitionError(f"A step has no executor '{executor}'.", hint=hint or "inline, processes or ray")
    retries = given.get("retries", 0)
    if not isinstance(retries, int) or retries < 0:
        raise PipelineDefinitionError(f"A step's retries: expected a number from 0, found {retries!r}.")
    return replace(base, **given)  # type: ignore[arg-type]


def _several(name: str, value: Any) -> tuple[Any, ...]:
    if name == "retry_on":
        listed = (value,) if isinstance(value, type) else tuple(value)
        wrong = [each for each in listed if not (isinstance(each, type) and issubclass(each, BaseException))]
        wanted = "exceptions"
    else:
        listed = (value,) if isinstance(value, str) else tuple(value)
        wrong = [each for each in listed if not isinstance(each, str) or not each]
        wanted = "names"
    if wrong:
        raise PipelineDefinitionError(f"A step's {name}: expected {wanted}, found {wrong[0]!r}.")
    return listed
