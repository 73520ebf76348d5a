"""Which names of parameters callers use, so that the other ones of lambdas and methods need not count."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from millwright.pipelines.fingerprint.binding import loose_parameters, methods_in
from millwright.pipelines.fingerprint.tree import children, every

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_SCOPES = (*_FUNCTIONS, ast.ClassDef)


def loose_names(nodes: Iterable[ast.AST], *, is_method: bool = False) -> tuple[str, ...]:
    """What the text leaves out and a caller could use all the same, as `Scope.loose` says, in the order of the source.

    Args:
        nodes: Some code, functions inside included.
        is_method: Whether the code is a method, without its class.
    """
    return tuple(name for node in nodes for name in _loose(node, is_method=is_method))


def called_names(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """By which names some code hands arguments on: keywords of its calls, and keys that may become such by `**`."""
    return frozenset(name for node in nodes for inner in every(node) for name in _called(inner))


def _loose(node: ast.AST, *, is_method: bool = False) -> Iterator[str]:
    if isinstance(node, _FUNCTIONS):
        yield from loose_parameters(node, is_method=is_method)
        if not any(isinstance(inner, _SCOPES) for inner in every(node)[1:]):
            return  # as most functions: there is nothing inside
    methods = list(methods_in(node)) if isinstance(node, ast.ClassDef) else []
    for child in children(node):
        yield from _loose(child, is_method=child in methods)


def _called(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.keyword) and node.arg is not None:
        yield node.arg
    keys = node.keys if isinstance(node, ast.Dict) else [node.slice] if isinstance(node, ast.Subscript) else []
    yield from (key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str))
