"""Names of datasets, and how a version is written: `name`, `name@3`, `name@golden`, `name@2026-01-31`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, NotFoundError, closest

if TYPE_CHECKING:
    from millwright.core.records.dataset import DatasetVersionRecord
    from millwright.storage.base import DatasetStore

# Each part begins with a letter or digit, so no name can be `..`, hidden, or lead to another folder.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9][A-Za-z0-9_-]*)*", flags=re.ASCII)
_MAX_LENGTH = 100
_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", flags=re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}", flags=re.ASCII)  # what begins like one is meant as one, and never a tag


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetRef:
    """What a reference says; of version, tag and moment at most one is given, and none means the latest version.

    Attributes:
        moment: In UTC; the version is meant that was the latest then.
    """

    dataset: str
    version: int | None = None
    tag: str | None = None
    moment: datetime | None = None


def checked_name(name: str) -> str:
    """The name, when it is one that can safely be a folder's name.

    Raises:
        InvalidInputError: It has other characters than ASCII letters, digits, `_`, `-` and single dots between them,
            or more than 100.
    """
    if len(name) > _MAX_LENGTH or not _NAME.fullmatch(name):
        raise InvalidInputError(
            f"Expected a dataset name of letters, digits, '_', '-' and dots between them "
            f"(at most {_MAX_LENGTH} characters), found {name[:120]!r}.",
            hint="For example: schedules, or schedules.quarantine.",
        )
    return name


def parse_ref(ref: str) -> DatasetRef:
    """What a reference says.

    Args:
        ref: `name`, `name@3`, `name@golden` (a tag), `name@2026-01-31T10:00:00Z` (as of a moment, in UTC where no
            offset is given) or `name@2026-01-31` (as of the midnight, UTC, with which that day begins).

    Raises:
        InvalidInputError: The name is none, or what stands behind `@` is no number from 1, tag or moment.
    """
    name, separator, said = ref.partition("@")
    dataset = checked_name(name)
    if not separator:
        return DatasetRef(dataset=dataset)
    if said.isascii() and said.isdigit() and int(said) >= 1:
        return DatasetRef(dataset=dataset, version=int(said))
    if _DATE.match(said):
        return DatasetRef(dataset=dataset, moment=_moment(ref, said))
    if _is_tag(said):
        return DatasetRef(dataset=dataset, tag=said)
    raise InvalidInputError(
        f"Expected a dataset version behind '@' as a number, a tag or a date, found {ref[:200]!r}.",
        hint=f"For example: {name}@1, {name}@golden or {name}@2026-01-31.",
    )


def checked_tag(tag: str) -> str:
    """The tag, when it can be told from a number and a date.

    Raises:
        InvalidInputError: It has other characters than ASCII letters, digits, `.`, `_` and `-`, begins with none of
            the first two, is a number, begins like a date, or has more than 100 characters.
    """
    if not _is_tag(tag):
        raise InvalidInputError(
            f"Expected a tag of letters, digits, '.', '_' and '-' that is neither a number nor like a date "
            f"(at most {_MAX_LENGTH} characters), found {tag[:120]!r}.",
            hint="For example: golden, or v1.2.",
        )
    return tag


def resolve(store: DatasetStore, ref: str) -> DatasetVersionRecord:
    """The version that a reference names.

    Args:
        store: Which versions and tags there are.
        ref: See `parse_ref`.

    Raises:
        InvalidInputError: The reference is malformed.
        NotFoundError: There is no such dataset, version or tag, or no version was there at that moment; the message
            names the closest dataset or tag.
    """
    found = parse_ref(ref)
    if found.tag is not None:
        return store.get_version(found.dataset, _tagged(store, found.dataset, found.tag))
    if found.moment is not None:
        at = store.find_at(found.dataset, found.moment)
        if at is None:
            latest = store.get_version(found.dataset)
            first = latest if latest.version == 1 else store.get_version(found.dataset, 1)
            raise NotFoundError(
                f"The dataset '{found.dataset}' had no version at {found.moment:%Y-%m-%d %H:%M:%S} UTC.",
                hint=f"Its first was made at {first.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}.",
            )
        return at
    return store.get_version(found.dataset, found.version)


def _is_tag(text: str) -> bool:
    return len(text) <= _MAX_LENGTH and bool(_TAG.fullmatch(text)) and not text.isdigit() and not _DATE.match(text)


def _moment(ref: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(
            f"Expected a date or a moment behind '@', found {ref[:200]!r}: {error}.",
            hint="For example: 2026-01-31 or 2026-01-31T10:00:00Z.",
        ) from error


def _tagged(store: DatasetStore, dataset: str, tag: str) -> int:
    record = store.find_tag(dataset, tag)
    if record is not None:
        return record.version
    store.get_version(dataset)  # an unknown dataset is the greater mistake
    known = [each.tag for each in store.list_tags(dataset)]
    hint = closest(tag, known) if known else f"It has no tags yet; set one with: mw data tag {dataset}@1 {tag}"
    raise NotFoundError(f"The dataset '{dataset}' has no tag '{tag}'.", hint=hint)
