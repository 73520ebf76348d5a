"""What a gate is.

A gate is a frozen dataclass: its fields are its settings in `gates.yaml`, with defaults where there is a sensible one.
`__post_init__` refuses settings that make no sense (`ValueError`, or `InvalidInputError` with a hint).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.evaluation.gates.result import GateResult
    from millwright.evaluation.gates.subject import GateSubject


@runtime_checkable
class Gate(Protocol):
    """One condition with its settings.

    Attributes:
        name: As in `gates.yaml`.
        about: One sentence for the comment above it there.
        example: Settings to start from, as JSON values.
    """

    name: ClassVar[str]
    about: ClassVar[str]
    example: ClassVar[Mapping[str, Any]]

    def evaluate(self, subject: GateSubject) -> GateResult:
        """Judge one challenger; whatever it raises counts as not passed."""
        ...
