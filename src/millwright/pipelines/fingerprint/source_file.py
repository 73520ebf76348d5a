"""A source file as syntax, with a way from what was loaded of it back to where it is written."""

from __future__ import annotations

import ast
import linecache
from collections import defaultdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from millwright.pipelines.fingerprint.reference import nested_codes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    from millwright.pipelines.fingerprint.binding import FunctionNode

_Key = tuple[str, int]  # qualified name, first line


class SourceFile:
    """One file.

    Args:
        path: As code objects name it; a notebook's cells have such names, too.
        text: What stands in it.
        tree: The same as syntax.
    """

    def __init__(self, path: str, text: str, tree: ast.Module) -> None:
        self.path = path
        self.tree = tree
        self._text = text

    @classmethod
    def read(cls, path: str) -> SourceFile | None:
        """The file of that name; None when it cannot be read or is no Python."""
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, ValueError):
            text = "".join(linecache.getlines(path))  # where notebooks keep their cells
        try:
            return cls(path, text, ast.parse(text)) if text else None
        except (SyntaxError, ValueError):
            return None

    def function(self, code: CodeType) -> FunctionNode | None:
        """Where a loaded function is written; None when the file has changed since it was loaded."""
        key = (code.co_qualname, code.co_firstlineno)
        codes, nodes = self._codes.get(key, []), self._functions.get(key, [])
        if len(codes) != len(nodes):
            return None
        return next((node for found, node in zip(codes, nodes, strict=True) if found == code), None)

    def classes(self, qualname: str) -> list[ast.ClassDef]:
        """Where a class is written; several when it is defined under a condition."""
        return self._classes.get(qualname, [])

    def statements(self, name: str) -> list[ast.stmt]:
        """The module's statements that give a global its value, or change it while the module is loaded."""
        return self._statements.get(name, [])

    @cached_property
    def _codes(self) -> dict[_Key, list[CodeType]]:
        found: defaultdict[_Key, list[CodeType]] = defaultdict(list)
        try:
            compiled = compile(self._text, self.path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return found
        for code in nested_codes(compiled):
            found[code.co_qualname, code.co_firstlineno].append(code)
        return found

    @cached_property
    def _functions(self) -> dict[_Key, list[FunctionNode]]:
        found: defaultdict[_Key, list[FunctionNode]] = defaultdict(list)
        for qualname, node in _definitions(self.tree, ""):
            if not isinstance(node, ast.ClassDef):
                decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
                first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
                found[qualname, first].append(node)
        return found

    @cached_property
    def _classes(self) -> dict[str, list[ast.ClassDef]]:
        found: defaultdict[str, list[ast.ClassDef]] = defaultdict(list)
        for qualname, node in _definitions(self.tree, ""):
            if isinstance(node, ast.ClassDef):
                found[qualname].append(node)
        return found

    @cached_property
    def _statements(self) -> dict[str, list[ast.stmt]]:
        found: defaultdict[str, list[ast.stmt]] = defaultdict(list)
        for statement in _module_statements(self.tree.body):
            for name in dict.fromkeys(_bound_names(statement)):
                found[name].append(statement)
        return found


def _definitions(node: ast.AST, prefix: str) -> Iterator[tuple[str, FunctionNode | ast.ClassDef]]:
    """Functions, lambdas and classes with their qualified names, in the order in which they are compiled."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            qualname = prefix + ("<lambda>" if isinstance(child, ast.Lambda) else child.name)
            yield qualname, child
            yield from _definitions(child, f"{qualname}.<locals>.")
        elif isinstance(child, ast.ClassDef):
            yield prefix + child.name, child
            yield from _definitions(child, f"{prefix}{child.name}.")
        else:
            yield from _definitions(child, prefix)


def _module_statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when the module is loaded; those with bodies are given whole."""
    for statement in body:
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement


def _bound_names(statement: ast.stmt) -> Iterator[str]:
    """The globals that a statement sets, or that it changes through an item, an attribute or a method."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            yield from _root(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield from _root(node.value.func)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)


def _root(node: ast.AST) -> Iterator[str]:
    depth = 0
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
        depth += 1
    if isinstance(node, ast.Name) and depth:
        yield node.id
