"""Register: a version with its evidence, all in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl

from millwright.core.digest import digest_bytes
from millwright.core.records.model import ModelVersionRecord, ModelVersionState
from millwright.data.features.feature_lookup import LOOKUP, FeatureLookup
from millwright.evaluation.gates.result import GateReport
from millwright.evaluation.report import EvaluationReport
from millwright.models.package import PackageLoader, read_manifest
from millwright.monitoring.reference import ReferenceOptions, build_reference
from millwright.pipelines.context import StepContext
from millwright.pipelines.step import step
from millwright.registry.draft import VersionDraft
from millwright.registry.registry import Registry
from millwright.steps.earlier import EARLIER
from millwright.steps.training_run import training_run
from millwright.storage.catalog import Stores
from millwright.tracking.environment import capture_environment
from millwright.training.continuation import RECORD as WARM_START

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.ids import Digest, StepRunId
    from millwright.core.records.pipeline import StepRunRecord

_GATES_FAILED = "gates failed: "


@step(cache=False)
def register(
    ctx: StepContext,
    package: bytes,
    report: EvaluationReport,
    gates: GateReport,
    train: pl.DataFrame,
    test: pl.DataFrame,
    name: str,
    time: str | None = None,
) -> ModelVersionRecord:
    """Register a package as a version, with evaluation, gate report, reference, model card and lineage.

    Never cached, and yet idempotent: a package that is registered gives the version that is there. When it was rejected
    by gates that it passes now (another `gates.yaml`, another champion), the new verdict takes the place of the old
    one; a person's refusal stands.

    Args:
        ctx: Given by the runner.
        package: The packaged model.
        report: Its evaluation.
        gates: Its gate report; a version that failed is registered too, as rejected.
        train: The rows that it was trained on, from which monitoring takes its reference.
        test: The rows that it was tested on; the reference of its answers.
        name: The registered model's name.
        time: Column of both tables that says when their rows are from (dates, moments, or ISO 8601 text), whether the
            model takes it or not: monitoring's reference keeps it, for seasons (`season_column`). None keeps none but
            the dates that the model takes. A version that is there already keeps the reference that it has.

    Raises:
        InvalidInputError: There is no such column of moments.
    """
    stores, registry = ctx.service(Stores), ctx.service(Registry)
    known = stores.models.find_by_package(name, digest_bytes(package))
    if known is not None:
        if gates.passed and _gates_rejected(stores, known):
            known = _acquit(ctx, known, _verdict(ctx, package, report, gates))
        ctx.note(version=known.ref, state=known.state.value, new=False)
        return known
    options = ReferenceOptions(metrics=report.metrics, time=time or "")
    documents = {**_verdict(ctx, package, report, gates), **_surroundings(ctx, package, (train, test), options)}
    draft = _draft(ctx, package, report, name, documents)
    # One change: a version is never seen without its verdict, whenever this process may die.
    with stores.transactions.transaction():
        version = registry.register(draft)
        new = version.pipeline_run_id == ctx.pipeline_run_id  # not so when another run was faster by a moment
        if new and not gates.passed:
            failed = ", ".join(result.gate for result in gates.results if not result.passed)
            version = registry.reject(name, version.version, reason=f"{_GATES_FAILED}{failed}")
        if new:
            version = registry.attach(name, version.version, _cards(ctx, version))
    ctx.note(version=version.ref, state=version.state.value, new=new)
    return version


def _gates_rejected(stores: Stores, version: ModelVersionRecord) -> bool:
    """Whether it was gates, and nobody else after them, that spoke against a version."""
    decisions = stores.models.list_approvals(version.name, version.version)
    if version.state is not ModelVersionState.REJECTED or not decisions:
        return False
    return not decisions[-1].approved and decisions[-1].reason.startswith(_GATES_FAILED)


def _acquit(ctx: StepContext, version: ModelVersionRecord, verdict: dict[str, Digest]) -> ModelVersionRecord:
    stores, registry = ctx.service(Stores), ctx.service(Registry)
    with stores.transactions.transaction():
        stores.models.lock_model(version.name)
        if _gates_rejected(stores, stores.models.get_version(version.name, version.version)):
            reason = f"gates passed when they were checked again by run {ctx.pipeline_run_id}"
            registry.approve(version.name, version.version, reason=reason)
            changed = registry.attach(version.name, version.version, verdict)
            registry.attach(version.name, version.version, _cards(ctx, changed))
        return stores.models.get_version(version.name, version.version)


def _verdict(ctx: StepContext, package: bytes, report: EvaluationReport, gates: GateReport) -> dict[str, Digest]:
    from millwright.evaluation.page import evaluation_page

    training = read_manifest(package)["training"]
    baseline = [training["baseline"]] if "baseline" in training else []  # a model that was adopted has neither
    leaderboard = [*training.get("leaderboard", ()), *baseline]
    page = evaluation_page(report, leaderboard=leaderboard, gates=gates, title=ctx.pipeline)
    contents = {
        "evaluation.json": report.to_json(),
        "gates.json": msgspec.json.encode(gates, order="deterministic"),
        "report.html": page.encode(),
    }
    artifacts = ctx.service(Stores).artifacts
    return {document: artifacts.put(data) for document, data in contents.items()}


def _surroundings(
    ctx: StepContext, package: bytes, rows: tuple[pl.DataFrame, pl.DataFrame], options: ReferenceOptions
) -> dict[str, Digest]:
    model = ctx.service(PackageLoader).model(package)
    train, test = (part.filter(pl.col(model.signature.target).is_not_null()) for part in rows)
    contents = {
        "environment.json": msgspec.json.encode(capture_environment(), order="deterministic"),
        "reference.parquet": build_reference(train, model, held_out=test, options=options),
    }
    artifacts = ctx.service(Stores).artifacts
    return {document: artifacts.put(data) for document, data in contents.items()}


def _cards(ctx: StepContext, version: ModelVersionRecord) -> dict[str, Digest]:
    from millwright.governance.card.card import card_html, card_markdown

    stores = ctx.service(Stores)
    cards = {"card.md": card_markdown(version, stores=stores), "card.html": card_html(version, stores=stores)}
    return {document: stores.artifacts.put(text.encode()) for document, text in cards.items()}


def _draft(
    ctx: StepContext, package: bytes, report: EvaluationReport, name: str, documents: dict[str, Digest]
) -> VersionDraft:
    stores = ctx.service(Stores)
    manifest: dict[str, Any] = read_manifest(package)
    training, digest = manifest["training"], digest_bytes(package)
    steps = stores.pipelines.list_step_runs(ctx.pipeline_run_id)
    packed = next((done for done in steps if any(output.digest == digest for output in done.outputs)), None)
    return VersionDraft(
        name=name,
        package=digest,
        size_bytes=len(package),
        flavor=str(manifest["flavor"]),
        signature=manifest["signature"],
        run_id=training_run(stores.pipelines, steps, ctx.tracking_run_id),
        pipeline_run_id=ctx.pipeline_run_id,
        step_run_id=_origin(packed) if packed else ctx.step_run_id,
        code=stores.pipelines.get_pipeline_run(ctx.pipeline_run_id).code,
        # Each dataset version that a step of this run read or made says so in its note.
        datasets=tuple(sorted({str(done.summary["dataset"]) for done in steps if "dataset" in done.summary})),
        params={key: training[key] for key in ("candidate", "params", "metric", "seed") if key in training}
        | _warm_start(steps, training)
        | _services(steps)
        | _lookup(steps, manifest["signature"]),
        metrics=dict(report.metrics),
        compilation=manifest.get("compilation") or {},
        documents=documents,
    )


def _warm_start(steps: Sequence[StepRunRecord], training: Mapping[str, Any]) -> dict[str, Any]:
    """What the training went on from: as it says itself, or as a step was given an earlier model."""
    if WARM_START in training:
        return {WARM_START: training[WARM_START]}
    given = [str(done.summary[EARLIER]) for done in steps if EARLIER in done.summary]
    return {WARM_START: {"version": given[-1]}} if given else {}


def _services(steps: Sequence[StepRunRecord]) -> dict[str, Any]:
    """The feature service that the training rows' features came from: what has to be read to predict."""
    found = sorted({str(done.summary["feature_service"]) for done in steps if done.summary.get("feature_service")})
    return {"feature_service": ", ".join(found)} if found else {}


def _lookup(steps: Sequence[StepRunRecord], signature: Mapping[str, Any]) -> dict[str, Any]:
    """Which columns of the signature are features, and by which keys they are looked up.

    Nothing where two training sets of different features took part: which of them a column came from cannot be told.
    """
    noted = [done.summary[LOOKUP] for done in steps if done.summary.get(LOOKUP)]
    if not noted or any(each != noted[0] for each in noted):
        return {}
    lookup = FeatureLookup.from_json(noted[0]).limited_to(column["name"] for column in signature["inputs"])
    return {LOOKUP: lookup.to_json()} if lookup.columns else {}


def _origin(done: StepRunRecord) -> StepRunId:
    return done.cached_from or done.id
