"""`mw why`: how a prediction, or a model version, came to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import NotFoundError, closest
from millwright.governance.explanation import Explanation, VersionExplanation
from millwright.governance.gathering import Gatherer, gate_evidence

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.core.ids import PredictionId
    from millwright.core.records.model import ModelVersionRecord
    from millwright.core.records.prediction import LabelRecord
    from millwright.storage.catalog import Stores

_MOVES = frozenset({"model.promote", "model.rollback"})
_REMOVAL = "model.delete_alias"
_HISTORY = 10_000  # audit entries of one version


def explain_prediction(prediction_id: PredictionId, *, stores: Stores) -> Explanation:
    """Everything behind one prediction.

    Args:
        prediction_id: As the server returned it, whole.
        stores: Where everything is; nothing else is needed.

    Raises:
        NotFoundError: No such prediction was logged, or the version that made it is gone.
    """
    record = stores.predictions.find(prediction_id)
    if record is None:
        raise NotFoundError(
            f"There is no prediction '{prediction_id}' in the log.",
            hint="Give the whole id as the answer carried it; the log is written a moment after the answer.",
        )
    version = stores.models.get_version(record.model, record.version)
    label = _find_label(prediction_id, record.endpoint, stores)
    return Explanation(
        prediction_id=record.id,
        endpoint=record.endpoint,
        at=record.at,
        model=version.ref,
        features=record.features,
        outputs=record.outputs,
        latency_ms=record.latency_ms,
        key=record.key,
        request_id=record.request_id,
        label=label.value if label else None,
        labelled_at=label.recorded_at if label else None,
        aliases_then=aliases_at(version, record.at, stores),
        version=_explain(version, stores),
    )


def explain_version(ref: str, *, stores: Stores) -> VersionExplanation:
    """Everything behind one model version.

    Args:
        ref: `name@version`, such as `schedule-delay@3`.
        stores: Where everything is.

    Raises:
        NotFoundError: The text is no such reference, or there is no such model or version; names the closest.
    """
    name, at, version = ref.rpartition("@")
    if not at or not version.isdigit():
        known = [record.ref for record in stores.models.list_versions()]
        raise NotFoundError(f"Expected a version as name@number, found '{ref}'.", hint=closest(ref, known))
    return _explain(stores.models.get_version(name, int(version)), stores)


def aliases_at(version: ModelVersionRecord, at: datetime, stores: Stores) -> tuple[str, ...]:
    """The aliases that a version carried at a moment, replayed from the audit log, by name."""
    moves = [
        (entry.seq, str(entry.details.get("alias")), other.version if entry.action in _MOVES else None)
        for other in stores.models.list_versions(version.name)
        for entry in stores.audit.list(subject=other.ref, limit=_HISTORY)
        if entry.at <= at and (entry.action in _MOVES or entry.action == _REMOVAL)
    ]
    holders = {alias: holder for _, alias, holder in sorted(moves, key=lambda move: move[0])}
    return tuple(sorted(alias for alias, holder in holders.items() if holder == version.version))


def _find_label(prediction_id: PredictionId, endpoint: str, stores: Stores) -> LabelRecord | None:
    labels = stores.predictions.iter_labels(endpoint)
    return next((label for label in labels if label.prediction_id == prediction_id), None)


def _explain(version: ModelVersionRecord, stores: Stores) -> VersionExplanation:
    gatherer = Gatherer(version, stores)
    gates = gatherer.gates()
    return VersionExplanation(
        ref=version.ref,
        id=version.id,
        state=version.state.value,
        aliases=gatherer.aliases(),
        registered_at=version.created_at,
        registered_by=version.created_by,
        package=version.package or "",
        size_bytes=version.size_bytes,
        flavor=version.flavor,
        task=str(version.signature.get("task", "-")),
        target=str(version.signature.get("target", "-")),
        compilation=version.compilation,
        metrics=version.metrics,
        training=gatherer.training(),
        pipeline=gatherer.pipeline(),
        datasets=gatherer.datasets(),
        quarantined=gatherer.quarantined(),
        code=gatherer.code(),
        environment=gatherer.environment(),
        gates_passed=None if gates is None else gates.passed,
        gates=() if gates is None else gate_evidence(gates),
        approvals=gatherer.approvals(),
        history=gatherer.history(),
        missing=tuple(gatherer.missing),
    )
