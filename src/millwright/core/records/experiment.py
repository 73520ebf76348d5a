"""Experiments: what runs are compared within."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from millwright.core.ids import ExperimentId

DEFAULT_EXPERIMENT = ExperimentId("0")


class Lifecycle(StrEnum):
    """Whether an experiment or a run is in use."""

    ACTIVE = "active"  # entered on creation and when restored; left when deleted
    DELETED = "deleted"  # hidden, and restorable until it is removed for good


@dataclass(frozen=True, kw_only=True, slots=True)
class ExperimentRecord:
    """A named collection of runs that are compared with one another.

    Attributes:
        id: Decimal text that the store gives ("0" is the experiment Default, which is always there), or any text;
            empty in a record that is to be created with an id of the store's.
        updated_at: When it was last renamed, deleted or restored; None stands for `created_at`.
        artifact_location: Where artifacts of its runs go; empty for the store's own place.
        project: The project whose roles decide who may see and change it.
    """

    id: ExperimentId
    name: str
    created_at: datetime
    updated_at: datetime | None = None
    lifecycle: Lifecycle = Lifecycle.ACTIVE
    artifact_location: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    project: str = "default"


@dataclass(frozen=True, kw_only=True, slots=True)
class ExperimentFigures:
    """What an experiment holds, counted.

    Attributes:
        runs: How many active runs.
        last_run_at: When the latest of them started; None without any.
    """

    runs: int = 0
    last_run_at: datetime | None = None
