"""Takes somebody's rows out of every version of a dataset, and writes down that it was done, not what was erased.

Order of an erasure, in the writer's turn: all versions are written to a new table without the rows, then looked through
once more; profiles of the versions that held some go; one record transaction makes the records name the new table and
keeps the erasure with its audit entry; then the old table is removed, file by file. A process that dies before the
transaction has changed nothing that anybody sees; one that dies after it leaves files that nobody reads. The same call
goes on from either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from millwright.core.errors import ConflictError, IntegrityError, InvalidInputError
from millwright.core.ids import Digest, ErasureId, new_id
from millwright.core.records.dataset import DatasetKind, DatasetState, DatasetVersionRecord, ErasureRecord
from millwright.data.datasets.name import checked_name
from millwright.data.datasets.snapshot import open_snapshot
from millwright.data.datasets.table_digest import FILES, SCHEME
from millwright.data.datasets.write_lock import write_lock
from millwright.data.files.naming import forget_files
from millwright.data.versions.rewriting import Rewritten, RowSearch, TableRewriter
from millwright.data.versions.sweep import GENERATION, Swept, holds_more, sweep, table_url
from millwright.data.versions.usage import models_of

if TYPE_CHECKING:
    from millwright.core.clock import Clock
    from millwright.data.versions.condition import RowCondition
    from millwright.storage.catalog import Stores

_WAIT_S = 600.0
_TELLING = 4  # a text that short is in too much that has nothing to do with it
_EVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """Rows that a condition means.

    Attributes:
        versions: Version → how many rows; only those that hold some.
        not_searched: Versions that lack a column that the condition names.
        expired: Versions whose rows were removed before.
        models: Model versions that saw such rows, by name.
    """

    dataset: str
    versions: Mapping[int, int]
    not_searched: tuple[int, ...]
    expired: tuple[int, ...]
    models: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Erased:
    """What was erased.

    Attributes:
        record: None when no version held such rows, and nothing else was in the table.
        swept: Files that were removed, those that an interrupted erasure had left among them.
    """

    found: Found
    record: ErasureRecord | None
    swept: Swept


def find_rows(stores: Stores, root_url: str, dataset: str, condition: RowCondition) -> Found:
    """Which versions of a dataset hold rows that a condition means; nothing is changed.

    Every file is read once, however many versions share it.

    Raises:
        InvalidInputError: The condition cannot be used with the columns, or names some that no version has.
        NotFoundError: There is no such dataset.
        IntegrityError: Rows are not there any more.
    """
    stores.datasets.get_version(checked_name(dataset))
    return _find(stores, root_url, dataset, RowSearch(condition=condition))


def erase(
    stores: Stores, root_url: str, dataset: str, condition: RowCondition, *, reason: str, clock: Clock, actor: str
) -> Erased:
    """Take rows out of every version of a dataset, and remove the files that held them.

    A version that held some has from then on fewer rows and another digest; its details say how many were erased and
    what the digest was. What a version's writer noted as `where` goes from all versions, as it may name the person.

    Args:
        stores: Where the records are.
        root_url: The folder or URL below which the tables are.
        dataset: The dataset's name.
        condition: Which rows.
        reason: Why, in the actor's words; must not hold a value that the condition names.
        clock: Tells the time.
        actor: Who does it.

    Raises:
        InvalidInputError: There is no reason, it repeats a value, or the condition cannot be used.
        NotFoundError: There is no such dataset.
        ConflictError: Another process kept writing the dataset, or wrote it meanwhile.
        IntegrityError: Rows are not there any more, or are not gone after all.
        StorageError: A store cannot be used.
    """
    _check_reason(reason, condition)
    stores.datasets.get_version(checked_name(dataset))
    with write_lock(stores.leases, dataset, clock=clock, wait_s=_WAIT_S):
        # First what an interrupted one has left: a table that was half made would be in the way.
        before = _swept(stores, root_url, dataset, now=clock.now())
        search = RowSearch(condition=condition)
        found = _find(stores, root_url, dataset, search)
        records = _readable(stores, dataset)
        # Rows of expired versions and of killed writers are nobody's, but may be there, or their bounds in the log.
        if not found.versions and not holds_more(root_url, records, stores.datasets.list_versions(dataset)):
            return Erased(found=found, record=None, swept=before)
        uri = _next_table(records, dataset)
        moved = _rewrite(root_url, records, uri, search)
        _look_again(table_url(root_url, uri), moved, condition)
        # Of expired versions nobody knows any more whether they held such rows; their profiles may show values, too.
        for record in stores.datasets.list_versions(dataset):
            if record.profile is not None and record.version in {*found.versions, *found.expired}:
                stores.artifacts.discard(record.profile, before=_EVER, wanted=lambda: False)
        erasure = ErasureRecord(
            id=ErasureId(new_id()),
            dataset=dataset,
            condition=condition.description(),
            versions={str(version): count for version, count in found.versions.items()},
            models=found.models,
            at=clock.now(),
            actor=actor,
            reason=reason.strip(),
        )
        forgotten = _Forgotten(texts=condition.texts, uri=uri, moved=moved)
        _write_down(stores, records, forgotten, erasure)
        after = _swept(stores, root_url, dataset, now=clock.now())
        _check_alone(stores, dataset, uri)
    swept = Swept(files=before.files + after.files, size_bytes=before.size_bytes + after.size_bytes)
    return Erased(found=found, record=erasure, swept=swept)


def _swept(stores: Stores, root_url: str, dataset: str, *, now: datetime) -> Swept:
    """Remove what no version names: files of tables, and of folders of files the bytes."""
    swept = sweep(stores, root_url, dataset, now=now)
    manifests = [record for record in _readable(stores, dataset) if record.kind is DatasetKind.FILES]
    if not manifests:
        return swept
    wanted: set[Digest] = set()
    for record in manifests:
        scan = open_snapshot(table_url(root_url, record.table_uri), record.table_version).scan()
        wanted.update(Digest(digest) for digest in scan.select("digest").unique().collect()["digest"])
    count, size_bytes = forget_files(dataset, wanted=wanted, stores=stores)
    return Swept(files=swept.files + count, size_bytes=swept.size_bytes + size_bytes)


def _find(stores: Stores, root_url: str, dataset: str, search: RowSearch) -> Found:
    versions: dict[int, int] = {}
    not_searched = []
    models: set[str] = set()
    for record in _readable(stores, dataset):
        count = search.count(open_snapshot(table_url(root_url, record.table_uri), record.table_version))
        if count is None:
            not_searched.append(record.version)
        elif count:
            versions[record.version] = count
            models |= set(models_of(stores, record.ref))
    records = stores.datasets.list_versions(dataset)
    expired = sorted(record.version for record in records if record.state is DatasetState.EXPIRED)
    if len(not_searched) + len(expired) == len(records):
        raise InvalidInputError(
            f"Expected the columns {', '.join(search.condition.columns)} in the dataset '{dataset}', "
            "found no version that has them all.",
            hint=f"See its columns: mw data show {dataset}",
        )
    return Found(
        dataset=dataset,
        versions=versions,
        not_searched=tuple(not_searched),
        expired=tuple(expired),
        models=tuple(sorted(models)),
    )


def _readable(stores: Stores, dataset: str) -> list[DatasetVersionRecord]:
    """Oldest first, so that the newest version is the new table's newest, too."""
    records = stores.datasets.list_versions(dataset)[::-1]
    return [record for record in records if record.state is DatasetState.AVAILABLE]


def _next_table(records: list[DatasetVersionRecord], dataset: str) -> str:
    numbers = [int(record.table_uri.rpartition(GENERATION)[2]) for record in records if GENERATION in record.table_uri]
    return f"{dataset}{GENERATION}{max(numbers, default=0) + 1}"


def _rewrite(root_url: str, records: list[DatasetVersionRecord], uri: str, search: RowSearch) -> dict[int, Rewritten]:
    rewriter = TableRewriter(table_url(root_url, uri), search)
    return {
        record.version: rewriter.add(open_snapshot(table_url(root_url, record.table_uri), record.table_version))
        for record in records
    }


def _look_again(url: str, moved: Mapping[int, Rewritten], condition: RowCondition) -> None:
    search = RowSearch(condition=condition)
    for version, rewritten in moved.items():
        snapshot = open_snapshot(url, rewritten.table_version)
        if search.count(snapshot) or snapshot.rows != rewritten.rows:
            raise IntegrityError(
                f"Version {version} still holds rows that were to be erased; nothing was changed.",
                hint="Run the erasure again; if it fails again, please report it.",
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Forgotten:
    """What records are to say from now on.

    Attributes:
        texts: The values that must be in none of them.
        uri: The new table.
        moved: Where each version is in it.
    """

    texts: tuple[str, ...]
    uri: str
    moved: Mapping[int, Rewritten]

    def amended(self, record: DatasetVersionRecord, erasure: ErasureRecord) -> DatasetVersionRecord:
        """A version's record as it shall be; expired ones keep all but the texts and the profile."""
        details = {name: value for name, value in record.details.items() if not self._tells(name, value)}
        rewritten = self.moved.get(record.version)
        if rewritten is None:
            return replace(record, details=details, profile=None)
        table = replace(record, table_uri=self.uri, table_version=rewritten.table_version, details=details)
        gone = record.rows - rewritten.rows
        if not gone:
            return table
        entry = {"id": erasure.id, "at": erasure.at.isoformat(), "rows": gone, "former_digest": record.digest}
        details |= {"erased": [*details.get("erased", ()), entry], SCHEME: FILES}
        return replace(table, rows=rewritten.rows, digest=rewritten.digest, profile=None)

    def _tells(self, name: str, value: Any) -> bool:
        """Whether a detail may tell who was erased: the condition of a deletion, or a text with one of the values."""
        if name == "where" or not isinstance(value, str):
            return name == "where"
        return any(f"'{text}'" in value or (len(text) >= _TELLING and text in value) for text in self.texts)


def _write_down(
    stores: Stores, records: list[DatasetVersionRecord], forgotten: _Forgotten, erasure: ErasureRecord
) -> None:
    with stores.transactions.transaction():
        if [record.version for record in _readable(stores, erasure.dataset)] != [r.version for r in records]:
            raise ConflictError(
                f"The dataset '{erasure.dataset}' was written while rows were erased; nothing was changed.",
                hint="Run the erasure again.",
            )
        for record in stores.datasets.list_versions(erasure.dataset):
            stores.datasets.amend_version(forgotten.amended(record, erasure))
        stores.datasets.add_erasure(erasure)
        details = {
            "erasure": erasure.id,
            "columns": erasure.condition["columns"],
            "versions": dict(erasure.versions),
            "models": list(erasure.models),
            "reason": erasure.reason,
        }
        subject = erasure.dataset
        stores.audit.append(
            at=erasure.at, actor=erasure.actor, action="dataset.erase", subject=subject, details=details
        )


def _check_alone(stores: Stores, dataset: str, uri: str) -> None:
    others = [record.ref for record in _readable(stores, dataset) if record.table_uri != uri]
    if others:
        raise ConflictError(
            f"{', '.join(others)} was written by a process that had lost its turn while rows were erased, from rows "
            "before the erasure.",
            hint="Run the erasure again.",
        )


def _check_reason(reason: str, condition: RowCondition) -> None:
    if not reason.strip():
        raise InvalidInputError("Expected a reason, found none.", hint="Say why in a sentence: --reason '…'.")
    if any(text.strip() and text.strip().casefold() in reason.casefold() for text in condition.texts):
        raise InvalidInputError(
            "Expected a reason without the values that shall be erased, found one of them in it: reasons are kept.",
            hint="Name the request instead, such as its number.",
        )
