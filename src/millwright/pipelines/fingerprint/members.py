"""What a class's attributes hold, and whether its annotations do something when it runs."""

from __future__ import annotations

import enum
import functools
from dataclasses import is_dataclass
from types import DynamicClassAttribute, FunctionType
from typing import TYPE_CHECKING, Any

from millwright.pipelines.fingerprint.lookup import Unknown, find, imports_in
from millwright.pipelines.fingerprint.origin import Origin, module_of, origin_of_file, origin_of_module
from millwright.pipelines.fingerprint.reference import code_references

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from millwright.pipelines.fingerprint.naming import GlobalNames
    from millwright.pipelines.fingerprint.reference import Chain
    from millwright.pipelines.fingerprint.source_file import SourceFile

_MACHINERY = frozenset({"__annotate__", "__annotate_func__", "__hash__", "_abc_impl"})


def members(kind: type, file: SourceFile | None, names: GlobalNames) -> Iterator[tuple[str, Any]]:
    """What a class's attributes hold; the text of methods written in its body, if it is found, counts already.

    Args:
        kind: A class of the project.
        file: Where it is written, if that is found.
        names: What globals are called.
    """
    is_enumeration = issubclass(kind, enum.Enum)
    known = kind.__members__ if issubclass(kind, enum.Enum) else {}
    if is_enumeration:
        yield "members", {name: member.value for name, member in known.items()}
    for name, value in sorted(vars(kind).items()):
        if name in _MACHINERY or name in known:
            continue
        if isinstance(value, functools.singledispatchmethod):  # which types its functions are for, hints may say
            yield name, value.dispatcher.registry
        functions = list(functions_of(value))
        if not functions:
            is_kept_about = name.startswith("__") and name.endswith("__")  # what libraries keep about the class
            if is_kept_about or (is_enumeration and name.startswith("_")):
                continue
            if file is None or not hasattr(type(value), "__get__"):
                yield name, value
            continue
        for function in functions:
            yield from _of_function(name, function, kind, file, names)


def functions_of(value: Any) -> Iterator[FunctionType]:
    """The functions in a class's attribute: a method, or what a property or cached property calls."""
    if isinstance(value, FunctionType):
        yield value
    elif isinstance(value, classmethod | staticmethod):
        yield from functions_of(value.__func__)
    elif isinstance(value, property | DynamicClassAttribute):
        yield from (inner for each in (value.fget, value.fset, value.fdel) for inner in functions_of(each))
    elif isinstance(value, functools.cached_property | functools.partialmethod | functools.singledispatchmethod):
        yield from functions_of(value.func)
    elif "__wrapped__" in getattr(value, "__dict__", ()) and not isinstance(value, type):
        yield from functions_of(value.__wrapped__)


def annotations_act(kind: type, nodes: list[ast.ClassDef]) -> bool:
    """Whether a class's annotations do something when it runs, as for dataclasses and most models.

    They do where somebody looks at them: a decorator, a base or a metaclass of other people's making, a metaclass or a
    hook for subclasses of the project's own, `typing`'s own classes.

    Args:
        kind: A class of the project.
        nodes: Where it is written.
    """
    makers = (*kind.__mro__[1:], type(kind))
    is_made = any(origin_of_module(module_of(maker)) is Origin.PACKAGE for maker in makers)
    own = [maker for maker in makers if origin_of_module(module_of(maker)) is Origin.PROJECT]
    is_hooked = any(issubclass(maker, type) or "__init_subclass__" in vars(maker) for maker in own)
    is_typing = hasattr(kind, "_fields") or hasattr(kind, "__total__")  # named tuples and typed dictionaries
    return is_dataclass(kind) or is_made or is_hooked or is_typing or any(node.decorator_list for node in nodes)


def globals_of(chains: list[Chain], namespace: dict[str, Any], names: GlobalNames) -> list[tuple[str, Any]]:
    """What chains of names stand for in a module, with what they are called."""
    return [(names.label(chain), found) for chain in chains if (found := find(chain, namespace)) is not None]


def labelled(label: str, found: Any) -> list[tuple[str, Any]]:
    """Everything that was found, under one label."""
    return [(label, each) for each in found if each is not None]


def cells(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """The variables of enclosing functions that a function uses, with their values."""
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not filled yet
            yield name, Unknown(name)


def _of_function(
    name: str, function: FunctionType, kind: type, file: SourceFile | None, names: GlobalNames
) -> Iterator[tuple[str, Any]]:
    code = function.__code__
    node = file.function(code) if file else None
    if node is not None and code.co_qualname.startswith(f"{kind.__qualname__}."):
        chains, _ = code_references(code)
        yield from globals_of(chains, function.__globals__, names)
        yield from labelled(name, imports_in(node, function.__globals__))
        yield from ((f"{name} {cell}", held) for cell, held in cells(function))
        yield f"{name} defaults", (function.__defaults__, function.__kwdefaults__)
    elif origin_of_file(code.co_filename) is Origin.PROJECT and not code.co_filename.startswith("<"):
        yield name, function
