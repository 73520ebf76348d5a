"""A step between the moment when it could begin and its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.records.pipeline import StepRunRecord
from millwright.pipelines.context import StepContext
from millwright.pipelines.graph.node import Link, Node
from millwright.pipelines.runner.key import StepKey

if TYPE_CHECKING:
    from millwright.core.ids import Digest


@dataclass(kw_only=True, slots=True)
class Pending:
    """A step that is on its way.

    Attributes:
        node: The step, or an item of a mapped one.
        base: The name of the node in the graph.
        links: Where its arguments come from.
        context: What it is told.
        record: Its record so far.
        key: What its result depends on; None when it cannot be told yet.
        attempts: How many have been begun.
        due: Not to be tried before, on the scheduler's clock.
        waits: Whether it was said that another run is waited for.
        waited_s: How long the last wait for something that others have was.
    """

    node: Node
    base: str
    links: Mapping[str, Link]
    context: StepContext
    record: StepRunRecord
    key: StepKey | None = None
    attempts: int = 0
    due: float = 0.0
    waits: bool = False
    waited_s: float = 0.0

    @property
    def digest(self) -> Digest | None:
        """The cache key."""
        return self.key.digest if self.key else None
