"""Names that people give to versions, such as `golden`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, NotFoundError, closest
from millwright.core.records.dataset import DatasetTagRecord, DatasetVersionRecord
from millwright.data.datasets.name import checked_name, checked_tag, resolve

if TYPE_CHECKING:
    from millwright.core.clock import Clock
    from millwright.storage.catalog import Stores


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryEntry:
    """One version in the history of its dataset.

    Attributes:
        tags: By name.
        actor: Who wrote it, as the audit log has it; empty where it has nothing.
    """

    record: DatasetVersionRecord
    tags: tuple[str, ...]
    actor: str


def set_tag(stores: Stores, ref: str, tag: str, *, clock: Clock, actor: str) -> DatasetTagRecord:
    """Give a version a name, taking it from the version that had it; written to the audit log.

    Args:
        stores: Where the records are.
        ref: The version; see `parse_ref`.
        tag: See `checked_tag`.
        clock: Tells when.
        actor: Who does it.

    Raises:
        InvalidInputError: The reference or the tag is malformed.
        NotFoundError: There is no such version.
        StateTransitionError: The version is expired.
    """
    checked_tag(tag)
    with stores.transactions.transaction():
        version = resolve(stores.datasets, ref)
        record = DatasetTagRecord(
            dataset=version.dataset, tag=tag, version=version.version, at=clock.now(), actor=actor
        )
        former = stores.datasets.find_tag(version.dataset, tag)
        if former is not None and former.version == version.version:
            return former
        stores.datasets.set_tag(record)
        details = {"tag": tag, "former": None if former is None else f"{former.dataset}@{former.version}"}
        stores.audit.append(at=record.at, actor=actor, action="dataset.tag", subject=version.ref, details=details)
    return record


def delete_tag(stores: Stores, ref: str, tag: str, *, clock: Clock, actor: str) -> DatasetTagRecord:
    """Take a name away from the version that has it; written to the audit log.

    Args:
        stores: Where the records are.
        ref: The dataset's name; or a version, which must be the one with the name.
        tag: The name.
        clock: Tells when.
        actor: Who does it.

    Raises:
        InvalidInputError: The reference is malformed, or names another version.
        NotFoundError: No version has the name.
    """
    dataset = checked_name(ref.partition("@")[0])
    with stores.transactions.transaction():
        version = resolve(stores.datasets, ref)
        former = stores.datasets.find_tag(dataset, tag)
        if former is None:
            known = [each.tag for each in stores.datasets.list_tags(dataset)]
            raise NotFoundError(f"The dataset '{dataset}' has no tag '{tag}'.", hint=closest(tag, known))
        if "@" in ref and former.version != version.version:
            raise InvalidInputError(
                f"Expected {version.ref} to have the tag '{tag}', found it on {dataset}@{former.version}.",
                hint=f"mw data tag {dataset}@{former.version} {tag} --delete",
            )
        stores.datasets.delete_tag(dataset, tag)
        subject = f"{dataset}@{former.version}"
        stores.audit.append(at=clock.now(), actor=actor, action="dataset.untag", subject=subject, details={"tag": tag})
    return former


def history(stores: Stores, dataset: str) -> list[HistoryEntry]:
    """Every version of a dataset, newest first, with its tags and who wrote it.

    Raises:
        NotFoundError: There is no such dataset; the message names the closest.
    """
    stores.datasets.get_version(checked_name(dataset))
    tags: dict[int, list[str]] = {}
    for tag in stores.datasets.list_tags(dataset):
        tags.setdefault(tag.version, []).append(tag.tag)
    return [
        HistoryEntry(record=record, tags=tuple(tags.get(record.version, ())), actor=_writer(stores, record.ref))
        for record in stores.datasets.list_versions(dataset)
    ]


def _writer(stores: Stores, ref: str) -> str:
    events = [event for event in stores.audit.list(subject=ref) if event.action == "dataset.write"]
    return events[-1].actor if events else ""
