"""What is known about the making of one model version, part by part; JSON-able, and as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


def moment(at: datetime | None) -> str:
    """A time for people, in UTC to the second; a dash when there is none."""
    return at.strftime("%Y-%m-%d %H:%M:%S UTC") if at else "-"


def compiled(compilation: Mapping[str, Any]) -> str:
    """What became of the compiled model, as a sentence: `Proven: agreed on 900 rows; …`."""
    if not compilation:
        return "It was not compiled."
    said = ": ".join(str(compilation[key]) for key in ("status", "reason") if compilation.get(key))
    if compilation.get("status") == "proven" and {"max_difference", "tolerance"} <= set(compilation):
        largest, allowed = shown(float(compilation["max_difference"])), shown(float(compilation["tolerance"]))
        said += f"; the largest difference is {largest}, and {allowed} is allowed"
    bits = quantized(compilation)
    return f"{said[:1].upper()}{said[1:]}." + (f" 8-bit weights: {bits}." if bits else "")


def quantized(compilation: Mapping[str, Any]) -> str:
    """What became of 8-bit weights and what they cost: `used; …`; empty when they were not asked for."""
    found = compilation.get("quantization")
    if not found:
        return ""
    said = ": ".join(str(found[key]) for key in ("status", "reason") if found.get(key))
    if not found.get("size_bytes"):
        return said
    said += f"; on the sample the largest loss is {shown(float(found['loss']))}"
    if found.get("labels_changed"):
        said += f", {found['labels_changed']:.2%} of the labels change"
    return f"{said}; {found['size_bytes']:,} bytes in place of {found['original_bytes']:,}"


def shown(value: Any) -> str:
    """A value for people: floats to four digits, nested values as they are written in JSON."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "-"}[value]
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={shown(found)}" for key, found in value.items()) or "-"
    if isinstance(value, (list, tuple)):
        return ", ".join(shown(found) for found in value) or "-"
    return str(value)


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetEvidence:
    """A dataset version that was trained on, or that was set aside.

    Attributes:
        ref: `name@version`.
        digest: Over schema and rows.
        source_uri: The file or URL it was read from.
        source_digest: Of that file's bytes.
        quarantined_from: For quarantined rows, the version they were taken from.
        reasons: For quarantined rows, reason → rows.
    """

    ref: str
    rows: int
    digest: str
    created_at: datetime
    source_uri: str | None = None
    source_digest: str | None = None
    quarantined_from: str | None = None
    reasons: Mapping[str, int] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        """For the terminal."""
        if self.quarantined_from is not None:
            yield f"{self.ref}: {self.rows:,} rows of {self.quarantined_from} set aside"
            for reason, rows in sorted(self.reasons.items(), key=lambda item: -item[1]):
                yield f"  {rows:,} x {reason}"
            return
        yield f"{self.ref}: {self.rows:,} rows, content {self.digest[:16]}"
        if self.source_uri is not None:
            yield f"  from {self.source_uri}, bytes {(self.source_digest or '-')[:16]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class CandidateEvidence:
    """The best trial of one candidate.

    Attributes:
        metrics: Cross-validated means.
        error: Why it failed; else empty.
    """

    name: str
    params: Mapping[str, Any]
    metrics: Mapping[str, float] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingEvidence:
    """How the model was found.

    Attributes:
        run_id: The tracked run that the trials are nested under.
        trials: Tracked trials under that run.
        candidate: The winner.
        params: Its hyperparameters.
        metric: What decided.
        candidates: All of them, best first.
        notes: What training had to say.
    """

    run_id: str | None
    run_params: Mapping[str, str]
    trials: int
    candidate: str
    params: Mapping[str, Any]
    metric: str
    candidates: tuple[CandidateEvidence, ...] = ()
    notes: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """For the terminal."""
        yield f"run {self.run_id or '-'}, {self.trials} trials"
        yield f"winner {self.candidate}: {shown(self.params)}"
        for candidate in self.candidates:
            value = candidate.metrics.get(self.metric)
            score = f"{self.metric} {shown(value)}" if value is not None else (candidate.error or "no score")
            yield f"  {candidate.name}: {score}"
        yield from self.notes


@dataclass(frozen=True, kw_only=True, slots=True)
class StepEvidence:
    """One step of the pipeline run.

    Attributes:
        status: As in `StepStatus`.
        cached_from: The step run whose result was taken.
        summary: What the step noted.
    """

    step: str
    step_run_id: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    cached_from: str | None
    summary: Mapping[str, Any]

    def lines(self) -> Iterator[str]:
        """For the terminal."""
        yield f"{self.step} ({self.status}): {shown(self.summary)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class PipelineEvidence:
    """The pipeline run that made it.

    Attributes:
        trigger: Who or what started it.
        steps: In the order they started.
    """

    run_id: str
    pipeline: str
    status: str
    trigger: str
    started_at: datetime
    ended_at: datetime | None
    params: Mapping[str, Any]
    steps: tuple[StepEvidence, ...]

    def lines(self) -> Iterator[str]:
        """For the terminal."""
        yield f"{self.pipeline} run {self.run_id}, started {moment(self.started_at)} by {self.trigger} ({self.status})"
        yield f"parameters: {shown(self.params)}"
        for step in self.steps:
            yield from (f"  {line}" for line in step.lines())


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeEvidence:
    """Which code ran.

    Attributes:
        snapshot: Digest of the stored archive of the sources.
        source_digest: Over paths and contents of those files.
    """

    entrypoint: str
    snapshot: str | None
    source_digest: str
    git_commit: str | None
    git_dirty: bool

    def lines(self) -> Iterator[str]:
        """For the terminal."""
        dirty = " with uncommitted changes" if self.git_dirty else ""
        revision = f"git {self.git_commit}{dirty}" if self.git_commit else "not in a git repository"
        kept = f"snapshot {self.snapshot[:16]}" if self.snapshot else "no snapshot kept"
        yield f"{self.entrypoint}, {kept}, sources {self.source_digest[:16]}, {revision}"


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentEvidence:
    """Which interpreter and packages it ran in."""

    python: str
    platform: str
    millwright: str
    packages: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """For the terminal."""
        yield f"Python {self.python} on {self.platform}, millwright {self.millwright}, {len(self.packages)} packages"


@dataclass(frozen=True, kw_only=True, slots=True)
class GateEvidence:
    """What one gate said."""

    gate: str
    passed: bool
    reason: str
    value: float | None = None
    limit: float | None = None

    def lines(self) -> Iterator[str]:
        """For the terminal."""
        yield f"{'passed' if self.passed else 'FAILED'} {self.gate}: {self.reason}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalEvidence:
    """A person's (or policy's) decision."""

    actor: str
    approved: bool
    reason: str
    at: datetime

    def lines(self) -> Iterator[str]:
        """For the terminal."""
        yield f"{moment(self.at)} {self.actor} {'approved' if self.approved else 'refused'}: {self.reason}"


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryEvidence:
    """An audit entry about the version."""

    seq: int
    at: datetime
    actor: str
    action: str
    details: Mapping[str, Any]

    def lines(self) -> Iterator[str]:
        """For the terminal."""
        told = {name: self.details[name] for name in ("alias", "previous", "reason") if self.details.get(name)}
        yield f"#{self.seq} {moment(self.at)} {self.actor} {self.action} {shown(told)}".rstrip(" -")
