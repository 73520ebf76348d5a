"""Definitions of features, and what was done to bring them online."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from millwright.core.ids import Digest, MaterializationId


class FeatureKind(StrEnum):
    """What a definition defines."""

    ENTITY = "entity"  # what features are about, and the columns that identify one
    VIEW = "view"  # features computed from a dataset
    STREAM_VIEW = "stream_view"  # windowed aggregates over events that arrive
    ON_DEMAND_VIEW = "on_demand_view"  # features computed from others, and from the request, when they are read
    SERVICE = "service"  # the features that one model uses


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureDefinitionRecord:
    """One version of one definition; immutable.

    Attributes:
        name: Unique among the definitions of its kind.
        version: 1, 2, 3 … per kind and name; a new one only when `digest` changes.
        digest: Of everything that decides the values: the definition without description, owner and tags.
        definition: What was declared, JSON values.
        code: Source text of its transformation, for people; empty without one.
        sources: Datasets and views that it reads, such as `dataset/phases` or `view/building_history`.
        retired: Whether it is not offered any more.
    """

    kind: FeatureKind
    name: str
    version: int
    digest: Digest
    definition: Mapping[str, Any]
    created_at: datetime
    actor: str
    code: str = ""
    description: str = ""
    owner: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    retired: bool = False

    @property
    def ref(self) -> str:
        """How people write it: `building_history@3`."""
        return f"{self.name}@{self.version}"


class MaterializationState(StrEnum):
    """How far a materialization is."""

    RUNNING = "running"  # from its start; left when all rows are online, or an error stopped it
    DONE = "done"  # every row up to `until` is online
    FAILED = "failed"  # stopped by an error; the next one starts where the last one that is done ended


@dataclass(frozen=True, kw_only=True, slots=True)
class MaterializationRecord:
    """One pass that brought a view's newest values online.

    Attributes:
        view: The view's name.
        view_version: Its version.
        source: The dataset version that was read, as `phases@3`.
        since: Only rows later than this were read; None for all.
        until: Only rows up to this were read.
        rows: Rows read; `entities`: newest values written.
        error: What stopped it; empty when nothing did.
    """

    id: MaterializationId
    view: str
    view_version: int
    source: str
    since: datetime | None
    until: datetime
    state: MaterializationState
    started_at: datetime
    ended_at: datetime | None = None
    rows: int = 0
    entities: int = 0
    error: str = ""
