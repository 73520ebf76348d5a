"""What names in code stand for: modules followed to what they hold, imports followed to where they lead."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import TYPE_CHECKING, Any

from millwright.pipelines.fingerprint.origin import Origin, is_shared, origin_of_module
from millwright.pipelines.fingerprint.reference import chain_of
from millwright.pipelines.fingerprint.tree import children, every

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.pipelines.fingerprint.reference import Chain

_MISSING = object()
# What a module says of itself; it differs from machine to machine.
_OF_THE_MODULE = frozenset(
    f"__{name}__"
    for name in (
        "name",
        "file",
        "doc",
        "package",
        "spec",
        "loader",
        "builtins",
        "path",
        "cached",
        "annotations",
        "debug",
    )
)
_STEP_ROOM = "millwright.pipelines"


@dataclass(frozen=True, slots=True)
class Global:
    """A module-level name of the project, with its present value."""

    namespace: Mapping[str, Any]
    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Package:
    """Something of an installed package, by the package's module name."""

    module: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name that leads nowhere at present.

    Attributes:
        name: The name.
        is_missed: Whether it is imported where nothing provides for its absence, so that people should be told.
    """

    name: str
    is_missed: bool = field(default=False, compare=False)


Found = Global | Package | Unknown | None


def find(chain: Chain, namespace: Mapping[str, Any]) -> Found:
    """What a chain of names stands for in a module; None for Python's own and for what a module says of itself.

    Args:
        chain: `("helpers", "clean")` for `helpers.clean`.
        namespace: The module's globals.
    """
    name, *attributes = chain
    value = namespace.get(name, _MISSING)
    if value is _MISSING or name in _OF_THE_MODULE:
        return None  # a builtin, or set later
    return follow(Global(namespace, name, value), attributes)


def follow(found: Global, attributes: list[str]) -> Found:
    """Go through project modules by attribute; stop at what is no module, or is not the project's."""
    value = found.value
    for position, attribute in enumerate(attributes):
        if not isinstance(value, ModuleType):
            break
        if origin_of_module(value.__name__) is not Origin.PROJECT:
            return _outside(value.__name__, attributes[position:])
        inner = getattr(value, attribute, _MISSING)
        if inner is _MISSING:
            inner = sys.modules.get(f"{value.__name__}.{attribute}", _MISSING)
        if inner is _MISSING:
            return Unknown(f"{value.__name__}.{attribute}")
        found, value = Global(vars(value), attribute, inner), inner
    if isinstance(value, ModuleType) and origin_of_module(value.__name__) is not Origin.PROJECT:
        return _outside(value.__name__, [])
    return found


def _outside(module: str, attributes: list[str]) -> Package | None:
    if origin_of_module(module) is not Origin.PACKAGE:
        return None
    # Taken as written and not as loaded: whether a part of a package is loaded yet differs from run to run.
    return Package(".".join([module, *attributes]) if is_shared(module) else module)


def find_imported(module: str, level: int, name: str | None, namespace: Mapping[str, Any]) -> Found:
    """What an import statement binds: a module, or a name in it.

    Only modules of the project are imported for it; installed packages are known by their names.
    """
    written = "." * level + module
    try:
        package = str(namespace.get("__package__") or "")
        path = importlib.util.resolve_name("." * level + module, package) if level else module
        origin = origin_of_module(path)
        if origin is not Origin.PROJECT:
            return Package(path) if origin is Origin.PACKAGE else None
        loaded = importlib.import_module(path)
        found = follow(Global({}, path, loaded), [name] if name else [])
        if isinstance(found, Unknown):  # `from . import helper` loads a module as well
            written += f".{name}" if module else str(name)
            found = Global({}, f"{path}.{name}", importlib.import_module(f"{path}.{name}"))
    except Exception:  # noqa: BLE001 - importing runs the user's code; what fails here will fail in the step
        return Unknown(written, is_missed=True)
    return found


def imports_in(node: ast.AST, namespace: Mapping[str, Any]) -> Iterator[Found]:
    """What the imports inside a body lead to, as far as it is used: `import a.b as c` and `c.f` lead to `a.b.f`."""
    nodes = every(node)
    statements = [each for each in nodes if isinstance(each, ast.Import | ast.ImportFrom)]
    if not statements:
        return
    used: dict[str, list[Chain]] = {}
    for chain in _chains_in(node):
        used.setdefault(chain[0], []).append(chain)
    provided = _provided_for(nodes)
    for statement in statements:
        for alias in statement.names:
            for found in _uses(statement, alias, used, namespace):
                is_missed = isinstance(found, Unknown) and statement not in provided
                yield replace(found, is_missed=is_missed) if isinstance(found, Unknown) else found


def is_step_decorator(expression: ast.expr, namespace: Mapping[str, Any]) -> bool:
    """Whether a decorator is ours: what it says (retries, names) does not change what the function computes."""
    chain = chain_of(expression.func if isinstance(expression, ast.Call) else expression)
    value = namespace.get(chain[0]) if chain else None
    for attribute in chain[1:]:
        value = getattr(value, attribute, None)
    return str(getattr(value, "__module__", "")).startswith(_STEP_ROOM)


def _uses(
    statement: ast.Import | ast.ImportFrom, alias: ast.alias, used: dict[str, list[Chain]], namespace: Mapping[str, Any]
) -> Iterator[Found]:
    if isinstance(statement, ast.ImportFrom):
        bound = alias.asname or alias.name
        target = find_imported(statement.module or "", statement.level, alias.name, namespace)
    else:
        bound = alias.asname or alias.name.partition(".")[0]
        target = find_imported(alias.name if alias.asname else bound, 0, None, namespace)
        if not alias.asname and "." in alias.name:
            find_imported(alias.name, 0, None, namespace)  # so that `a.b` is there to be followed
    if not isinstance(target, Global):
        yield target
        return
    for chain in used.get(bound, []):
        yield follow(target, list(chain[1:]))


def _provided_for(nodes: list[ast.AST]) -> set[ast.AST]:
    """Imports under a condition or with a handler, which may lead nowhere without anybody's surprise."""
    around = [each for each in nodes if isinstance(each, ast.If | ast.Try)]
    inside = (inner for each in around if getattr(each, "handlers", True) for inner in every(each))
    return {inner for inner in inside if isinstance(inner, ast.Import | ast.ImportFrom)}


def _chains_in(node: ast.AST) -> Iterator[Chain]:
    stack = [node]
    while stack:
        current = stack.pop()
        if chain := chain_of(current):
            yield chain
        else:
            stack += children(current)
