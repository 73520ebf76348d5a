"""The arguments of a step's call in a pipeline's body, sorted into links and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from millwright.core.errors import closest
from millwright.pipelines.graph.node import Link
from millwright.pipelines.graph.output import Each, First, StepOutput, StepOutputs
from millwright.pipelines.graph.spec import MISSING
from millwright.pipelines.hint import describe
from millwright.pipelines.parameter import coerce, expected
from millwright.pipelines.serializers.plain import to_plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.pipelines.graph.spec import StepParameter, StepSpec

AFTER = "after"  # taken from the arguments of steps that have no such parameter


class LinkCheck(Protocol):
    """Knows the graph's nodes."""

    def link_problem(self, output: StepOutput) -> str:
        """Why an output cannot be given to a step; empty when it can."""
        ...


class Arguments:
    """The arguments of one call; see `Node` for the attributes.

    Args:
        step: The node's name.
        where: `file.py:12` of the call.
        builder: Knows the other nodes.
    """

    def __init__(self, step: str, where: str, builder: LinkCheck) -> None:
        self._step = step
        self._where = where
        self._builder = builder
        self.links: dict[str, Link] = {}
        self.values: dict[str, Any] = {}
        self.plain: dict[str, Any] = {}
        self.gathered: dict[str, int] = {}
        self.others: dict[str, tuple[Link, ...]] = {}
        self.problems: list[str] = []

    def by_name(self, spec: StepSpec, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Positional arguments take the names of parameters, the context left out."""
        names = list(spec.parameters)
        if len(args) > len(names):
            self._problem(f"takes {len(names)} arguments and was given {len(args)}")
        given = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name == AFTER and AFTER not in spec.parameters:
                given[name] = value
            elif name == spec.context:
                self._problem(f"is given its context '{name}' by the runner; leave it out")
            elif name not in spec.parameters:
                self._problem(f"has no parameter '{name}'. {closest(name, names)}".strip())
            elif name in given:
                self._problem(f"was given '{name}' twice")
            else:
                given[name] = value
        return given

    def after(self, outputs: Sequence[Any]) -> tuple[str, ...]:
        """The names of the steps that outputs belong to."""
        names: list[str] = []
        for output in outputs:
            flat = output.outputs if isinstance(output, First) else output if isinstance(output, tuple) else (output,)
            wrong = [each for each in flat if not isinstance(each, StepOutput | StepOutputs)]
            if wrong:
                self._problem(f"comes after outputs of steps only, found {wrong[0]!r:.80}")
            names += [each.step for each in flat if isinstance(each, StepOutput | StepOutputs)]
        return tuple(dict.fromkeys(names))

    def mapped(self, given: dict[str, Any], *, is_mapped: bool) -> tuple[str, ...]:
        """The parameters whose items are taken one by one, unwrapped: those in `mw.each`, or else the first."""
        names = tuple(name for name, value in given.items() if isinstance(value, Each))
        for name in names:
            given[name] = given[name].items
        if names and not is_mapped:
            self._problem("was given mw.each(…) and is called once: call it with .map(…)")
            return ()
        if is_mapped and not given:
            self._problem("is mapped over nothing: give it a list")
        return names or (tuple(given)[:1] if is_mapped else ())

    def check_lengths(self, mapped: Sequence[str]) -> None:
        """Lists that are taken in step are equally long, as far as they are there already; after all were taken."""
        known = {name: len(self.values[name]) for name in mapped if isinstance(self.values.get(name), list)}
        known |= {name: self.gathered[name] for name in mapped if name in self.gathered}
        if len(set(known.values())) > 1:
            listed = ", ".join(f"{length} for '{name}'" for name, length in known.items())
            self._problem(f"is mapped over lists of different lengths: {listed}")

    def take(self, parameter: StepParameter, value: Any, *, is_mapped: bool = False) -> None:
        """Sort one argument."""
        if value is MISSING:
            self._problem(f"lacks the argument '{parameter.name}' ({describe(parameter.hint)})")
        elif isinstance(value, StepOutputs):
            self._problem(
                f"was given '{parameter.name}' as all outputs of step '{value.step}': give it one of "
                f"{', '.join(value.outputs)}"
            )
        elif isinstance(value, First):
            self._first(parameter.name, value.outputs)
        elif isinstance(value, StepOutput):
            self._link(parameter.name, value)
        elif isinstance(value, list | tuple) and any(isinstance(item, StepOutput) for item in value):
            self._gather(parameter.name, value)
        elif is_mapped:
            self._items(parameter, value)
        else:
            self._value(parameter, value)

    def _link(self, name: str, output: StepOutput) -> None:
        problem = self._builder.link_problem(output)
        if problem:
            self._problem(f"cannot be given '{name}': {problem}")
        else:
            self.links[name] = Link(output.step, output.index, output.field)

    def _first(self, name: str, outputs: Sequence[StepOutput]) -> None:
        self._link(name, outputs[0])
        more: list[Link] = []
        for output in outputs[1:]:
            problem = self._builder.link_problem(output)
            if problem:
                self._problem(f"cannot be given '{name}': {problem}")
            else:
                more.append(Link(output.step, output.index, output.field))
        self.others[name] = tuple(more)

    def _gather(self, name: str, items: Sequence[Any]) -> None:
        if not all(isinstance(item, StepOutput) for item in items):
            self._problem(f"was given '{name}' as a list that mixes outputs of steps with values")
            return
        self.gathered[name] = len(items)
        for index, item in enumerate(items):
            self._link(f"{name}[{index}]", item)

    def _items(self, parameter: StepParameter, value: Any) -> None:
        """A list that is there already, of whose items each is an argument."""
        if not isinstance(value, list | tuple | range):
            self._problem(f"is mapped over '{parameter.name}', which is no list: found {value!r:.80}")
            return
        found = [self._fitting(parameter, item) for item in value]
        self.values[parameter.name] = [fitting for fitting, _ in found]
        self.plain[parameter.name] = [plain for _, plain in found]

    def _value(self, parameter: StepParameter, value: Any) -> None:
        self.values[parameter.name], self.plain[parameter.name] = self._fitting(parameter, value)

    def _fitting(self, parameter: StepParameter, value: Any) -> tuple[Any, Any]:
        """A value in the parameter's type, and as JSON values."""
        try:
            # A default may be anything that the function can deal with, None above all.
            fitting = value if value is parameter.default else coerce(value, parameter.hint)
        except ValueError:
            self._problem(f"expects {expected(parameter.hint)} for '{parameter.name}', found {value!r:.80}")
            return value, None
        try:
            return fitting, to_plain(fitting)
        except (TypeError, ValueError) as error:
            self._problem(
                f"was given '{parameter.name}' as a value that a graph cannot hold: {error}; load or make it in a step"
            )
            return fitting, None

    def _problem(self, text: str) -> None:
        end = "" if text.endswith((".", "?")) else "."
        self.problems.append(f"{self._where}: step '{self._step}' {text}{end}")
