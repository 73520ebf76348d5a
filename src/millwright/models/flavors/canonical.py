"""Makes a skops file depend on nothing but the estimator.

skops names objects and array files by their memory addresses and random ids, shares small values by chance, and arrays
of records carry whatever stood in their padding. Here ids count from 1 in order of appearance, files are named after
that order, equal small values are one, and padding is zero; nothing else changes.
"""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np

from millwright.models.archive import read_archive, write_archive

SCHEMA_NAME = "schema.json"


def canonical_skops(data: bytes) -> bytes:
    """The same skops file, with bytes that are equal for equal estimators.

    Args:
        data: What `skops.io.dumps` gave.
    """
    members = read_archive(data, what="a skops file")
    schema = json.loads(members[SCHEMA_NAME])
    renamed: dict[str, str] = {}
    _renumber(schema, {}, renamed)
    content = {SCHEMA_NAME: json.dumps(schema, separators=(",", ":")).encode()}
    content.update({new: _without_padding(members[old]) for old, new in renamed.items()})
    return write_archive(content, compress=False)


def _renumber(node: Any, ids: dict[Any, int], files: dict[str, str]) -> None:
    if isinstance(node, list):
        for item in node:
            _renumber(item, ids, files)
    elif isinstance(node, dict):
        if "__id__" in node:
            node["__id__"] = ids.setdefault(_identity(node), len(ids) + 1)
        if node.get("__loader__") == "SetNode":
            node["content"] = sorted(node["content"], key=lambda item: str(item.get("content")))
        file = node.get("file")
        if isinstance(file, str):
            suffix = file.rpartition(".")[2]
            node["file"] = files.setdefault(file, f"{len(files) + 1}.{suffix}")
        for value in node.values():
            _renumber(value, ids, files)


def _identity(node: dict[str, Any]) -> tuple[Any, ...]:
    """What makes two nodes one object; for immutable values their content, as Python shares them by chance."""
    if node.get("__loader__") in {"JsonNode", "TypeNode"}:
        return node["__loader__"], node["__module__"], node["__class__"], node.get("content")
    return ("id", node["__id__"])


def _without_padding(content: bytes) -> bytes:
    if not content.startswith(b"\x93NUMPY"):
        return content
    array = np.load(io.BytesIO(content), allow_pickle=False)
    if array.dtype.names is None:
        return content
    clean = np.zeros(array.shape, dtype=array.dtype)
    for name in array.dtype.names:
        clean[name] = array[name]
    buffer = io.BytesIO()
    np.save(buffer, clean, allow_pickle=False)
    return buffer.getvalue()
