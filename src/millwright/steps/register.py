"""Register: a version with its evidence, all in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl

from millwright.core.digest import digest_bytes
from millwright.core.records.model import ModelVersionRecord, ModelVersionState
from millwright.evaluation.gates.check import GateReport
from millwright.evaluation.page import evaluation_page
from millwright.evaluation.report import EvaluationReport
from millwright.governance.card.card import build_card
from millwright.models.package import read_manifest, unpack
from millwright.monitoring.reference import build_reference
from millwright.pipelines.context import StepContext
from millwright.pipelines.step import step
from millwright.registry.draft import VersionDraft
from millwright.registry.registry import Registry
from millwright.storage.catalog import Stores
from millwright.tracking.environment import capture_environment

if TYPE_CHECKING:
    from millwright.core.ids import Digest
    from millwright.core.records.pipeline import StepRunRecord


@step(cache=False)
def register(
    ctx: StepContext, package: bytes, report: EvaluationReport, gates: GateReport, train: pl.DataFrame, name: str
) -> ModelVersionRecord:
    """Register a package as a version, with evaluation, gate report, reference, model card and lineage.

    Never cached, and yet idempotent: a package that is registered gives the version that is there.

    Args:
        ctx: Given by the runner.
        package: The packaged model.
        report: Its evaluation.
        gates: Its gate report: the version is approved when it passed, rejected when not.
        train: The rows that it was trained on, from which monitoring takes its reference.
        name: The registered model's name.
    """
    registry, stores = ctx.service(Registry), ctx.service(Stores)
    digest = digest_bytes(package)
    known = stores.models.find_by_package(name, digest)
    if known is not None:
        ctx.note(version=known.ref, state=known.state.value, new=False)
        return known
    draft = _draft(package, report, gates, train, name, ctx)
    version = registry.register(draft)
    if gates.passed:
        version = registry.decide_by_gates(version, passed=True, reason="every gate passed")
    else:
        failed = ", ".join(result.gate for result in gates.results if not result.passed)
        version = registry.decide_by_gates(version, passed=False, reason=f"failed: {failed}")
    version = _attach_card(version, report, gates, stores)
    ctx.note(version=version.ref, state=version.state.value, new=True)
    return version
