"""Files that code names where it reads: those that other languages open are not noticed when it runs."""

from __future__ import annotations

import ast
import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from millwright.pipelines.fingerprint.tree import every

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# `pl.read_csv`, `scan_parquet`, `np.load`, `cv2.imread`, `pq.ParquetFile`, `ds.dataset`, `duckdb.connect`, …
_READERS = re.compile(
    r"(read|scan|load|open|imread|connect|dataset)(_\w+)?$|(ParquetFile|Dataset)$|from_(file|csv|json)$"
)
_PATH_KEYWORDS = frozenset({"source", "path", "file", "filename", "filepath", "database"})


def named_files(node: ast.AST, namespace: Mapping[str, Any]) -> Iterator[str]:
    """What is handed as a path to functions that sound like reading: literals, and constants of the module.

    Args:
        node: A function or class.
        namespace: The module's globals.
    """
    for call in every(node):
        if isinstance(call, ast.Call) and _READERS.match(_name(call.func)):
            given = [*call.args[:1], *(each.value for each in call.keywords if each.arg in _PATH_KEYWORDS)]
            for argument in given:
                if path := _path(argument, namespace):
                    yield path


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _path(argument: ast.expr, namespace: Mapping[str, Any]) -> str:
    value: Any = None
    if isinstance(argument, ast.Constant):
        value = argument.value
    elif isinstance(argument, ast.Name):
        value = namespace.get(argument.id)
    elif isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Div):
        left, right = _path(argument.left, namespace), _path(argument.right, namespace)
        value = str(PurePath(left) / right) if left and right else None
    elif isinstance(argument, ast.Call) and _name(argument.func) in {"Path", "str"} and len(argument.args) == 1:
        return _path(argument.args[0], namespace)
    return str(value) if isinstance(value, str | PurePath) and "\n" not in str(value) else ""
