"""What a dataset version came from, as a tree for people: runs, code, other datasets, files, columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from millwright.core.errors import MillwrightError, NotFoundError
from millwright.core.ids import StepRunId
from millwright.core.records.audit import NodeKind
from millwright.data.datasets.name import resolve
from millwright.data.lineage.column import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.storage.catalog import Stores

_DEPTH = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """One thing that something came from, with what that came from.

    Attributes:
        kind: `dataset`, `source`, `step_run`, `value`, `run`, …; `code` for the code of a run of a pipeline.
        id: As `NodeKind` says; the entrypoint for code.
        relation: How what is above came from it: `read`, `wrote`, `derived`, `ran`.
        label: What it is, for people.
        columns: Of a dataset version: column → what it was computed from, where that was recorded.
        origins: What it came from itself; none where it stands in the tree before.
        repeated: Whether it stands in the tree before.
    """

    kind: str
    id: str
    relation: str
    label: str
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    origins: tuple[Origin, ...] = ()
    repeated: bool = False

    def lines(self, indent: str = "") -> Iterator[str]:
        """The tree as lines of text."""
        if not indent:
            yield self.label
        for column, sources in self.columns.items():
            yield f"{indent}   {column} ← {', '.join(sources) or 'nothing (a constant)'}"
        for place, origin in enumerate(self.origins):
            is_last = place == len(self.origins) - 1
            yield f"{indent}{'└─' if is_last else '├─'} {origin.relation} ← {origin.label}"
            yield from origin.lines(indent + ("   " if is_last else "│  "))


def origins_of(stores: Stores, ref: str, *, depth: int = _DEPTH) -> Origin:
    """The tree of a dataset version.

    Args:
        stores: Where the records are.
        ref: The version; see `parse_ref`.
        depth: How many steps to go back at most.

    Raises:
        InvalidInputError: The reference is malformed.
        NotFoundError: There is no such version.
    """
    record = resolve(stores.datasets, ref)
    return _origin(stores, (NodeKind.DATASET, record.ref), "", depth, set())


def _origin(
    stores: Stores, node: tuple[NodeKind, str], relation: str, depth: int, seen: set[tuple[NodeKind, str]]
) -> Origin:
    kind, identifier = node
    label, columns = _label(stores, kind, identifier)
    if node in seen or depth < 0:
        more = " (see above)" if node in seen else " …"
        return Origin(kind=kind.value, id=identifier, relation=relation, label=label + more, repeated=node in seen)
    seen.add(node)
    origins = [
        _origin(stores, (edge.source_kind, edge.source_id), edge.relation, depth - 1, seen)
        for edge in stores.lineage.upstream(kind, identifier)
    ]
    if kind is NodeKind.STEP_RUN:
        origins += _code(stores, identifier)
    return Origin(
        kind=kind.value, id=identifier, relation=relation, label=label, columns=columns, origins=tuple(origins)
    )


def _label(stores: Stores, kind: NodeKind, identifier: str) -> tuple[str, Mapping[str, Sequence[str]]]:
    if kind is NodeKind.DATASET:
        try:
            record = resolve(stores.datasets, identifier)
        except MillwrightError:
            return f"dataset {identifier} (not in this workspace)", {}
        said = f"dataset {record.ref} ({record.operation.value}, {record.rows:,} rows, {record.digest[:12]})"
        return said, record.details.get(KEY, {})
    if kind is NodeKind.SOURCE:
        uri, _, digest = identifier.rpartition("#")
        return f"source {uri or '(unnamed)'} ({digest[:12]})", {}
    if kind is NodeKind.STEP_RUN:
        try:
            step = stores.pipelines.get_step_run(StepRunId(identifier))
        except NotFoundError:
            return f"step run {identifier}", {}
        return f"step {step.step} ({step.function}) of pipeline run {step.pipeline_run_id[-6:]}", {}
    if kind is NodeKind.VALUE:
        return f"value {identifier[:12]}", {}
    return f"{kind.value.replace('_', ' ')} {identifier}", {}


def _code(stores: Stores, step_run: str) -> list[Origin]:
    try:
        run = stores.pipelines.get_pipeline_run(stores.pipelines.get_step_run(StepRunId(step_run)).pipeline_run_id)
    except NotFoundError:
        return []
    commit = f", commit {run.code.git_commit[:12]}" if run.code.git_commit else ""
    dirty = " with changes" if run.code.git_dirty else ""
    label = f"code {run.code.entrypoint} ({run.code.source_digest[:12]}{commit}{dirty})"
    return [Origin(kind="code", id=run.code.entrypoint, relation="ran", label=label)]
