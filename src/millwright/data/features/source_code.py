"""The source of a Python transformation as text in which only what can change its values is left.

Comments, docstrings, annotations and formatting are left out. What the function reaches in the project's own code (not
in installed packages or Python itself) is part of it: functions and classes by their own text, constants by their
values. Names that are made at run time are not seen.
"""

from __future__ import annotations

import ast
import linecache
import sys
from datetime import date, time, timedelta
from hashlib import sha256
from inspect import unwrap
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PLAIN = (bool, int, float, str, bytes, date, time, timedelta, type(None))
_INSTALLED = ("site-packages", "dist-packages")
_MAX_PARTS = 500


def normalised_source(function: Callable[..., Any]) -> str:
    """The text of a function and of what it reaches.

    Two functions give the same text when they compute the same by the same statements; a function whose source cannot
    be read (typed into an interpreter) is known by its byte code, which differs from Python to Python.

    Args:
        function: A function, a lambda, or an object that can be called.

    Returns:
        The function's own source first, then one part for each thing it reaches, in the order in which it is reached.
    """
    walk = _Walk()
    walk.visit("", function)
    return "\n\n".join(walk.parts)


class _Walk:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self._seen: set[int] = set()
        self._kept: list[Any] = []  # so that no id is given to another object meanwhile

    def visit(self, name: str, value: Any) -> None:
        """Write down what a name stands for, once."""
        if isinstance(value, _PLAIN) or _is_plain_collection(value):
            self.parts.append(f"{name} = {_shown(value)}")
            return
        value = unwrap(value) if callable(value) else value
        if id(value) in self._seen or len(self.parts) > _MAX_PARTS:
            return
        self._seen.add(id(value))
        self._kept.append(value)
        if isinstance(value, FunctionType):
            if not name or _is_ours(value.__module__):
                self._function(name, value)
        elif isinstance(value, type):
            if _is_ours(value.__module__):
                self._class(value)
        elif type(value).__module__ == "functools" and hasattr(value, "func"):
            self.parts.append(f"{name} = partial {_shown(value.args)} {_shown(value.keywords)}")
            self.visit(name, value.func)
        elif isinstance(value, ModuleType):
            return  # what is used of it is visited by attribute
        elif not name or _is_ours(type(value).__module__):
            self._class(type(value))
            for key, held in sorted(getattr(value, "__dict__", {}).items()):
                self.visit(f"{name}.{key}", held)
        else:
            self.parts.append(f"{name} = {type(value).__module__}.{type(value).__qualname__} {_steady(value)}")

    def _function(self, name: str, function: FunctionType) -> None:
        node = _node_of(function)
        own = ast.unparse(_stripped(node)) if node is not None else f"# byte code {_code_digest(function.__code__)}"
        self.parts.append(f"# {name}\n{own}" if name else own)
        for index, default in enumerate(function.__defaults__ or ()):
            self.visit(f"default {index}", default)
        for key, default in sorted((function.__kwdefaults__ or {}).items()):
            self.visit(f"default {key}", default)
        for free, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            self.visit(free, cell.cell_contents)
        self._reached(function.__code__, function.__globals__)

    def _class(self, kind: type) -> None:
        for name, member in sorted(vars(kind).items()):
            plain = getattr(member, "__func__", getattr(member, "fget", member))
            if isinstance(plain, FunctionType):
                self.visit(f"{kind.__name__}.{name}", plain)

    def _reached(self, code: CodeType, names: dict[str, Any]) -> None:
        used = list(_names(code))
        for name in used:
            value = names.get(name)
            if name not in names:
                continue
            if isinstance(value, ModuleType):
                if _is_ours(value.__name__):
                    for attribute in used:
                        if attribute in vars(value):
                            self.visit(f"{name}.{attribute}", vars(value)[attribute])
            else:
                self.visit(name, value)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _is_ours(module: str) -> bool:
    """Whether a module is the project's: neither Python's own nor installed."""
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names or top == "millwright":
        return top == "__main__"
    file = str(getattr(sys.modules.get(module), "__file__", None) or "")
    return not any(place in file for place in _INSTALLED)


def _node_of(function: FunctionType) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | None:
    code = function.__code__
    linecache.checkcache(code.co_filename)
    lines = linecache.getlines(code.co_filename, function.__globals__)
    try:
        tree = ast.parse("".join(lines))
    except SyntaxError:
        return None
    found: list[ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if first == code.co_firstlineno and node.name == code.co_name:
                found.append(node)
        elif isinstance(node, ast.Lambda) and code.co_name == "<lambda>" and node.lineno == code.co_firstlineno:
            found.append(node)
    if len(found) <= 1:
        return found[0] if found else None
    return next((node for node in found if isinstance(node, ast.Lambda) and _is_compiled_from(code, node)), None)


def _is_compiled_from(code: CodeType, node: ast.Lambda) -> bool:
    whole = compile(ast.Expression(node), code.co_filename, "eval")
    made = next(constant for constant in whole.co_consts if isinstance(constant, CodeType))
    # Names of enclosing functions are globals when the lambda is compiled alone, so code may differ there.
    return made.co_code == code.co_code and (made.co_consts, made.co_names) == (code.co_consts, code.co_names)


class _Strip(ast.NodeTransformer):
    """Without docstrings, annotations and bare constants."""

    def visit(self, node: ast.AST) -> Any:
        """Leave out what changes no value."""
        node = self.generic_visit(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.AnnAssign) and node.value is not None and node.simple:
            return ast.Assign(targets=[node.target], value=node.value, lineno=node.lineno)
        body = getattr(node, "body", None)
        if isinstance(body, list) and isinstance(node, ast.stmt):
            node.body = [s for s in body if not _is_bare(s)] or [ast.Pass()]  # type: ignore[attr-defined]
        return node


def _stripped(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> ast.AST:
    clean: ast.AST = _Strip().visit(node)
    if isinstance(clean, ast.FunctionDef | ast.AsyncFunctionDef):
        clean.decorator_list = []
        clean.name = "transform"
    return clean


def _is_bare(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _code_digest(code: CodeType) -> str:
    inner = [_code_digest(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return sha256(repr((code.co_code, code.co_names, inner)).encode()).hexdigest()[:32]


def _is_plain_collection(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, _PLAIN) and _is_constant(held) for key, held in value.items())
    return isinstance(value, list | tuple | set | frozenset) and all(_is_constant(held) for held in value)


def _is_constant(value: Any) -> bool:
    return isinstance(value, _PLAIN) or _is_plain_collection(value)


def _shown(value: Any) -> str:
    if isinstance(value, set | frozenset):
        return "{" + ", ".join(sorted(map(repr, value))) + "}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_shown(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_shown, value)) + "]"
    return repr(value)


def _steady(value: Any) -> str:
    """What an object of a package shows of itself, unless that holds its address."""
    shown = str(value)
    return "" if " at 0x" in shown else shown[:2000]
