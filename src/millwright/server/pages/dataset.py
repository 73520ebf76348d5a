"""Datasets: their versions, schemas, and what was set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import get
from litestar.response import Template

from millwright.core.records.audit import NodeKind
from millwright.core.records.dataset import DatasetKind
from millwright.data.lineage.graph import Direction, Node, walk
from millwright.server.api.listing import Name, Version
from millwright.server.injection import FromApp
from millwright.server.pages.element import Badge, Bar, Code, Link, Page, Section, Several, Table, Tone
from millwright.server.pages.rendering import show
from millwright.server.pages.wording import dataset_link, digest, route, version_link, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.dataset import DatasetVersionRecord
    from millwright.server.pages.element import Cell
    from millwright.storage.catalog import Stores


@get("/datasets", sync_to_thread=True, include_in_schema=False)
def show_datasets(services: FromApp) -> Template:
    """Show the latest version of every dataset."""
    records = services.stores.datasets.list_datasets()
    section = Section(
        title="Datasets",
        text=["The latest version of each. Rows that broke a contract are kept in quarantine, with their reasons."],
        tables=[version_table(records)],
    )
    return show(Page(title="Data", place="/datasets", sections=[section]))


@get("/datasets/{name:str}", sync_to_thread=True, include_in_schema=False)
def show_dataset(services: FromApp, name: Name) -> Template:
    """Show a dataset's versions, newest first."""
    services.stores.datasets.get_version(name)  # raises for an unknown name, with the nearest known one
    versions = services.stores.datasets.list_versions(name)
    section = Section(title="Versions", tables=[version_table(versions)])
    return show(Page(title=name, place="/datasets", trail=[Link("Data", "/datasets")], sections=[section]))


@get("/datasets/{name:str}/{version:int}", sync_to_thread=True, include_in_schema=False)
def show_dataset_version(services: FromApp, name: Name, version: Version) -> Template:
    """Show one version: source, digests, schema, reasons of quarantine, and what came of it."""
    record = services.stores.datasets.get_version(name, version)
    sections = [Section(title="Content", details=_details(record))]
    if record.kind is DatasetKind.QUARANTINE:
        sections.append(_reasons(record))
    sections += [_schema(record), *_profile(services.stores, record), _used(services.stores, record)]
    return show(
        Page(
            title=record.ref,
            place="/datasets",
            badges=[_kind(record)],
            trail=[Link("Data", "/datasets"), Link(name, route("datasets", name))],
            sections=sections,
        )
    )


def version_table(records: Sequence[DatasetVersionRecord]) -> Table:
    """Versions in a table."""
    rows: list[list[Cell]] = [
        [
            dataset_link(record.ref),
            _kind(record),
            record.rows,
            len(record.columns),
            record.created_at,
            record.source_uri,
        ]
        for record in records
    ]
    headers = ["Version", "Kind", "Rows", "Columns", "Written", "Source"]
    return Table(headers=headers, rows=rows, empty="No dataset was written yet.")


def _kind(record: DatasetVersionRecord) -> Badge:
    return Badge(record.kind.value, Tone.WARN if record.kind is DatasetKind.QUARANTINE else Tone.NEUTRAL)


def _details(record: DatasetVersionRecord) -> list[tuple[str, Cell]]:
    told: list[tuple[str, Cell]] = [
        ("Rows", record.rows),
        ("Columns", len(record.columns)),
        ("Written", record.created_at),
        ("Source", Code(record.source_uri) if record.source_uri else None),
        ("Bytes of the source", digest(record.source_digest)),
        ("Schema and rows", digest(record.digest)),
    ]
    if "of" in record.details:
        told.append(("Taken from", dataset_link(str(record.details["of"]))))
    others = {name: value for name, value in record.details.items() if name not in {"of", "reasons"}}
    return [*told, *((name.replace("_", " ").capitalize(), words(value)) for name, value in others.items())]


def _reasons(record: DatasetVersionRecord) -> Section:
    found = record.details.get("reasons")
    reasons = sorted(found.items(), key=lambda item: -item[1]) if isinstance(found, dict) else []
    rows: list[list[Cell]] = [
        [reason, Bar(count / max(record.rows, 1), f"{count:,}", Tone.WARN)] for reason, count in reasons
    ]
    text = "Why these rows were set aside. A row may have several reasons."
    return Section(title="Reasons", text=[text], tables=[Table(headers=["Reason", "Rows"], rows=rows)])


def _schema(record: DatasetVersionRecord) -> Section:
    rows: list[list[Cell]] = [
        [column.name, Code(column.dtype), "may be missing" if column.nullable else "always there"]
        for column in record.columns
    ]
    return Section(title="Schema", tables=[Table(headers=["Column", "Type", "Values"], rows=rows)])


def _profile(stores: Stores, record: DatasetVersionRecord) -> list[Section]:
    """What is in each column, as it was when the version was written; no section where that was not kept."""
    from millwright.data.profiles import find_profile
    from millwright.data.profiles.page import accuracy

    found = find_profile(record.profile, stores.artifacts)
    if found is None:
        return []
    rows: list[list[Cell]] = []
    for column in found.columns:
        missing = Bar(column.nulls / max(column.rows, 1), f"{column.nulls:,}", Tone.WARN) if column.nulls else 0
        meaning = column.semantic.value.replace("_", " ") if column.semantic else None
        values: Cell = Badge("hidden: personal data?", Tone.WARN) if column.personal else column.summary()
        rows.append([column.name, column.kind.value, meaning, missing, column.distinct, values])
    headers = ["Column", "Kind", "Stands for", "Missing", "Distinct", "Values"]
    table = Table(headers=headers, rows=rows, empty="The table has no columns.")
    return [Section(title="Profile", text=[accuracy(found)], tables=[table])]


def _used(stores: Stores, record: DatasetVersionRecord) -> Section:
    lineage = walk(stores.lineage, Node(NodeKind.DATASET, record.ref), direction=Direction.DOWNSTREAM, depth=6)
    models = [version_link(ref) for ref in lineage.of_kind(NodeKind.MODEL_VERSION)]
    others = [dataset_link(ref) for ref in lineage.of_kind(NodeKind.DATASET) if ref != record.ref]
    details: list[tuple[str, Cell]] = [
        ("Models", Several(tuple(models)) if models else "none"),
        ("Datasets", Several(tuple(others)) if others else "none"),
    ]
    return Section(title="What came of it", details=details)
