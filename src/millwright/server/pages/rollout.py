"""Rollouts: versions that share an endpoint, what each has shown, and what was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import get
from litestar.response import Template

from millwright.core.ids import RolloutId
from millwright.core.records.rollout import RolloutKind
from millwright.deployment.traffic.decider import tallies
from millwright.server.api.listing import Name
from millwright.server.injection import FromApp
from millwright.server.pages.element import Code, Link, Page, Section, Several, Table
from millwright.server.pages.rendering import show
from millwright.server.pages.rollout_evidence import arm_table, evidence_section
from millwright.server.pages.wording import facts, route, status, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.audit import AuditEvent
    from millwright.core.records.rollout import RolloutRecord
    from millwright.server.pages.element import Cell
    from millwright.storage.catalog import Stores

_SHOWN = 200
# Of an entry's evidence: what is not shown in words elsewhere.
_FIGURES = ("look", "outcome", "answered", "rejected", "version")


@get("/rollouts", sync_to_thread=True, include_in_schema=False)
def show_rollouts(services: FromApp) -> Template:
    """Show rollouts, the newest first."""
    found = services.stores.rollouts.list_rollouts(limit=_SHOWN)
    section = Section(
        title="Rollouts",
        text=["Versions of a model that share an endpoint for a time: canary, split, shadow, A/B."],
        tables=[rollout_table(found)],
    )
    return show(Page(title="Rollouts", place="/rollouts", sections=[section], wide=True))


@get("/rollouts/{rollout_id:str}", sync_to_thread=True, include_in_schema=False)
def show_rollout(services: FromApp, rollout_id: Name) -> Template:
    """Show a rollout: its arms, what they have shown so far, the decisions."""
    stores = services.stores
    record = stores.rollouts.get(RolloutId(rollout_id))
    counted = tallies(stores.rollouts, record)
    sections = [
        Section(title="Arms", details=_about(record), tables=[arm_table(record, counted)]),
        *([] if record.kind is RolloutKind.SHADOW else [evidence_section(record, stores.rollouts)]),
        Section(title="Decisions", tables=[_history(record, stores)], commands=_commands(record)),
    ]
    return show(
        Page(
            title=f"{record.kind.value} of {record.endpoint}",
            place="/rollouts",
            badges=[status(record.state)],
            subtitle=record.decision.reason,
            trail=[Link("Rollouts", "/rollouts")],
            sections=sections,
            wide=True,
        )
    )


def rollout_table(records: Sequence[RolloutRecord]) -> Table:
    """Rollouts in a table."""
    rows: list[list[Cell]] = [
        [
            Link(record.endpoint, route("rollouts", record.id)),
            record.kind.value,
            status(record.state),
            Several(tuple(f"{arm.name} {record.model}@{arm.version}, {arm.weight:g} %" for arm in record.arms)),
            f"{record.step + 1} of {len(record.steps)}" if record.steps else None,
            record.created_at,
            f"{record.decision.action}: {record.decision.reason}",
        ]
        for record in records
    ]
    headers = ["Endpoint", "Kind", "State", "Arms", "Step", "Begun", "Last decision"]
    return Table(headers=headers, rows=rows, empty="No version has shared an endpoint yet.")


def _about(record: RolloutRecord) -> list[tuple[str, Cell]]:
    return [
        ("Endpoint", record.endpoint),
        ("Follows", f"{record.model}@{record.alias}"),
        ("Begun", record.created_at),
        ("By", record.created_by),
        *([("Step", _step(record)), ("Each lasts at least", f"{record.hold_s:g} s")] if record.steps else []),
        *([("Ended", record.ended_at)] if record.ended_at else []),
        ("Id", Code(record.id)),
    ]


def _step(record: RolloutRecord) -> str | None:
    if not record.steps:
        return None
    shares = ", ".join(f"{share:g} %" for share in record.steps)
    return f"{record.step + 1} of {len(record.steps)} ({shares})"


def _history(record: RolloutRecord, stores: Stores) -> Table:
    entries = [
        entry
        for entry in stores.audit.list(subject=record.endpoint, limit=_SHOWN)
        if entry.details.get("rollout") == record.id
    ]
    rows = [_entry(entry) for entry in entries]
    last = record.decision
    if last.action == "wait":  # a look that has changed nothing is no entry of the audit log
        rows.insert(0, [last.action, last.at, _actor(last.by), last.reason, None, _figures(last.evidence)])
    headers = ["Decision", "At", "By", "Reason", "Shares", "Figures"]
    return Table(headers=headers, rows=rows, empty="The audit log tells of none.")


def _entry(entry: AuditEvent) -> list[Cell]:
    details = entry.details
    shares = [f"{name} {words(weight)} %" for name, (_, weight) in details.get("arms", {}).items()]
    return [
        entry.action.removeprefix("rollout."),
        entry.at,
        _actor(entry.actor),
        words(details.get("reason")),
        ", ".join(shares) or None,
        _figures(details.get("evidence", {})),
    ]


def _actor(actor: str) -> Cell:
    what, slash, rollout_id = actor.partition("/")
    return Code(f"{what}/…{rollout_id[-8:]}", actor) if slash else actor


def _figures(evidence: object) -> Cell:
    known = evidence if isinstance(evidence, dict) else {}
    return facts({name: known[name] for name in _FIGURES if name in known})


def _commands(record: RolloutRecord) -> list[str]:
    report = [f"mw rollout report {record.id}"]
    return [*report, f"mw rollout abort {record.id}"] if record.is_open else report
