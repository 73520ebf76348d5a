"""What is carried between places: MLflow's own notions, with times in milliseconds since 1970 as it has them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from millwright.core.records.run_input import DatasetInput

_LARGEST = 1.7976931348623157e308  # what MLflow's stores make of infinity


class Point(NamedTuple):
    """One value of one metric; NaN and infinities are themselves."""

    key: str
    value: float
    timestamp_ms: int
    step: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Experiment:
    """An experiment; `id` is that of its own place."""

    id: str
    name: str
    created_ms: int
    updated_ms: int
    deleted: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A run without its points and files.

    Attributes:
        id: Of its own place.
        status: RUNNING, FINISHED, ….
        artifact_uri: Where its place keeps its files.
    """

    id: str
    experiment_id: str
    name: str
    status: str
    start_ms: int
    end_ms: int | None = None
    user: str = ""
    deleted: bool = False
    artifact_uri: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[DatasetInput, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """A file of a run.

    Attributes:
        path: Below the run's folder, parts joined by `/`.
        digest: SHA-256 of its bytes, if the place knows it without reading them.
    """

    path: str
    size_bytes: int
    digest: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """A registered model with its aliases (alias → version)."""

    name: str
    created_ms: int
    updated_ms: int
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """A version of a registered model."""

    name: str
    version: int
    created_ms: int
    updated_ms: int
    source: str = ""
    run_id: str = ""
    run_link: str = ""
    description: str = ""
    user: str = ""
    stage: str = "None"
    status: str = "READY"
    status_message: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


ORIGIN_TAG = "millwright.exchange.origin"  # the run's id where it came from, at a place that gives ids of its own
DONE_TAG = "millwright.exchange.digest"  # its digest, once everything of it is there
_OWN_TAGS = frozenset({ORIGIN_TAG, DONE_TAG})


def value_of(stored: float, *, is_nan: bool = False) -> float:
    """A metric's value as it was logged, from what MLflow keeps of it."""
    if is_nan:
        return math.nan
    if abs(stored) >= _LARGEST:
        return math.inf if stored > 0 else -math.inf
    return stored


def points_digest(points: Iterable[Point]) -> tuple[int, str]:
    """How many points there are, and a digest that does not depend on their order.

    Equal points count once: MLflow's stores keep them once.
    """
    count, total = 0, 0
    seen: set[bytes] = set()
    for point in points:
        value = "NaN" if math.isnan(point.value) else repr(float(point.value))
        mark = hashlib.sha256(_text([point.key, value, point.timestamp_ms, point.step])).digest()
        if mark in seen:
            continue
        seen.add(mark)
        count += 1
        total = (total + int.from_bytes(mark, "big")) % (1 << 256)
    return count, f"{total:064x}"


def run_digest(run: Run, points: str, files: Mapping[str, str]) -> str:
    """The digest of everything of a run that must be equal at both places.

    Args:
        run: The run; its id, its experiment and where its files are may differ, and so may our own tags.
        points: The digest of its points.
        files: Path → digest of each file.
    """
    tags = {key: value for key, value in run.tags.items() if key not in _OWN_TAGS}
    inputs = sorted(
        [each.name, each.digest, each.source_type, each.source, each.schema, each.profile, sorted(each.tags.items())]
        for each in run.inputs
    )
    facts = [run.name, run.status, run.start_ms, run.end_ms, run.user, run.deleted]
    known = [facts, sorted(run.params.items()), sorted(tags.items()), inputs, points, sorted(files.items())]
    return hashlib.sha256(_text(known)).hexdigest()


def _text(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
