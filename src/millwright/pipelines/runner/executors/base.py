"""What an executor is, what it is given and what it gives back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from millwright.core.ids import Digest
from millwright.core.records.audit import LineageEdge
from millwright.core.records.pipeline import StepRunRecord, StepUsage, ValueRef
from millwright.pipelines.context import StepContext
from millwright.pipelines.graph.node import Link, Node
from millwright.pipelines.runner.external import ExternalFile
from millwright.pipelines.runner.failure import StepFailure


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """What an execution may read without being asked; see `Watch`.

    Attributes:
        modules: Modules of the project that its fingerprint has seen.
        named: Files that its code names where it reads.
        ignored: Folders that are nobody's input.
        strict: Whether it fails when it reads anything else.
    """

    modules: Collection[str] = frozenset()
    named: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    strict: bool = False

    def told(self) -> Watched:
        """The same for another process, where other modules are loaded: those that were seen are found out here."""
        return replace(self, modules=frozenset(self.modules))


@dataclass(frozen=True, kw_only=True, eq=False)
class Job:
    """One execution of a step.

    Attributes:
        node: The step, or the item of a mapped one.
        base: The name of the node in the graph: of an item, the mapped step's.
        context: What the step is told.
        links: Where its arguments come from.
        refs: Where those are stored, by the same names.
        files: External files by parameter.
        is_item: Whether it is one of many that are stored together, see `Outcome.encoded`.
        watched: What it may read; None when nobody needs to know, since its result is not kept.
    """

    node: Node
    base: str
    context: StepContext
    links: Mapping[str, Link]
    refs: Mapping[str, ValueRef]
    files: Mapping[str, tuple[ExternalFile, ...]] = field(default_factory=dict)
    is_item: bool = False
    watched: Watched | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an execution came to.

    Attributes:
        outputs: Where its outputs are stored; empty when it failed.
        encoded: Outputs that are not stored yet, of items; see `ValueShelf.store_packed`.
        facts: What the step noted.
        edges: The lineage that it told.
        usage: What it took.
        log: What it printed.
        failure: What went wrong; None when nothing did.
        warnings: What people should know, in sentences.
    """

    outputs: tuple[ValueRef, ...] = ()
    encoded: Sequence[Any] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    edges: tuple[LineageEdge, ...] = ()
    usage: StepUsage | None = None
    log: Digest | None = None
    failure: StepFailure | None = None
    warnings: tuple[str, ...] = ()

    def added_to(self, record: StepRunRecord) -> StepRunRecord:
        """A record with what came of the execution, its end left out."""
        return replace(record, outputs=self.outputs, summary=dict(self.facts), usage=self.usage, log=self.log)


class Executor(ABC):
    """Executes jobs.

    Attributes:
        name: As in settings and records.
        capacity: How many jobs it executes at once.
    """

    name: str
    capacity: int

    def takes(self, node: Node, busy: Sequence[Node]) -> bool:  # noqa: ARG002 - for those that weigh steps
        """Whether there is room for a step.

        Args:
            node: The step.
            busy: What is executing.
        """
        return len(busy) < self.capacity

    @abstractmethod
    def submit(self, job: Job) -> None:
        """Begin a job; `inline` ends it, too."""

    @abstractmethod
    def wait(self, timeout_s: float) -> list[tuple[Job, Outcome]]:
        """The jobs that have ended, waiting at most so long for the first of them."""

    @abstractmethod
    def close(self) -> None:
        """Stop what is executing, and give everything back."""
