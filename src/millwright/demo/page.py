"""The demonstration's report: one HTML file with everything in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from millwright.core.records.monitor import Outcome
from millwright.demo.project import MODEL
from millwright.evaluation.gates.result import GateReport
from millwright.evaluation.page import html_report
from millwright.evaluation.presentation import evaluation_sections
from millwright.evaluation.report import EvaluationReport
from millwright.evaluation.section import Badge, Section, Table, Tone
from millwright.models.package import unpack
from millwright.monitoring.page import report_sections

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from millwright.core.records.model import ModelVersionRecord
    from millwright.core.records.monitor import DecisionRecord
    from millwright.demo.scenario import Findings
    from millwright.demo.stage import Stage
    from millwright.evaluation.section import Cell
    from millwright.workspace.workspace import Workspace

PAGE = "report.html"
_TONES = {Outcome.PROMOTED: Tone.GOOD, Outcome.KEPT: Tone.WARN, Outcome.UNCHANGED: Tone.NEUTRAL}


def write_page(workspace: Workspace, findings: Findings, stages: Sequence[Stage]) -> Path:
    """Write the report into the workspace's folder.

    Args:
        workspace: After the scenario.
        findings: What the scenario found.
        stages: What happened in which order.
    """
    sections = [_loop(findings, stages)]
    if findings.report is not None:
        sections += report_sections(findings.report, workspace.monitor.read_document(findings.report))
    if findings.decision is not None:
        sections.append(_decision(findings.decision))
    for version in workspace.stores.models.list_versions(MODEL):
        sections += _version(workspace, version)
    sections.append(_proof(findings))
    page = html_report(
        "Once around the loop",
        sections,
        subtitle="Train, gate, serve, watch, retrain, decide, prove: what mw demo did, with the figures.",
        footer=f"Made by mw demo on {workspace.clock.now():%Y-%m-%d %H:%M} UTC.",
    )
    path = workspace.folder / PAGE
    path.write_text(page, encoding="utf-8")
    return path


def _loop(findings: Findings, stages: Sequence[Stage]) -> Section:
    rows: list[list[Cell]] = [[stage.name, stage.what, round(stage.seconds or 0.0, 1)] for stage in stages]
    decision = findings.decision
    outcome: Cell = Badge(decision.outcome.value, _TONES.get(decision.outcome, Tone.BAD)) if decision else "no alert"
    facts: list[tuple[str, Cell]] = [
        ("Decision", outcome),
        ("Failed requests during the swap", findings.failed_requests),
        ("Audit entries", findings.audit_entries),
        ("Seconds", round(sum(stage.seconds or 0.0 for stage in stages))),
    ]
    return Section(
        title="What happened",
        facts=facts,
        tables=[Table(headers=["Stage", "What happened", "Seconds"], rows=rows)],
    )


def _decision(decision: DecisionRecord) -> Section:
    facts: list[tuple[str, Cell]] = [
        ("Outcome", Badge(decision.outcome.value, _TONES.get(decision.outcome, Tone.BAD))),
        ("Challenger", decision.challenger),
        ("Champion before", decision.champion),
    ]
    return Section(title="Decision", facts=facts, text=list(decision.reasons))


def _version(workspace: Workspace, version: ModelVersionRecord) -> list[Section]:
    """The evaluation of a version, each heading carrying its name."""
    artifacts = workspace.stores.artifacts
    report = EvaluationReport.from_json(artifacts.get(version.documents["evaluation.json"]))
    gates = msgspec.json.decode(artifacts.get(version.documents["gates.json"]), type=GateReport)
    training = unpack(artifacts.get(version.stored_package())).training
    leaderboard = [*training["leaderboard"], training["baseline"]]
    sections = evaluation_sections(report, leaderboard, gates)
    return [replace(section, title=f"{version.ref}: {section.title}") for section in sections]


def _proof(findings: Findings) -> Section:
    return Section(
        title="Ask for yourself",
        text=["In the folder of this report:"],
        commands=[
            f"mw why {findings.prediction_id}",
            "mw audit verify",
            f"mw reproduce {MODEL}@1",
            f"mw serve {MODEL}@champion",
        ],
    )
