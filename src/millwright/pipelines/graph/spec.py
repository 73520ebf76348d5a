"""A step as its function and decorator declare it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, get_args, get_origin, is_typeddict

from millwright.pipelines.annotations import Resources, declares_file
from millwright.pipelines.checked_hints import checked_hints
from millwright.pipelines.context import StepContext
from millwright.pipelines.hint import alternatives, field_hints, strip
from millwright.pipelines.label import function_label
from millwright.pipelines.serializers.plain import unstorable_part

MISSING = inspect.Parameter.empty

State = Callable[[StepContext, Mapping[str, Any]], str]


@dataclass(frozen=True, kw_only=True, slots=True)
class StepOptions:
    """What a decorator says about a step.

    Attributes:
        name: Shown for it, and given to its nodes; the function's name when empty.
        cache: Whether an earlier result with the same key is taken.
        cache_ttl_s: Seconds after which a result is not taken any more; None for never.
        retries: How often it is tried again after an error that may pass.
        retry_on: The exceptions that are worth another try; every one but mistakes in the input when empty.
        retry_wait_s: Seconds before the second attempt; doubled for each further one, at most 10 minutes.
        timeout_s: Seconds after which an attempt counts as failed; None for no limit.
        resources: What it wants of the machine.
        executor: What executes it: `inline`, `processes` or `ray`; what the run says when empty.
        limits: Names of resources, such as `database`, of which the workspace says how many steps use them at once.
        priority: Of steps that could start, the one with the higher number does.
        packages: Distributions whose versions are part of the cache key, besides those that the code imports.
        environ: Names of environment variables whose values (as digests) are part of the cache key.
        state: Gives text that stands for outside state the result depends on; part of the cache key.
        extras: JSON values that are part of the cache key, such as a version that a person raises.
    """

    name: str = ""
    cache: bool = True
    cache_ttl_s: float | None = None
    retries: int = 0
    retry_on: tuple[type[BaseException], ...] = ()
    retry_wait_s: float = 0.2
    timeout_s: float | None = None
    resources: Resources = field(default_factory=Resources)
    executor: str = ""
    limits: tuple[str, ...] = ()
    priority: int = 0
    packages: tuple[str, ...] = ()
    environ: tuple[str, ...] = ()
    state: State | None = None
    extras: Any = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StepParameter:
    """One parameter of a step function, the context left out.

    Attributes:
        default: `MISSING` when it must be given.
        external: Whether its value names a file whose content counts.
    """

    name: str
    hint: Any
    default: Any = MISSING
    external: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """One value that a step gives: `result`, a position in the returned tuple, or a field of what it returns."""

    name: str
    hint: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class StepSpec:
    """A step, ready to become nodes of graphs.

    Attributes:
        name: For nodes; made unique in each graph.
        label: Module and qualified name of the function.
        parameters: By name, in order.
        context: The name of the parameter that receives the `StepContext`.
        outputs: None when the function is annotated to return nothing.
        bundle: The named tuple or dataclass whose fields are the outputs; None when they are not.
        problems: What is wrong with the function itself, in sentences.
    """

    name: str
    label: str
    function: Callable[..., Any]
    signature: inspect.Signature
    options: StepOptions
    parameters: Mapping[str, StepParameter]
    context: str | None
    outputs: tuple[Output, ...]
    bundle: type | None = None
    problems: tuple[str, ...] = ()

    @property
    def is_tuple(self) -> bool:
        """Whether the function returns a tuple of several outputs."""
        return bool(self.outputs) and self.outputs[0].name != "result"

    def call(self, arguments: Mapping[str, Any]) -> Any:
        """Call the function with arguments by name, whatever the kinds of its parameters."""
        bound = inspect.BoundArguments(self.signature, dict(arguments))
        return self.function(*bound.args, **bound.kwargs)


def read_spec(function: Callable[..., Any], options: StepOptions) -> StepSpec:
    """What a function's signature and annotations say about a step."""
    name = options.name or getattr(function, "__name__", "") or "step"
    hints, untyped = checked_hints(function, f"step '{name}'")
    signature = inspect.signature(function)
    parameters: dict[str, StepParameter] = {}
    context, problems = None, [*_kind_problems(name, function), *untyped]
    for parameter in signature.parameters.values():
        hint = hints.get(parameter.name, Any)
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            problems.append(f"Step '{name}' takes {parameter}: name its parameters, or take a list.")
        elif StepContext in alternatives(hint):
            context = parameter.name
        else:
            parameters[parameter.name] = StepParameter(
                name=parameter.name, hint=hint, default=parameter.default, external=declares_file(hint)
            )
    return StepSpec(
        name=name,
        label=function_label(function),
        function=function,
        signature=signature,
        options=options,
        parameters=parameters,
        context=context,
        outputs=_outputs(hints.get("return", Any)),
        bundle=_bundle(hints.get("return", Any)),
        problems=tuple(problems),
    )


def _outputs(hint: Any) -> tuple[Output, ...]:
    bare = strip(hint)
    if bare is NoneType:
        return ()
    if _bundle(bare) is not None:
        return tuple(Output(name=name, hint=inner) for name, inner in field_hints(bare).items())
    if get_origin(bare) is tuple and (members := get_args(bare)) and ... not in members:
        return tuple(Output(name=str(index), hint=member) for index, member in enumerate(members))
    return (Output(name="result", hint=bare),)


def _bundle(hint: Any) -> type | None:
    """The class whose fields become outputs: a named tuple, or a dataclass with a field that JSON has no form for.

    Other dataclasses are one value; Millwright's own classes are, too, since serializers know them.
    """
    kind = strip(hint)
    hints = field_hints(kind)
    if not hints or is_typeddict(kind) or kind.__module__.partition(".")[0] == "millwright":
        return None
    is_tuple = issubclass(kind, tuple)
    return kind if is_tuple or any(unstorable_part(inner) for inner in hints.values()) else None


def _kind_problems(name: str, function: Callable[..., Any]) -> list[str]:
    plain = inspect.unwrap(function)
    if inspect.iscoroutinefunction(plain) or inspect.isasyncgenfunction(plain):
        return [f"Step '{name}' is an async function: steps are plain functions; use asyncio.run inside."]
    if inspect.isgeneratorfunction(plain):
        return [f"Step '{name}' yields: steps return their values; return a list or a table."]
    return []
