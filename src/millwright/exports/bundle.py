"""A bundle: one model version as a folder that serves without a registry, a database or a network.

    bundle.json    format, and the version's record
    package.zip    its package, whose digest the record names

What the record's documents hold (rows of the training data among it) stays where it is registered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.digest import digest_bytes
from millwright.core.errors import ConflictError, IntegrityError, NotFoundError, StoreVersionError
from millwright.core.ids import ModelVersionId, new_id
from millwright.core.records.model import ModelVersionRecord, RegisteredModelRecord

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.storage.catalog import Stores

FORMAT = 1
DESCRIPTION = "bundle.json"
PACKAGE = "package.zip"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """A model version with its package.

    Attributes:
        record: The version; it has a package, and no documents.
        package: The package's bytes.
    """

    record: ModelVersionRecord
    package: bytes

    def files(self) -> dict[str, bytes]:
        """Content by file name; the same bytes for the same version."""
        described = {"format": FORMAT, "record": msgspec.to_builtins(self.record, str_keys=True, enc_hook=dict)}
        text = msgspec.json.format(msgspec.json.encode(described, order="deterministic"), indent=2)
        return {DESCRIPTION: text + b"\n", PACKAGE: self.package}


def make_bundle(record: ModelVersionRecord, package: bytes) -> Bundle:
    """The bundle of a version.

    Args:
        record: Its record.
        package: The bytes whose digest the record names.

    Raises:
        IntegrityError: They have another digest.
    """
    return Bundle(record=replace(record, documents={}), package=_checked(record, package, "the package"))


def is_bundle(folder: Path) -> bool:
    """Whether a folder says that it is one."""
    return (folder / DESCRIPTION).is_file()


def read_bundle(folder: Path) -> Bundle:
    """The bundle in a folder, with the package's digest checked; nothing of it is loaded.

    Raises:
        NotFoundError: The folder holds none.
        StoreVersionError: A newer Millwright wrote it.
        IntegrityError: It is damaged.
    """
    try:
        described = msgspec.json.decode((folder / DESCRIPTION).read_bytes(), type=dict[str, Any])
        package = (folder / PACKAGE).read_bytes()
    except FileNotFoundError as error:
        raise NotFoundError(
            f"Expected an exported model in {folder}, found no {PACKAGE if is_bundle(folder) else DESCRIPTION}.",
            hint="Write one with: mw export docker MODEL@ALIAS --to FOLDER; the model is in FOLDER/model.",
        ) from error
    except msgspec.DecodeError as error:
        raise _unreadable(folder, error) from error
    if described.get("format") != FORMAT:
        raise StoreVersionError(
            f"The exported model in {folder} has format {described.get('format')!r}; this Millwright reads {FORMAT}.",
            hint="Upgrade Millwright, or export the model again with this one.",
        )
    try:
        record = msgspec.convert(described["record"], ModelVersionRecord)
    except (KeyError, msgspec.ValidationError) as error:
        raise _unreadable(folder, error) from error
    return Bundle(record=record, package=_checked(record, package, str(folder / PACKAGE)))


def put_bundle(bundle: Bundle, stores: Stores) -> None:
    """Put a bundle into stores of its own, under the number that it has where it was registered.

    Nothing happens when it is there already. Numbers before it are given and deleted; so of several versions of one
    model the lowest comes first.

    Args:
        bundle: What to serve.
        stores: Such as a temporary workspace's; not those of a team, which register.

    Raises:
        ConflictError: The stores have another version of that number, or later ones.
    """
    record, models = bundle.record, stores.models
    stores.artifacts.put(bundle.package)
    with stores.transactions.transaction():
        if models.find_model(record.name) is None:
            models.create_model(RegisteredModelRecord(name=record.name, created_at=record.created_at))
        models.lock_model(record.name)
        known = models.find_by_package(record.name, record.stored_package())
        if known is not None and known.version == record.version:
            return
        last = max((each.version for each in models.list_versions(record.name)), default=0)
        while last < record.version - 1:
            last = models.create_version(replace(record, id=ModelVersionId(new_id()))).version
            models.delete_version(record.name, last, record.created_at)
        made = models.create_version(record)
        if made.version != record.version:
            raise ConflictError(
                f"Expected {record.ref} to be the next version of {record.name} here, found later ones.",
                hint="Serve it from the registry that has them.",
            )


def _checked(record: ModelVersionRecord, package: bytes, what: str) -> bytes:
    if digest_bytes(package) != record.stored_package():
        raise IntegrityError(
            f"Expected {what} of {record.ref} to have the digest {record.stored_package()}, found another.",
            hint="It is damaged or was exchanged; export the model again.",
        )
    return package


def _unreadable(folder: Path, error: Exception) -> IntegrityError:
    return IntegrityError(
        f"Expected {folder / DESCRIPTION} to describe a model version, found something else: {error}.",
        hint="Export the model again.",
    )
