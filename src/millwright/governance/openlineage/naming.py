"""How runs and data are named, so that other tools' events meet ours.

Data is named by where it is, after the specification's conventions: `file` and a path, `s3://bucket` and a key,
`postgres://host:5432` and a table. A job that reads our Delta table with Spark names it alike.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from millwright.core.credential import without_credentials

_SPELLINGS = {"s3a": "s3", "s3n": "s3", "gcs": "gs", "postgresql": "postgres", "abfs": "abfss", "az": "abfss"}
_PORTS = {"postgres": 5432, "mysql": 3306}
# In these the part before @ is a container, not a user.
_CONTAINERS = frozenset({"abfss", "abfs", "wasbs"})


class DataName(NamedTuple):
    """What the specification calls a dataset by."""

    namespace: str
    name: str


def run_uuid(identifier: str) -> str:
    """An id of ours, which is a UUID, as UUIDs are written; of anything else one that is always the same."""
    try:
        return str(uuid.UUID(identifier))
    except ValueError:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://millwright.dev/runs/{identifier}"))


def data_name(uri: str, base: Path) -> DataName:
    """How data at an address is named; without credentials, and without what signs an address.

    Args:
        uri: A path or URL.
        base: Where relative paths begin.

    Example:
        >>> data_name("s3a://lake/tables/delays", Path("/"))
        DataName(namespace='s3://lake', name='tables/delays')
        >>> data_name("visits.csv", Path("/project"))
        DataName(namespace='file', name='/project/visits.csv')
    """
    parts = urlsplit(uri)
    if "://" not in uri:
        return DataName("file", str(Path(base, uri).resolve()))
    scheme = _SPELLINGS.get(parts.scheme, parts.scheme)
    path = unquote(parts.path)
    if scheme == "file":
        return DataName("file", path)
    place = parts.netloc if scheme in _CONTAINERS else urlsplit(without_credentials(uri)).netloc
    if not place:
        return DataName(scheme, path or "/")
    if scheme in _PORTS:
        place = place if ":" in place else f"{place}:{_PORTS[scheme]}"
        return DataName(f"{scheme}://{place}", ".".join(part for part in path.split("/") if part) or "/")
    return DataName(f"{scheme}://{place}", path.strip("/") or "/")
