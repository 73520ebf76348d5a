"""Type hints of functions as objects, whatever the user's imports look like."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from contextlib import suppress
from dataclasses import fields, is_dataclass
from types import NoneType, SimpleNamespace, UnionType
from typing import TYPE_CHECKING, Annotated, Any, NewType, Union, get_args, get_origin, get_type_hints, is_typeddict

from millwright.pipelines.label import module_label

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LOOKED_INTO = (Union, UnionType, list, tuple)
_CONTAINERS = (list, dict, tuple, set, frozenset)


def find_hints(function: Callable[..., Any]) -> tuple[dict[str, Any], dict[str, Exception]]:
    """The types that a function's annotations name, and what was raised by those that name none.

    Names that the module imports only under `if TYPE_CHECKING:` are imported here. A missing annotation is missing in
    the result; `Annotated` is kept.

    Returns:
        By parameter, and `return`; `Any` for an annotation that cannot be found out.
    """
    unwrapped = inspect.unwrap(function)
    with suppress(Exception):  # an annotation may be any expression; which one is wrong is found out below
        return get_type_hints(unwrapped, include_extras=True), {}
    hints: dict[str, Any] = {}
    errors: dict[str, Exception] = {}
    imported: dict[str, Any] = {}
    for name, annotation in inspect.get_annotations(unwrapped).items():
        try:
            hints[name] = _resolved(unwrapped, annotation, imported)
        except Exception as error:  # noqa: BLE001 - an annotation may be any expression
            hints[name], errors[name] = Any, error
    return hints, errors


def resolve_hints(function: Callable[..., Any]) -> dict[str, Any]:
    """The types that a function's annotations name; `Any` for one that cannot be found out. See `find_hints`."""
    return find_hints(function)[0]


def strip(hint: Any) -> Any:
    """A type without `Annotated` and `NewType` around it; `None` becomes its type."""
    while True:
        if get_origin(hint) is Annotated:
            hint = get_args(hint)[0]
        elif isinstance(hint, NewType):
            hint = hint.__supertype__
        else:
            return NoneType if hint is None else hint


def metadata(hint: Any) -> tuple[Any, ...]:
    """What `Annotated` adds to a type, to a member of a union or to the items of a list; empty when there is none."""
    if get_origin(hint) is Annotated:
        return (*hint.__metadata__, *metadata(get_args(hint)[0]))
    if get_origin(hint) in _LOOKED_INTO:
        return tuple(mark for member in get_args(hint) for mark in metadata(member))
    return ()


def alternatives(hint: Any) -> tuple[Any, ...]:
    """The members of a union, each stripped; the type itself when it is none."""
    bare = strip(hint)
    if get_origin(bare) in {Union, UnionType}:
        return tuple(inner for member in get_args(bare) for inner in alternatives(member))
    return (bare,)


def field_hints(hint: Any) -> dict[str, Any]:
    """The named parts of a dataclass, named tuple or typed dictionary with their types; empty for other types."""
    kind = strip(hint)
    if not isinstance(kind, type) or not (is_dataclass(kind) or is_typeddict(kind) or hasattr(kind, "_fields")):
        return {}
    if is_dataclass(kind):
        names = [each.name for each in fields(kind)]
    else:
        names = list(getattr(kind, "_fields", kind.__annotations__))
    try:
        found = get_type_hints(kind, include_extras=True)
    except Exception:  # noqa: BLE001 - a name that only the type-checker knows
        found = {}
    return {name: found.get(name, Any) for name in names}


def describe(hint: Any) -> str:
    """A type as people write it: `pl.DataFrame` is `DataFrame`, `list[int]` stays."""
    bare = strip(hint)
    if bare is NoneType:
        return "None"
    members = alternatives(bare)
    if len(members) > 1:
        return " | ".join(describe(member) for member in members)
    if get_origin(bare) in _CONTAINERS:
        inner = ", ".join("..." if member is ... else describe(member) for member in get_args(bare))
        return f"{get_origin(bare).__name__}[{inner}]"
    if get_args(bare) or not isinstance(bare, type):
        return str(bare).replace("typing.", "").replace("collections.abc.", "")
    module = module_label(bare.__module__).partition(".")[0]
    return bare.__qualname__ if module in {"builtins", "typing", "__main__"} else f"{module}.{bare.__qualname__}"


def _resolved(function: Callable[..., Any], annotation: Any, imported: dict[str, Any]) -> Any:
    """One annotation as a type; names that had to be imported for it are added to `imported`."""
    holder, namespace = SimpleNamespace(__annotations__={"it": annotation}), getattr(function, "__globals__", {})
    while True:
        try:
            return get_type_hints(holder, namespace, imported, include_extras=True)["it"]
        except NameError as error:
            name = error.name
            found = _import_for_typing(function, name) if name and name not in imported else None
            if name is None or found is None:
                raise
            imported[name] = found[0]


def _import_for_typing(function: Callable[..., Any], name: str) -> tuple[Any] | None:
    """What a name that only type-checkers see stands for, in a tuple of one; None when it cannot be found."""
    module = sys.modules.get(function.__module__)
    if module is None:
        return None
    try:
        tree = ast.parse(inspect.getsource(module))
    except (OSError, TypeError, SyntaxError):
        return None
    for block in ast.walk(tree):
        if isinstance(block, ast.If) and ast.unparse(block.test).rpartition(".")[2] == "TYPE_CHECKING":
            for statement in block.body:
                if found := _imported(statement, name, function.__globals__):
                    return found
    return None


def _imported(statement: ast.stmt, name: str, namespace: Mapping[str, Any]) -> tuple[Any] | None:
    """What an import statement binds to a name, in a tuple of one; None when it binds another or fails."""
    if not isinstance(statement, ast.Import | ast.ImportFrom):
        return None
    alias = next((a for a in statement.names if (a.asname or a.name.partition(".")[0]) == name), None)
    if alias is None:
        return None
    try:
        if isinstance(statement, ast.Import):
            module = importlib.import_module(alias.name)
            return (module if alias.asname else sys.modules[name],)
        path = "." * statement.level + (statement.module or "")
        module = importlib.import_module(path, namespace.get("__package__"))
        return (getattr(module, alias.name),)
    except Exception:  # noqa: BLE001 - an import that works for the type-checker only is no error
        return None
