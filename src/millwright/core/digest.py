"""Content digests: SHA-256 in lower-case hex, of bytes, files and JSON values."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from millwright.core.ids import Digest

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK_BYTES = 1 << 20
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest_bytes(data: bytes) -> Digest:
    """The digest of some bytes."""
    return Digest(hashlib.sha256(data).hexdigest())


def digest_file(path: Path) -> Digest:
    """The digest of a file's bytes, read in chunks of 1 MiB."""
    with path.open("rb") as file:
        state = hashlib.sha256()
        while chunk := file.read(_CHUNK_BYTES):
            state.update(chunk)
    return Digest(state.hexdigest())


def canonical_json(value: Any) -> bytes:
    """One byte string for equal JSON values: sorted keys, no spaces, UTF-8.

    Args:
        value: JSON values, nested; tuples count as lists.

    Raises:
        ValueError: A NaN or an infinity, which JSON has no form for.
        TypeError: A value that JSON has no form for.
    """
    return _CANONICAL.encode(value).encode()


def digest_json(value: Any) -> Digest:
    """The digest of a JSON value's canonical form."""
    return digest_bytes(canonical_json(value))
