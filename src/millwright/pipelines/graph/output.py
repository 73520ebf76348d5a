"""What a step's call gives inside a pipeline's body: a promise, not a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

from millwright.core.errors import PipelineDefinitionError, closest
from millwright.pipelines.hint import describe, field_hints

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

T = TypeVar("T")


class StepOutput:
    """Stands for a value that a step will give; can be handed to other steps and nothing else.

    Of a dataclass, a named tuple or a typed dictionary a field can be handed on, too: `report.passed`.

    Args:
        step: The node's name.
        index: The position among the node's outputs.
        hint: The annotated type.
        graph: What tells this graph's outputs from another's.
        field: The part of the value that is meant; empty for the whole.
    """

    __slots__ = ("field", "graph", "hint", "index", "step")

    def __init__(self, step: str, index: int, hint: Any, graph: object, field: str = "") -> None:
        self.step = step
        self.index = index
        self.hint = hint
        self.graph = graph
        self.field = field

    def __repr__(self) -> str:
        return f"<output {self.index} of step '{self.step}', not there before the pipeline runs>"

    def __hash__(self) -> int:
        return id(self)

    def __getattr__(self, name: str) -> StepOutput:
        if name.startswith("__"):  # Python and its tools ask for these to find out what an object is
            raise AttributeError(name)
        known = {} if self.field else field_hints(self.hint)
        if name in known:
            return StepOutput(self.step, self.index, known[name], self.graph, name)
        if known:
            raise PipelineDefinitionError(
                f"What step '{self.step}' gives ({describe(self.hint)}) has no field '{name}'.",
                hint=closest(name, known),
            )
        return self._refuse(f"its attribute '{name}' was read")

    def _refuse(self, what: str) -> NoReturn:
        raise PipelineDefinitionError(
            f"The output of step '{self.step}' was used like a value: {what}. Its value is not there while the "
            "pipeline's graph is built.",
            hint="Do that inside a step, and give the output to it.",
        )


class StepOutputs:
    """The outputs of a step that returns a named tuple or a dataclass, each by its name; also in order.

    Args:
        step: The node's name.
        outputs: By field.
    """

    __slots__ = ("outputs", "step")

    def __init__(self, step: str, outputs: Mapping[str, StepOutput]) -> None:
        self.step = step
        self.outputs = dict(outputs)

    def __getattr__(self, name: str) -> StepOutput:
        if name.startswith("__"):
            raise AttributeError(name)
        found = self.outputs.get(name)
        if found is None:
            hint = closest(name, self.outputs)
            raise PipelineDefinitionError(f"Step '{self.step}' has no output '{name}'.", hint=hint)
        return found

    def __iter__(self) -> Iterator[StepOutput]:
        return iter(self.outputs.values())

    def __repr__(self) -> str:
        return f"<outputs of step '{self.step}': {', '.join(self.outputs)}>"


@dataclass(frozen=True, slots=True)
class Each:
    """An argument of whose items each is one argument."""

    items: Any


@dataclass(frozen=True, slots=True)
class First:
    """An argument that is the first of some outputs that is there."""

    outputs: Sequence[StepOutput]


def each(items: Sequence[T]) -> T:
    """Of a mapped step, the argument whose items are taken one by one: `score.map(model, mw.each(parts))`.

    Args:
        items: A list, an output that is one, or a list of outputs.
    """
    return cast("T", Each(items))


def first(*outputs: T) -> T:
    """The first of some outputs that is there: joins what conditions have parted.

    Args:
        *outputs: Of steps of which all but one may be skipped; when all are, so is the step that this is given to.

    Raises:
        PipelineDefinitionError: One is not an output of a step.
    """
    for output in outputs:
        if not isinstance(output, StepOutput):
            raise PipelineDefinitionError(f"mw.first: expected outputs of steps, found {output!r:.80}.")
    if not outputs:
        raise PipelineDefinitionError("mw.first: expected outputs of steps, found none.")
    return cast("T", First(cast("Sequence[StepOutput]", outputs)))


def spread(args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[tuple[list[Any], dict[str, Any]]]:
    """The calls that a mapped call stands for, where the lists are there: positional and named arguments of each.

    Raises:
        PipelineDefinitionError: There is no list, or lists differ in length.
    """
    named: dict[int | str, Any] = dict(enumerate(args)) | dict(kwargs)
    mapped = [name for name, value in named.items() if isinstance(value, Each)] or list(named)[:1]
    lists = {name: named[name].items if isinstance(named[name], Each) else named[name] for name in mapped}
    if not lists or not all(isinstance(items, list | tuple | range) for items in lists.values()):
        raise PipelineDefinitionError(f"A mapped step: expected a list, found {[*lists.values()][:1]!r:.80}.")
    lengths = {name: len(items) for name, items in lists.items()}
    if len(set(lengths.values())) > 1:
        raise PipelineDefinitionError(f"A mapped step: expected lists of one length, found {lengths}.")
    calls = []
    for index in range(next(iter(lengths.values()))):
        one = {**named, **{name: items[index] for name, items in lists.items()}}
        calls.append(([one[at] for at in range(len(args))], {name: one[name] for name in kwargs}))
    return calls


def _refusing(what: str) -> Any:
    def refuse(self: StepOutput, *_: Any) -> NoReturn:
        self._refuse(what)

    return refuse


# Methods that Python looks up on the class, so `__getattr__` never sees them.
_REFUSED = {
    "it was tested as true or false": ("bool",),
    "it was looped over or unpacked (mw.each and .map do that for a list)": ("iter", "next", "reversed"),
    "its length was asked for": ("len",),
    "it was indexed": ("getitem", "setitem", "delitem", "contains"),
    "it was called": ("call",),
    "it was compared": ("eq", "ne", "lt", "le", "gt", "ge"),
    "it was calculated with": (
        *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "neg", "pos", "abs", "invert"),
        *("radd", "rsub", "rmul", "rtruediv", "rfloordiv", "rmod", "rpow", "and", "or", "xor", "rand", "ror", "rxor"),
    ),
    "it was turned into a number": ("int", "float", "complex", "index", "round"),
    "it was turned into text": ("str", "format", "bytes"),
    "it was used in a with statement": ("enter",),
}
for _what, _names in _REFUSED.items():
    for _name in _names:
        setattr(StepOutput, f"__{_name}__", _refusing(_what))
