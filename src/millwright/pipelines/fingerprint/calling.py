"""Which names of parameters callers use, so that the other ones of lambdas and methods need not count."""

from __future__ import annotations

import ast
import builtins
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from millwright.pipelines.fingerprint.binding import loose_parameters, methods_in
from millwright.pipelines.fingerprint.local_function import local_functions, parameter_tokens
from millwright.pipelines.fingerprint.reference import chain_of
from millwright.pipelines.fingerprint.tree import children, every

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ANY = "**"  # stands for every name: those that are handed on are known to the run only

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_SCOPES = (*_FUNCTIONS, ast.ClassDef)


def loose_names(nodes: Iterable[ast.AST], *, is_method: bool = False) -> tuple[str, ...]:
    """What the text leaves out and a caller could use all the same, as `Scope.loose` says, in the order of the source.

    Args:
        nodes: Some code, functions inside included.
        is_method: Whether the code is a method, without its class.
    """
    return tuple(name for node in nodes for name in _loose(node, set(), is_method=is_method))


def called_names(nodes: Iterable[ast.AST], namespace: Mapping[str, Any] | None = None) -> frozenset[str]:
    """By which names some code hands arguments on: keywords of its calls, and keys that may become such by `**`.

    `ANY` is among them when a call hands on a mapping of which the code does not say the keys, and what is called may
    be a lambda, or be given one. Keywords of functions that only the code itself calls are not.

    Args:
        nodes: Some code.
        namespace: The globals of its module.
    """
    return frozenset(name for node in nodes for name in _called(node, namespace or {}))


def _loose(node: ast.AST, local: set[ast.AST], *, is_method: bool = False) -> Iterator[str]:
    if isinstance(node, _FUNCTIONS):
        if node not in local:
            yield from loose_parameters(node, is_method=is_method)
        if not any(isinstance(inner, _SCOPES) for inner in every(node)[1:]):
            return  # as most functions: there is nothing inside
        local.update(function for function, _ in local_functions(node))
    methods = list(methods_in(node)) if isinstance(node, ast.ClassDef) else []
    for child in children(node):
        yield from _loose(child, local, is_method=child in methods)


def _called(node: ast.AST, namespace: Mapping[str, Any]) -> Iterator[str]:
    nodes = every(node)
    functions = [inner for inner in nodes if isinstance(inner, _FUNCTIONS)]
    own: set[ast.AST] = set()
    for function in functions:
        for each, calls in local_functions(function):
            own.update(parameter_tokens(each, calls))
    spreading = []
    for inner in nodes:
        if isinstance(inner, ast.keyword) and inner.arg is not None and inner not in own:
            yield inner.arg
        elif isinstance(inner, ast.Call) and any(keyword.arg is None for keyword in inner.keywords):
            spreading.append(inner)
        else:
            yield from _keys(inner)
    if spreading:
        local = {name for inner in nodes for name in _bound_names(inner)}
        passed_on = {function.args.kwarg.arg for function in functions if function.args.kwarg}
        if any(_hands_on_any(call, local, passed_on, namespace) for call in spreading):
            yield ANY


def _bound_names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.alias):
        yield node.asname or node.name.partition(".")[0]
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name


def _keys(node: ast.AST) -> Iterator[str]:
    """Texts that become keys of a mapping; what is only looked up by a text has been put there by another one."""
    keys: list[ast.expr | None] = []
    if isinstance(node, ast.Dict):
        keys = [*node.keys]
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        keys = [node.slice]
    yield from (key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str))


def _hands_on_any(call: ast.Call, local: set[str], passed_on: set[str], namespace: Mapping[str, Any]) -> bool:
    mappings = [keyword.value for keyword in call.keywords if keyword.arg is None]
    if all(_is_known(mapping, local, passed_on) for mapping in mappings):
        return False
    chain = chain_of(call.func)
    if not chain or chain[0] in local or not _is_plain(chain, namespace):
        return True
    given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg is not None)]
    inside = [inner for value in given for inner in every(value)]
    return any(isinstance(inner, ast.Lambda) or (isinstance(inner, ast.Name) and inner.id in local) for inner in inside)


def _is_known(mapping: ast.expr, local: set[str], passed_on: set[str]) -> bool:
    """Whether the keys of a mapping stand in some code: in this, where it is used, or where a global has its value."""
    if isinstance(mapping, ast.Dict):
        pairs = zip(mapping.keys, mapping.values, strict=True)
        return all(
            _is_known(value, local, passed_on) if key is None else isinstance(key, ast.Constant) for key, value in pairs
        )
    if isinstance(mapping, ast.Name) and mapping.id in passed_on:  # whoever called has named them
        return True
    chain = chain_of(mapping)
    return bool(chain) and chain[0] not in local


def _is_plain(chain: tuple[str, ...], namespace: Mapping[str, Any]) -> bool:
    """Whether a global is a class or a function that was defined with `def`, whose parameters keep their names."""
    value = namespace.get(chain[0], getattr(builtins, chain[0], None))
    for attribute in chain[1:]:
        if not isinstance(value, ModuleType | type):
            return False
        value = getattr(value, attribute, None)
    if isinstance(value, FunctionType):
        return value.__name__ != "<lambda>"
    return isinstance(value, type | BuiltinFunctionType)
