"""A source file as syntax, with a way from what was loaded of it back to where it is written."""

from __future__ import annotations

import ast
import linecache
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING

from millwright.pipelines.fingerprint.binding import FunctionNode
from millwright.pipelines.fingerprint.reference import nested_codes
from millwright.pipelines.fingerprint.tree import children, every

if TYPE_CHECKING:
    from collections.abc import Iterator

_Key = tuple[str, int]  # qualified name, first line
_Functions = tuple[Mapping[_Key, list[CodeType]], Mapping[_Key, list[FunctionNode]]]


class SourceFile:
    """One file.

    Args:
        path: As code objects name it; a notebook's cells have such names, too.
        tree: What stands in it.
    """

    def __init__(self, path: str, tree: ast.Module) -> None:
        self.path = path
        self.tree = tree
        self._compiled: dict[tuple[int, ...], _Functions] = {}

    @classmethod
    def read(cls, path: str) -> SourceFile | None:
        """The file of that name; None when it cannot be read or is no Python."""
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, ValueError):
            text = "".join(linecache.getlines(path))  # where notebooks keep their cells
        try:
            return cls(path, ast.parse(text)) if text else None
        except (SyntaxError, ValueError):
            return None

    def function(self, code: CodeType) -> FunctionNode | None:
        """Where a loaded function is written; None when the file has changed since it was loaded."""
        line = code.co_firstlineno
        around = tuple(
            place
            for place, statement in enumerate(self.tree.body)
            if _first_line(statement) <= line <= (statement.end_lineno or 0)
        )
        found = self._find(code, around)
        return self._find(code, tuple(range(len(self.tree.body)))) if found is None else found

    def classes(self, qualname: str) -> list[ast.ClassDef]:
        """Where a class is written; several when it is defined under a condition."""
        return list(_classes(self.tree, "", qualname))

    def statements(self, name: str) -> list[ast.stmt]:
        """The module's statements that give a global its value, or change it while the module is loaded."""
        return self._statements.get(name, [])

    def _find(self, code: CodeType, places: tuple[int, ...]) -> FunctionNode | None:
        """A function among the statements at some places of the file."""
        if places not in self._compiled:
            self._compiled[places] = self._compile([self.tree.body[place] for place in places])
        key = (code.co_qualname, code.co_firstlineno)
        codes, nodes = self._compiled[places][0].get(key, []), self._compiled[places][1].get(key, [])
        if len(codes) != len(nodes):
            return None
        return next((node for found, node in zip(codes, nodes, strict=True) if found == code), None)

    def _compile(self, statements: list[ast.stmt]) -> _Functions:
        """The functions in a few statements: compiling the whole file for one of them takes many times longer."""
        codes: defaultdict[_Key, list[CodeType]] = defaultdict(list)
        nodes: defaultdict[_Key, list[FunctionNode]] = defaultdict(list)
        others = [each for each in statements if not isinstance(each, ast.Import | ast.ImportFrom)]
        module = ast.Module(body=[*self._imports, *others], type_ignores=[])
        try:
            compiled = compile(module, self.path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return codes, nodes
        for code in nested_codes(compiled):
            codes[code.co_qualname, code.co_firstlineno].append(code)
        for qualname, node in _functions(ast.Module(body=others, type_ignores=[]), ""):
            nodes[qualname, _first_line(node)].append(node)
        return codes, nodes

    @cached_property
    def _imports(self) -> list[ast.stmt]:
        """The module's imports: `a.b()` is compiled otherwise where `a` is imported, and some are for the future."""
        found = [node for node in _of_module(self.tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        return sorted(found, key=lambda each: not (isinstance(each, ast.ImportFrom) and each.module == "__future__"))

    @cached_property
    def _statements(self) -> dict[str, list[ast.stmt]]:
        found: defaultdict[str, list[ast.stmt]] = defaultdict(list)
        for statement in _module_statements(self.tree.body):
            for name in dict.fromkeys((*_bound_names(statement), *self._filled_names(statement))):
                found[name].append(statement)
        return found

    def _filled_names(self, statement: ast.stmt) -> Iterator[str]:
        """The globals that a function changes which a statement calls while the module is loaded: `_fill_table()`."""
        call = statement.value if isinstance(statement, ast.Expr) else None
        name = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else None
        for each in self.tree.body:
            if isinstance(each, ast.FunctionDef) and each.name == name:
                yield from (found for inner in each.body for found in _bound_names(inner))


def _first_line(node: ast.stmt | ast.Lambda) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, FunctionNode]]:
    """Functions and lambdas with their qualified names, in the order in which they are compiled."""
    for child in children(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            qualname = prefix + ("<lambda>" if isinstance(child, ast.Lambda) else child.name)
            yield qualname, child
            yield from _functions(child, f"{qualname}.<locals>.")
        else:
            yield from _functions(child, f"{prefix}{child.name}." if isinstance(child, ast.ClassDef) else prefix)


def _of_module(node: ast.AST) -> Iterator[ast.AST]:
    """The statements that run when the module is loaded, those under conditions included."""
    for child in children(node):
        if not isinstance(child, ast.expr | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield child
            yield from _of_module(child)


def _classes(node: ast.AST, prefix: str, wanted: str) -> Iterator[ast.ClassDef]:
    """The classes of one qualified name."""
    for child in children(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            is_class = isinstance(child, ast.ClassDef)
            if isinstance(child, ast.ClassDef) and prefix + child.name == wanted:
                yield child
            inside = f"{prefix}{child.name}." if is_class else f"{prefix}{child.name}.<locals>."
            if wanted.startswith(inside):
                yield from _classes(child, inside, wanted)
        elif not isinstance(child, ast.expr):
            yield from _classes(child, prefix, wanted)


def _module_statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when the module is loaded; those with bodies are given whole."""
    for statement in body:
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement


def _bound_names(statement: ast.stmt) -> Iterator[str]:
    """The globals that a statement sets, or that it changes through an item, an attribute or a method."""
    for node in every(statement):
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
