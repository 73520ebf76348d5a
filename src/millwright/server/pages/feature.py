"""Features: what is defined, on what, who uses it, and how fresh it is. Read from records; no definition is run."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

from litestar import get
from litestar.params import QueryParameter
from litestar.response import Template

from millwright.core.errors import MillwrightError, NotFoundError, closest
from millwright.core.records.feature import FeatureKind
from millwright.data.features.consumer import consumers
from millwright.server.api.listing import Name
from millwright.server.injection import FromApp
from millwright.server.pages.element import Badge, Code, Link, Page, Section, Several, Table, Tone
from millwright.server.pages.rendering import show
from millwright.server.pages.wording import dataset_link, digest, facts, route, status, version_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from millwright.core.records.feature import FeatureDefinitionRecord
    from millwright.server.pages.element import Cell
    from millwright.storage.catalog import Stores

Text = Annotated[str, QueryParameter(max_length=200, description="Words to look for.")]
_DAY_US = 86_400_000_000
_MATERIALIZATIONS = 10


@get("/features", sync_to_thread=True, include_in_schema=False)
def show_features(services: FromApp, text: Text = "") -> Template:
    """Show the latest version of every definition, or of those in which all words of `text` stand."""
    records = services.stores.features.list_latest(text=text)
    rows: list[list[Cell]] = [
        [
            _link(record),
            _kind(record),
            ", ".join(_names(record)),
            _sources(record),
            record.owner or None,
            facts(record.tags) if record.tags else None,
            record.description or None,
        ]
        for record in records
    ]
    empty = f"No definition holds '{text}'." if text else "No feature was defined yet: mw features apply features.py"
    headers = ["Definition", "Kind", "Features", "Made of", "Owner", "Tags", "Description"]
    section = Section(
        title="Definitions" if not text else f"Definitions with '{text}'",
        text=["What features are, once for training sets and predictions. A version is new when values may differ."],
        tables=[Table(headers=headers, rows=rows, empty=empty)],
    )
    return show(Page(title="Features", place="/features", sections=[section], wide=True))


@get("/features/{kind:str}/{name:str}", sync_to_thread=True, include_in_schema=False)
def show_feature(services: FromApp, kind: Name, name: Name) -> Template:
    """Show a definition: what it declares, its code, who uses it, what was brought online, its versions."""
    kinds = [one.value for one in FeatureKind]
    if kind not in kinds:
        raise NotFoundError(f"There is no kind of definition '{kind}'.", hint=closest(kind, kinds))
    store = services.stores.features
    record = store.get(FeatureKind(kind), name)
    sections = [Section(title="Definition", details=_details(record)), *_features(services.stores, record)]
    if record.code:
        sections.append(Section(title="Transformation", commands=record.code.splitlines()))
    sections += [_used(services.stores, record), *_online(services.stores, record), _versions(services.stores, record)]
    badges = [_kind(record), *([Badge("retired", Tone.WARN)] if record.retired else [])]
    trail = [Link("Features", "/features")]
    return show(
        Page(
            title=record.ref, subtitle=record.description, place="/features", badges=badges, trail=trail,
            sections=sections,
        )
    )  # fmt: skip


def _link(record: FeatureDefinitionRecord) -> Link:
    return Link(record.ref, route("features", record.kind.value, record.name))


def _kind(record: FeatureDefinitionRecord) -> Badge:
    return Badge(record.kind.value.replace("_", " "), Tone.NEUTRAL)


def _source(source: str) -> Link:
    kind, _, name = source.partition("/")
    return Link(name, route("datasets", name) if kind == "dataset" else route("features", kind, name))


def _sources(record: FeatureDefinitionRecord) -> Cell:
    return _several(_source(one) for one in record.sources)


def _several(cells: Iterable[Cell]) -> Cell:
    found = tuple(cells)
    return Several(found) if found else None


def _names(record: FeatureDefinitionRecord) -> list[str]:
    """What a definition offers: features, or the keys of an entity."""
    definition = record.definition
    if "keys" in definition:
        return [str(key) for key in definition["keys"]]
    if "windows" in definition:
        return [str(window["feature"]) for window in definition["windows"]]
    names: list[str] = []
    for one in definition.get("features", ()):
        names += [one["name"]] if "name" in one else [f"{one['prefix']}{each}" for each in one["features"]]
    return names


def _details(record: FeatureDefinitionRecord) -> list[tuple[str, Cell]]:
    definition = record.definition
    told: list[tuple[str, Cell]] = [
        ("Made of", _sources(record)),
        ("Owner", record.owner or None),
        ("Tags", facts(record.tags) if record.tags else None),
        ("Recorded", record.created_at),
        ("By", record.actor),
        ("What decides its values", digest(record.digest)),
    ]
    if "timestamp" in definition:
        created = definition["created"]
        ttl = definition["ttl_us"]
        told += [
            ("True since", Code(definition["timestamp"])),
            (
                "Written down",
                "the column 'created', if there is one" if created is None else created or "not looked at",
            ),
            ("Counts for", f"{ttl / _DAY_US:g} days" if ttl else "ever"),
            ("Online", "yes" if definition["online"] else "no"),
        ]
    return told


def _features(stores: Stores, record: FeatureDefinitionRecord) -> list[Section]:
    declared = [one for one in record.definition.get("features", ()) if "dtype" in one]
    if not declared:
        names = ", ".join(_names(record))
        return [Section(title="Keys" if record.kind is FeatureKind.ENTITY else "Features", text=[names])]
    measured = _measured(stores, record)
    rows: list[list[Cell]] = []
    for one in declared:
        column = measured.get(one["name"])
        told: list[Cell] = [column.nulls, column.summary()] if column is not None else [None, None]
        rows.append([one["name"], Code(one["dtype"]), *told, one.get("description") or None])
    caption = "Missing and values are those of the source's latest version." if measured else ""
    headers = ["Feature", "Type", "Missing", "Values", "Description"]
    return [Section(title="Features", tables=[Table(headers=headers, rows=rows, caption=caption)])]


def _measured(stores: Stores, record: FeatureDefinitionRecord) -> dict[str, Any]:
    """Columns of the source's profile; none where a transformation makes the features."""
    from millwright.data.profiles import find_profile

    if record.kind is not FeatureKind.VIEW or record.definition.get("transform") is not None:
        return {}
    with suppress(MillwrightError):
        dataset = stores.datasets.get_version(record.definition["source"])
        found = find_profile(dataset.profile, stores.artifacts)
        return {column.name: column for column in found.columns} if found is not None else {}
    return {}


def _used(stores: Stores, record: FeatureDefinitionRecord) -> Section:
    used = consumers(stores, record)
    details: list[tuple[str, Cell]] = [
        ("Definitions", _several(_source(ref.rpartition("@")[0]) for ref in used.definitions)),
        ("Training sets", _several(map(dataset_link, used.datasets))),
        ("Models", _several(map(version_link, used.models))),
    ]
    if not (used.definitions or used.datasets or used.models):
        return Section(title="Used by", text=["Nobody yet."])
    return Section(title="Used by", details=details)


def _online(stores: Stores, record: FeatureDefinitionRecord) -> list[Section]:
    if not record.definition.get("online") or record.kind is FeatureKind.ENTITY:
        return []
    done = stores.features.list_materializations(record.name, limit=_MATERIALIZATIONS)
    rows: list[list[Cell]] = [
        [
            one.started_at,
            status(one.state),
            dataset_link(one.source),
            one.until,
            one.rows,
            one.entities,
            one.error or None,
        ]
        for one in done
    ]
    headers = ["Began", "State", "Source", "Up to", "Rows", "Entities", "Error"]
    table = Table(headers=headers, rows=rows, empty=f"Never: mw features materialize {record.name}")
    return [Section(title="Brought online", tables=[table])]


def _versions(stores: Stores, record: FeatureDefinitionRecord) -> Section:
    versions: Sequence[FeatureDefinitionRecord] = stores.features.list_versions(record.kind, record.name)
    rows: list[list[Cell]] = [[one.ref, one.created_at, one.actor, digest(one.digest)] for one in versions]
    return Section(title="Versions", tables=[Table(headers=["Version", "Recorded", "By", "Digest"], rows=rows)])
