"""Logged models of MLflow 3: what is carried of them, when two of them are equal, and what a place must be able to do.

Registered versions name them (`models:/m-…`), so that a version without its logged model could not be loaded.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from millwright.core.records.logged_model import LoggedModelStatus
from millwright.registry.exchange.content import DONE_TAG, ORIGIN_TAG

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from millwright.registry.exchange.content import Artifact, Point

STATUSES = (
    LoggedModelStatus.UNSPECIFIED,
    LoggedModelStatus.PENDING,
    LoggedModelStatus.READY,
    LoggedModelStatus.FAILED,
)
_OWN_TAGS = frozenset({ORIGIN_TAG, DONE_TAG})


class ModelPoint(NamedTuple):
    """One value of one metric that a run measured on a logged model, and on which dataset if it told one."""

    run_id: str
    point: Point
    dataset_name: str = ""
    dataset_digest: str = ""

    @property
    def mark(self) -> tuple[str, str, float, int, int, str, str]:
        """What makes it equal to another one: MLflow's own store keeps NaN as 0 here, other than with its run."""
        key, value, timestamp, step = self.point
        number = 0.0 if math.isnan(value) else float(value)
        return (self.run_id, key, number, timestamp, step, self.dataset_name, self.dataset_digest)


@dataclass(frozen=True, kw_only=True, slots=True)
class LoggedModel:
    """A logged model as MLflow keeps it.

    Attributes:
        status: MLflow's number: an index into `STATUSES`.
        outputs: The runs that made it, with the step.
        points: The metrics that runs measured on it.
    """

    id: str
    experiment_id: str
    name: str
    artifact_uri: str
    created_ms: int
    updated_ms: int
    status: int = 2
    status_message: str | None = None
    model_type: str | None = None
    source_run_id: str = ""
    deleted: bool = False
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, int] = field(default_factory=dict)
    points: tuple[ModelPoint, ...] = ()

    @property
    def facts(self) -> tuple[str, int, str]:
        """Name, status and type, as far as they must be equal: servers make PENDING of what has no status."""
        return (self.name, max(self.status, 1), self.model_type or "")


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelContent:
    """A logged model read whole.

    Attributes:
        model: With the ids of runs as they are where it came from.
        files: Path → digest.
    """

    model: LoggedModel
    files: Mapping[str, str]

    @property
    def digest(self) -> str:
        """Of everything that is carried."""
        tags = {key: value for key, value in self.model.tags.items() if key not in _OWN_TAGS}
        marks = sorted([*each.mark[:2], repr(each.mark[2]), *each.mark[3:]] for each in self.model.points)
        pairs = [sorted(values.items()) for values in (self.model.params, tags, self.files)]
        known = json.dumps([self.model.facts, pairs, marks], separators=(",", ":"))
        return hashlib.sha256(known.encode()).hexdigest()

    def missing(self, own: ModelContent) -> str:
        """What of it the other one lacks, in words; empty when it is there whole. The other one may have more."""
        paths = sorted(path for path in self.files if own.files.get(path) != self.files[path])
        if paths:
            return f"its files differ: {', '.join(paths[:3])}"
        lost = {each.mark for each in self.model.points} - {each.mark for each in own.model.points}
        if lost:
            return f"{len(lost)} metric points that were measured on it are not there"
        tags = {key: value for key, value in self.model.tags.items() if key not in _OWN_TAGS}
        equal = tags.items() <= own.model.tags.items() and self.model.params.items() <= own.model.params.items()
        return "" if equal and self.model.facts == own.model.facts else "its parameters, tags, type or status differ"


class LoggedModelReader(Protocol):
    """Reads them."""

    def iter_models(self, experiment_id: str) -> Iterator[LoggedModel]:
        """An experiment's."""
        ...

    def list_files(self, model: LoggedModel) -> list[Artifact]:
        """A model's files; see `Source.list_files`."""
        ...

    def read_file(self, model: LoggedModel, path: str) -> Iterator[bytes]:
        """A file's bytes in pieces."""
        ...


class LoggedModelTarget(LoggedModelReader, Protocol):
    """Writes them, and reads again what was written."""

    def find(self, model: LoggedModel, experiment_id: str) -> LoggedModel | None:
        """The one that came from this one, as it is now: its own id, and the ids that runs had where they came from."""
        ...

    def is_complete(self, own: LoggedModel, content: ModelContent) -> bool:
        """Whether everything of one that was found is there already; its deletion is caught up with."""
        ...

    def put_file(self, model: LoggedModel, experiment_id: str, file: Artifact, pieces: Iterable[bytes]) -> None:
        """Write a file."""
        ...

    def put(self, model: LoggedModel, experiment_id: str) -> None:
        """Write what is known of it, after its files; what is there already stays."""
        ...

    def close(self, own: LoggedModel, digest: str) -> None:
        """Remember that everything of it is there."""
        ...
