"""Audit events, chained by hash, and lineage edges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from millwright.core.digest import digest_json
from millwright.core.ids import Digest

GENESIS_HASH = Digest("0" * 64)


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEvent:
    """One entry of the audit log.

    Attributes:
        seq: 1, 2, 3 … without a gap.
        action: Dotted verb, such as `model.promote`.
        subject: What was acted on, such as `schedule-delay@3`.
        previous_hash: The hash of the entry before; 64 zeros for the first.
        hash: Over every other field, in canonical JSON; see `audit_hash`.
    """

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]
    previous_hash: Digest
    hash: Digest


def audit_hash(
    *, seq: int, at: datetime, actor: str, action: str, subject: str, details: Mapping[str, Any], previous_hash: Digest
) -> Digest:
    """The hash of an entry: SHA-256 over the canonical JSON of its other fields, the time as ISO 8601 in UTC."""
    return digest_json([seq, at.isoformat(), actor, action, subject, dict(details), previous_hash])


class NodeKind(StrEnum):
    """What a lineage node can be."""

    SOURCE = "source"  # a file or URL: id is `uri#digest`
    DATASET = "dataset"  # id is `name@version`
    STEP_RUN = "step_run"  # id of the step run
    PIPELINE_RUN = "pipeline_run"  # id of the pipeline run
    RUN = "run"  # id of the tracked run
    VALUE = "value"  # digest of a value between steps
    MODEL_VERSION = "model_version"  # id is `name@version`
    FEATURE = "feature"  # a version of a definition: id is `kind/name@version`, such as `view/history@3`
    PREDICTION = "prediction"  # id of the prediction


@dataclass(frozen=True, kw_only=True, slots=True)
class LineageEdge:
    """`target` came to be from `source`.

    Attributes:
        relation: `read`, `wrote`, `part_of`, `trained_on`, ….
    """

    source_kind: NodeKind
    source_id: str
    relation: str
    target_kind: NodeKind
    target_id: str
    at: datetime
