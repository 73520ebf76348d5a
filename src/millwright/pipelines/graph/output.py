"""What a step's call gives inside a pipeline's body: a promise, not a value."""

from __future__ import annotations

from typing import Any, NoReturn

from millwright.core.errors import PipelineDefinitionError


class StepOutput:
    """Stands for a value that a step will give; can be handed to other steps and nothing else.

    Args:
        step: The node's name.
        index: The position among the node's outputs.
        hint: The annotated type.
        graph: What tells this graph's outputs from another's.
    """

    __slots__ = ("graph", "hint", "index", "step")

    def __init__(self, step: str, index: int, hint: Any, graph: object) -> None:
        self.step = step
        self.index = index
        self.hint = hint
        self.graph = graph

    def __repr__(self) -> str:
        return f"<output {self.index} of step '{self.step}', not there before the pipeline runs>"

    def __hash__(self) -> int:
        return id(self)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # Python and its tools ask for these to find out what an object is
            raise AttributeError(name)
        self._refuse(f"its attribute '{name}' was read")

    def _refuse(self, what: str) -> NoReturn:
        raise PipelineDefinitionError(
            f"The output of step '{self.step}' was used like a value: {what}. Its value is not there while the "
            "pipeline's graph is built.",
            hint="Do that inside a step, and give the output to it.",
        )


def _refusing(what: str) -> Any:
    def refuse(self: StepOutput, *_: Any) -> NoReturn:
        self._refuse(what)

    return refuse


# Methods that Python looks up on the class, so `__getattr__` never sees them.
_REFUSED = {
    "it was tested as true or false": ("bool",),
    "it was looped over or unpacked": ("iter", "next", "reversed"),
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
