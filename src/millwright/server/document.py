"""Documents attached to model versions: what they are, and how they may be shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.errors import NotFoundError, closest

if TYPE_CHECKING:
    from millwright.core.records.model import RegisteredModelRecord
    from millwright.storage.base import ModelStore
    from millwright.storage.catalog import Stores

# What a browser shows, in UTF-8; anything else is saved as a file.
_SHOWN = {
    "html": "text/html",
    "json": "application/json",
    "md": "text/plain",
    "txt": "text/plain",
}
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One document.

    Attributes:
        name: As it is attached.
        data: Its bytes.
        media_type: How a browser may show it; empty when it is to be saved.
        file_name: A name to save it under that cannot break out of a header.
    """

    name: str
    data: bytes
    media_type: str
    file_name: str


def document_of(stores: Stores, name: str, version: int, document: str) -> Document:
    """A document of a model version.

    Args:
        stores: Where it is.
        name: The model's name.
        version: The version's number.
        document: The document's name; looked up among the version's, never used as a path.

    Raises:
        NotFoundError: There is no such version, or it has no such document.
    """
    record = stores.models.get_version(name, version)
    digest = record.documents.get(document)
    if digest is None:
        raise NotFoundError(
            f"{record.ref} has no document '{document}'.", hint=closest(document, record.documents) or "It has none."
        )
    safe = _UNSAFE.sub("_", f"{record.name}-{record.version}-{document}")
    return Document(name=document, data=stores.artifacts.get(digest), media_type=media_type(document), file_name=safe)


def media_type(name: str) -> str:
    """How a browser may show a document of that name; empty when it is to be saved."""
    return _SHOWN.get(name.rpartition(".")[2].lower(), "")


def find_registered(models: ModelStore, name: str) -> RegisteredModelRecord:
    """A registered model.

    Raises:
        NotFoundError: There is none of that name; names the closest.
    """
    found = models.find_model(name)
    if found is None:
        raise NotFoundError(
            f"There is no model '{name}'.", hint=closest(name, [record.name for record in models.list_models()])
        )
    return found
