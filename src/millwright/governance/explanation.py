"""A version, and a prediction, with everything behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from millwright.governance.evidence import (
    ApprovalEvidence,
    CodeEvidence,
    DatasetEvidence,
    EnvironmentEvidence,
    GateEvidence,
    HistoryEvidence,
    PipelineEvidence,
    TrainingEvidence,
    moment,
    quantized,
    shown,
)

if TYPE_CHECKING:
    from typing import Protocol

    class _HasLines(Protocol):
        def lines(self) -> Iterator[str]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionExplanation:
    """How a model version came to be.

    Attributes:
        state: Its present state.
        aliases: Those it carries now.
        package: Digest of the stored package.
        compilation: What became of the compiled model.
        metrics: On the test rows.
        gates_passed: None when it has no gate report.
        history: Audit entries about it, oldest first.
        missing: What the stores should hold and don't, one sentence each.
    """

    ref: str
    id: str
    state: str
    aliases: tuple[str, ...]
    registered_at: datetime
    registered_by: str
    package: str
    size_bytes: int
    flavor: str
    task: str
    target: str
    compilation: Mapping[str, Any]
    metrics: Mapping[str, float]
    training: TrainingEvidence | None = None
    pipeline: PipelineEvidence | None = None
    datasets: tuple[DatasetEvidence, ...] = ()
    quarantined: tuple[DatasetEvidence, ...] = ()
    code: CodeEvidence | None = None
    environment: EnvironmentEvidence | None = None
    gates_passed: bool | None = None
    gates: tuple[GateEvidence, ...] = ()
    approvals: tuple[ApprovalEvidence, ...] = ()
    history: tuple[HistoryEvidence, ...] = ()
    missing: tuple[str, ...] = ()

    def to_text(self) -> Iterator[str]:
        """Lines for the terminal."""
        carried = f", {' and '.join(self.aliases)}" if self.aliases else ""
        yield f"Model {self.ref} ({self.state}{carried})"
        yield f"  registered {moment(self.registered_at)} by {self.registered_by}"
        yield f"  predicts {self.target} ({self.task}); package {self.package[:16]}, {self.size_bytes:,} bytes"
        if self.compilation:
            said = ": ".join(str(self.compilation[key]) for key in ("status", "reason") if self.compilation.get(key))
            yield f"  compiled to ONNX: {said}"
            if bits := quantized(self.compilation):
                yield f"  8-bit weights: {bits}"
        yield f"  test metrics: {shown(self.metrics)}"
        yield from _part("Training", self.training)
        yield from _parts("Data", self.datasets)
        yield from _parts("Quarantine", self.quarantined)
        yield from _part("Pipeline", self.pipeline)
        yield from _part("Code", self.code)
        yield from _part("Environment", self.environment)
        verdict = {True: "passed", False: "failed", None: "no report"}[self.gates_passed]
        yield from _parts(f"Gates ({verdict})", self.gates, always=True)
        yield from _parts("Approvals", self.approvals)
        yield from _parts("History", self.history)
        if self.missing:
            yield "Missing"
            yield from (f"  {sentence}" for sentence in self.missing)


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """How a prediction came to be.

    Attributes:
        features: The row as the model saw it.
        outputs: What it answered.
        label: What really happened, when known.
        aliases_then: The aliases that the version carried at that moment, as the audit log tells.
        version: The version that answered.
    """

    prediction_id: str
    endpoint: str
    at: datetime
    model: str
    features: Mapping[str, Any]
    outputs: Mapping[str, Any]
    latency_ms: float
    version: VersionExplanation
    aliases_then: tuple[str, ...] = ()
    key: str | None = None
    request_id: str = ""
    label: Any = None
    labelled_at: datetime | None = field(default=None)

    def to_text(self) -> Iterator[str]:
        """Lines for the terminal."""
        yield f"Prediction {self.prediction_id}"
        yield f"  {moment(self.at)}, endpoint {self.endpoint}, {self.latency_ms:.2f} ms"
        if self.key is not None:
            yield f"  the caller's key: {self.key}"
        yield f"  answer: {shown(self.outputs)}"
        if self.labelled_at is not None:
            yield f"  truth: {shown(self.label)}, known since {moment(self.labelled_at)}"
        carried = " and ".join(self.aliases_then) or "no alias"
        yield f"  model {self.model}, which carried {carried} then"
        yield "Features"
        width = max((len(name) for name in self.features), default=0)
        # What the model saw is evidence: every digit of it.
        yield from (
            f"  {name:<{width}}  {value if isinstance(value, float) else shown(value)}"
            for name, value in self.features.items()
        )
        yield from self.version.to_text()


def _part(title: str, part: _HasLines | None) -> Iterator[str]:
    return _parts(title, () if part is None else (part,))


def _parts(title: str, parts: Iterable[_HasLines], *, always: bool = False) -> Iterator[str]:
    lines = [line for part in parts for line in part.lines()]
    if lines or always:
        yield title
        yield from (f"  {line}" for line in lines)
