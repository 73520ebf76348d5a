"""What a model card tells, gathered from the stores."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.errors import MillwrightError
from millwright.core.records.model import ModelVersionRecord
from millwright.evaluation.gates.result import GateReport
from millwright.evaluation.report import EvaluationReport
from millwright.governance.card.limitation import find_limitations
from millwright.governance.explanation import VersionExplanation
from millwright.governance.gathering import Gatherer
from millwright.governance.why import explain_version
from millwright.models.signature import Signature

if TYPE_CHECKING:
    from millwright.core.ids import Digest
    from millwright.storage.catalog import Stores

_CONTRACT_BYTES = 20_000  # of a contract's text that a card shows


@dataclass(frozen=True, kw_only=True, slots=True)
class CardContent:
    """All that a card tells.

    Attributes:
        version: The version's record.
        explanation: How it came to be.
        signature: None when the record has none that can be read.
        report: Its evaluation; None when there is none.
        gates: Its gate report; None when there is none.
        contract: Name and text of the data contract; None when none was used or kept.
        limitations: What the evidence itself shows as weak, one sentence each.
    """

    version: ModelVersionRecord
    explanation: VersionExplanation
    signature: Signature | None
    report: EvaluationReport | None
    gates: GateReport | None
    contract: tuple[str, str] | None
    limitations: tuple[str, ...]


def gather_card(version: ModelVersionRecord, *, stores: Stores) -> CardContent:
    """Read all that a card tells.

    Args:
        version: Whose card; only `name` and `version` are taken from it.
        stores: Where everything is.

    Raises:
        NotFoundError: There is no such version.
    """
    present = stores.models.get_version(version.name, version.version)
    gatherer = Gatherer(present, stores)
    explanation = explain_version(present.ref, stores=stores)
    report = _report(gatherer)
    return CardContent(
        version=present,
        explanation=explanation,
        signature=_signature(present),
        report=report,
        gates=gatherer.gates(),
        contract=_contract(present, stores),
        limitations=find_limitations(report, explanation),
    )


def _report(gatherer: Gatherer) -> EvaluationReport | None:
    data = gatherer.document("evaluation.json")
    try:
        return None if data is None else EvaluationReport.from_json(data)
    except MillwrightError:
        return None


def _signature(version: ModelVersionRecord) -> Signature | None:
    try:
        return Signature.from_json(version.signature)
    except MillwrightError:
        return None


def _contract(version: ModelVersionRecord, stores: Stores) -> tuple[str, str] | None:
    """The contract file that a step of the run was given, from the kept code."""
    if version.pipeline_run_id is None or version.code is None or version.code.snapshot is None:
        return None
    try:
        steps = stores.pipelines.list_step_runs(version.pipeline_run_id)
        named = next((str(step.params["contract"]) for step in steps if step.params.get("contract")), None)
        return None if named is None else _member(stores, version.code.snapshot, named)
    except MillwrightError:
        return None


def _member(stores: Stores, snapshot: Digest, named: str) -> tuple[str, str] | None:
    wanted = named.replace("\\", "/").split("/")
    with zipfile.ZipFile(io.BytesIO(stores.artifacts.get(snapshot))) as archive:
        for member in archive.namelist():
            parts = member.split("/")
            if parts == wanted[-len(parts) :] and archive.getinfo(member).file_size <= _CONTRACT_BYTES:
                return member, archive.read(member).decode("utf-8", errors="replace")
    return None
