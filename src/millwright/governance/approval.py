"""Which model versions may be promoted without asking anyone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.errors import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.model import ApprovalRecord, ModelVersionRecord
    from millwright.storage.base.artifacts import ArtifactStore

GATES_DOCUMENT = "gates.json"


class GatesPassedPolicy:
    """Lets a version through whose gates passed, or that was approved after that; a `registry.PromotionPolicy`.

    The last decision counts: an approval overrules failed gates, a refusal overrules passed ones.

    Args:
        artifacts: Holds the gate reports: JSON objects with `passed` and `results`, each of the latter with `gate`,
            `passed` and `reason`.
    """

    def __init__(self, artifacts: ArtifactStore) -> None:
        self._artifacts = artifacts

    def check(self, version: ModelVersionRecord, alias: str, approvals: Sequence[ApprovalRecord]) -> list[str]:
        """See `registry.PromotionPolicy.check`; the alias does not matter.

        Raises:
            IntegrityError: The gate report is damaged.
        """
        del alias
        if approvals:
            last = approvals[-1]
            return [] if last.approved else [f"{last.actor} refused it: {last.reason}"]
        digest = version.documents.get(GATES_DOCUMENT)
        if digest is None:
            return [f"It has no gate report ({GATES_DOCUMENT}) and nobody approved it."]
        return _failures(_report(self._artifacts.get(digest), version.ref))


def _report(data: bytes, ref: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(data, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise IntegrityError(
            f"The gate report of {ref} is not a JSON object: {error}.", hint="Evaluate and register the model again."
        ) from error


def _failures(report: dict[str, Any]) -> list[str]:
    if report.get("passed") is True:
        return []
    failed = [result for result in report.get("results", ()) if not result.get("passed")]
    return [f"Gate {result.get('gate')} failed: {result.get('reason')}" for result in failed] or ["Its gates failed."]
