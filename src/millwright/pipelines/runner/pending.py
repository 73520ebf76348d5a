"""A step between the moment when it could begin and its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from millwright.core.records.pipeline import StepRunRecord
from millwright.pipelines.context import StepContext
from millwright.pipelines.graph.node import Link, Node
from millwright.pipelines.runner.key import StepKey

if TYPE_CHECKING:
    from millwright.core.ids import Digest
    from millwright.pipelines.runner.executors.base import Outcome
    from millwright.pipelines.runner.external import ExternalFile


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
    def files(self) -> list[ExternalFile]:
        """The external files that it is given."""
        return [file for found in self.key.files.values() for file in found] if self.key else []

    def recorded(self, outcome: Outcome | None) -> StepRunRecord:
        """The record with what an execution came to, if there was one."""
        attempts = max(1, self.attempts)
        record = self.record if attempts == self.record.attempts else replace(self.record, attempts=attempts)
        return record if outcome is None else outcome.added_to(record)

    @property
    def digest(self) -> Digest | None:
        """The cache key."""
        return self.key.digest if self.key else None
