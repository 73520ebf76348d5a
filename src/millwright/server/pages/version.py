"""One model version: everything that someone who was not there has to know."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from litestar import get
from litestar.response import Template

from millwright.core.errors import MillwrightError
from millwright.core.ids import StepRunId
from millwright.core.records.audit import NodeKind
from millwright.data.lineage.graph import Node, walk
from millwright.evaluation.metrics.catalog import all_metrics
from millwright.evaluation.report import EvaluationReport
from millwright.evaluation.wording import number, percent, title
from millwright.governance.evidence import quantized
from millwright.governance.why import explain_version
from millwright.server.api.listing import Name, Version
from millwright.server.document import media_type
from millwright.server.injection import FromApp
from millwright.server.pages.element import Badge, Code, Link, Page, Section, Table, Tone
from millwright.server.pages.model import alias_badge
from millwright.server.pages.rendering import show
from millwright.server.pages.run_listing import SYSTEM
from millwright.server.pages.wording import (
    dataset_link,
    digest,
    route,
    run_link,
    shortened,
    size,
    status,
    tracked_link,
    version_link,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.audit import LineageEdge
    from millwright.core.records.model import ModelVersionRecord
    from millwright.governance.explanation import VersionExplanation
    from millwright.server.pages.element import Cell
    from millwright.storage.catalog import Stores

_LINEAGE = 60  # edges shown


@get("/models/{name:str}/{version:int}", sync_to_thread=True, include_in_schema=False)
def show_version(services: FromApp, name: Name, version: Version) -> Template:
    """Show a version: state, aliases, metrics, gates, compilation, lineage, approvals, documents."""
    stores = services.stores
    record = stores.models.get_version(name, version)
    explained = explain_version(record.ref, stores=stores)
    told = _told_by_package(stores, record, explained) if record.package else _told_by_client(stores, record)
    sections = [
        *told,
        Section(title="Approvals", tables=[_approvals(explained)]),
        *([Section(title="Making", details=_making(explained))] if record.package else []),
        Section(title="History", tables=[_history(explained)]),
        Section(title="Lineage", tables=[_lineage(stores, record)]),
        Section(title="Documents", text=[_DOCUMENTS], tables=[_documents(record)]),
    ]
    if record.package is not None:
        text = ["On the machine of this server:"]
        sections.append(Section(title="Proof", text=text, commands=[f"mw reproduce {record.ref}"]))
    return show(
        Page(
            title=record.ref,
            place="/models",
            badges=[status(record.state), *(alias_badge(alias) for alias in explained.aliases)],
            subtitle=_subtitle(record, explained),
            trail=[Link("Models", "/models"), Link(name, route("models", name))],
            sections=sections,
        )
    )


def _subtitle(record: ModelVersionRecord, explained: VersionExplanation) -> str:
    if record.package is None:
        return f"Registered by an MLflow client from {record.source}, without a package. Stage: {record.stage.value}."
    return f"Predicts {explained.target} ({explained.task})."


def _told_by_package(stores: Stores, record: ModelVersionRecord, explained: VersionExplanation) -> list[Section]:
    return [
        _result(record, explained),
        *_source(record),
        Section(title="Metrics", tables=[_metrics(record, _report(stores, record))]),
        Section(title="Gates", text=[_verdict(explained)], tables=[gate_table(explained)]),
    ]


def _told_by_client(stores: Stores, record: ModelVersionRecord) -> list[Section]:
    """What is known of a version that an MLflow client registered: what it said, and what its run measured."""
    facts: list[tuple[str, Cell]] = [
        ("Registered", record.created_at),
        ("By", record.created_by),
        ("Stage", Badge(record.stage.value)),
        ("Changed", record.updated_at),
    ]
    text = [shortened(record.description, 2000)] if record.description else []
    sections = [Section(title="Result", text=text, facts=facts), *_source(record)]
    with suppress(MillwrightError):
        run = stores.runs.get_run(record.run_id) if record.run_id else None
        if run is not None and run.metrics:
            rows: list[list[Cell]] = [[key, value] for key, value in run.metrics.items() if not key.startswith(SYSTEM)]
            sections.append(Section(title="Metrics of its run", tables=[Table(headers=["Metric", "Last"], rows=rows)]))
    return sections


def _source(record: ModelVersionRecord) -> list[Section]:
    """What clients said of a version, and the run behind it; no section when there is nothing of it."""
    told: list[tuple[str, Cell]] = []
    if record.source:
        told.append(("Source", Code(record.source)))
    if record.location and record.location != record.source:
        told.append(("Files", Code(record.location)))
    if record.run_id:
        told.append(("Tracked run", tracked_link(record.run_id)))
    if record.run_link:
        told.append(("Its page", Code(record.run_link)))
    if record.model_id:
        told.append(("Logged model", Link(record.model_id, route("logged-models", record.model_id))))
    told += [(key, shortened(value, 400)) for key, value in record.tags.items()]
    return [Section(title="Source and tags", details=told)] if told else []


_DOCUMENTS = "Made by the pipeline that trained it. They open apart from this server, without access to it."


def gate_table(explained: VersionExplanation) -> Table:
    """What each gate said, with its reason."""
    rows: list[list[Cell]] = [
        [
            Badge("passed", Tone.GOOD) if gate.passed else Badge("failed", Tone.BAD),
            gate.gate.replace("_", " "),
            gate.value,
            gate.limit,
            gate.reason,
        ]
        for gate in explained.gates
    ]
    return Table(headers=["Result", "Gate", "Value", "Limit", "Reason"], rows=rows, empty="No gate report is attached.")


def _verdict(explained: VersionExplanation) -> str:
    verdicts = {True: "All gates passed.", False: "Not all gates passed.", None: "Its gates are not known."}
    return verdicts[explained.gates_passed]


def _result(record: ModelVersionRecord, explained: VersionExplanation) -> Section:
    compilation = record.compilation
    facts: list[tuple[str, Cell]] = [
        ("Registered", record.created_at),
        ("By", record.created_by),
        ("Compiled to ONNX", status(str(compilation["status"])) if "status" in compilation else None),
        ("Package", size(record.size_bytes)),
    ]
    told = [f"Compilation: {compilation['reason']}."] if compilation.get("reason") else []
    if bits := quantized(compilation):
        told.append(f"8-bit weights: {bits}.")
    return Section(title="Result", text=[*told, *explained.missing], facts=facts)


def _report(stores: Stores, record: ModelVersionRecord) -> EvaluationReport | None:
    """The evaluation, for its intervals; the page does without when it is gone or of another form."""
    if "evaluation.json" in record.documents:
        with suppress(MillwrightError):
            return EvaluationReport.from_json(stores.artifacts.get(record.documents["evaluation.json"]))
    return None


def _metrics(record: ModelVersionRecord, report: EvaluationReport | None) -> Table:
    known = all_metrics()
    rows: list[list[Cell]] = []
    for name, value in record.metrics.items():
        interval = report.intervals.get(name) if report else None
        rows.append(
            [
                title(name),
                value,
                f"{number(interval[0])} to {number(interval[1])}" if interval else None,
                report.baseline.get(name) if report else None,
                known[name].description if name in known else None,
            ]
        )
    headers = ["Metric", "Value", f"{percent(report.confidence)} interval" if report else "Interval", "Baseline"]
    caption = f"On {report.rows:,} test rows that the model has not seen." if report else ""
    return Table(headers=[*headers, "Meaning"], rows=rows, caption=caption, empty="No test metrics are recorded.")


def _approvals(explained: VersionExplanation) -> Table:
    rows: list[list[Cell]] = [
        [Badge("approved", Tone.GOOD) if a.approved else Badge("refused", Tone.BAD), a.actor, a.at, a.reason or None]
        for a in explained.approvals
    ]
    empty = "No person has decided about it; it stands as its gates left it."
    return Table(headers=["Decision", "By", "At", "Reason"], rows=rows, empty=empty)


def _making(explained: VersionExplanation) -> list[tuple[str, Cell]]:
    told: list[tuple[str, Cell]] = []
    if explained.training:
        told += [("Candidate", explained.training.candidate), ("Parameters", words(explained.training.params))]
        told.append(("Trials", explained.training.trials))
    if explained.pipeline:
        told += [("Pipeline run", run_link(explained.pipeline.run_id)), ("Started by", explained.pipeline.trigger)]
    told += [("Data", dataset_link(dataset.ref)) for dataset in explained.datasets]
    told += [("Quarantine", dataset_link(dataset.ref)) for dataset in explained.quarantined]
    if explained.code:
        told += [("Code", Code(explained.code.entrypoint)), ("Sources", digest(explained.code.source_digest))]
        told.append(("Git commit", explained.code.git_commit))
    if explained.environment:
        environment = explained.environment
        told.append(("Environment", f"Python {environment.python}, {environment.platform}"))
    return [*told, ("Package", digest(explained.package))]


def _history(explained: VersionExplanation) -> Table:
    rows: list[list[Cell]] = [
        [entry.seq, entry.at, entry.actor, entry.action, str(entry.details.get("reason") or "") or None]
        for entry in explained.history
    ]
    return Table(headers=["Entry", "At", "By", "Action", "Reason"], rows=rows, caption="From the audit log.")


def _lineage(stores: Stores, record: ModelVersionRecord) -> Table:
    lineage = walk(stores.lineage, Node(NodeKind.MODEL_VERSION, record.ref))
    rows = [_edge(stores, edge) for edge in lineage.edges[:_LINEAGE]]
    more = len(lineage.edges) - len(rows)
    caption = f"{more:,} more connections are in /api/v1/lineage." if more else "What it came from, nearest first."
    return Table(headers=["What", "", "Came from", ""], rows=rows, caption=caption, empty="None is recorded.")


def _edge(stores: Stores, edge: LineageEdge) -> Sequence[Cell]:
    return [
        edge.target_kind.value.replace("_", " "),
        _node(stores, edge.target_kind, edge.target_id),
        f"{edge.relation.replace('_', ' ')} {edge.source_kind.value.replace('_', ' ')}",
        _node(stores, edge.source_kind, edge.source_id),
    ]


def _node(stores: Stores, kind: NodeKind, node_id: str) -> Cell:
    if kind is NodeKind.MODEL_VERSION:
        return version_link(node_id)
    if kind is NodeKind.DATASET:
        return dataset_link(node_id)
    if kind is NodeKind.PIPELINE_RUN:
        return run_link(node_id)
    if kind is NodeKind.STEP_RUN:
        with suppress(MillwrightError):
            step = stores.pipelines.get_step_run(StepRunId(node_id))
            return Link(step.step, route("runs", step.pipeline_run_id))
    if kind is NodeKind.SOURCE:
        uri, _, found = node_id.rpartition("#")
        return Code(uri.rpartition("/")[2] or node_id, f"{uri} {found}")
    return Code(f"…{node_id[-8:]}", node_id)


def _documents(record: ModelVersionRecord) -> Table:
    rows: list[list[Cell]] = [
        [
            Link(name, route("models", record.name, record.version, "documents", name)),
            "opens" if media_type(name) else "is saved",
            digest(found),
        ]
        for name, found in sorted(record.documents.items())
    ]
    return Table(headers=["Document", "", "Digest"], rows=rows, empty="None are attached.")
