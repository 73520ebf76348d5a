"""What Millwright needs to know about another system to write what it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from millwright.exports.plan import ServingPlan


class Target(Protocol):
    """How a plan is written for one system.

    Attributes:
        name: As commands call it.
    """

    name: str

    def files(self, plan: ServingPlan) -> Mapping[str, bytes]:
        """Content by path, with `/`: all that the folder is to hold, the same for the same plan.

        Raises:
            InvalidInputError: The system cannot run such a plan, with the reason.
        """
        ...

    def commands(self, plan: ServingPlan, folder: Path) -> tuple[str, ...]:
        """What to type next, with that system's own tools, from where the export was called."""
        ...
