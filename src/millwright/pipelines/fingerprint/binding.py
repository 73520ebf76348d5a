"""Which names a scope of source code binds, so that the names of local variables need not count."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from millwright.pipelines.fingerprint.tree import children, every

if TYPE_CHECKING:
    from collections.abc import Iterator

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

_KEEP_FIRST = frozenset(
    (
        *("abstractmethod", "cache", "cached_property", "classmethod", "contextmanager", "deleter", "final", "getter"),
        *("lru_cache", "override", "property", "register", "setter", "singledispatchmethod"),
    )
)
# Code that looks up names as text can tell what its variables are called.
_LOOKS_AT_NAMES = frozenset({"locals", "vars", "eval", "exec", "dir", "globals"})


@dataclass(slots=True)
class Scope:
    """One scope.

    Attributes:
        free: Names that may be called anything without a difference.
        fixed: Names that are bound here and keep their name: parameters that callers may name, plain imports, nested
            classes, and nested functions that are more than called (who is given a function can ask for its name).
        loose: Those of the free names that a caller could name, and hardly ever does: the parameters of a lambda and
            the first one of a method; in order.
    """

    free: frozenset[str]
    fixed: frozenset[str] = frozenset()
    loose: tuple[str, ...] = ()
    tokens: dict[str, str] = field(default_factory=dict)


def function_scope(node: FunctionNode, *, is_method: bool = False, is_local: bool = False) -> Scope:
    """What a function binds itself; names that nested functions bind are theirs.

    Args:
        node: The function.
        is_method: Whether it stands in a class, so that its first argument is given by Python.
        is_local: Whether all its calls are known, see `local_functions`, so that no name of a parameter counts.
    """
    arguments = node.args
    unnamed = (*arguments.posonlyargs, arguments.vararg, arguments.kwarg)
    parameters = {argument.arg for argument in (*unnamed, *arguments.args, *arguments.kwonlyargs) if argument}
    loose = () if is_local else _loose(node, is_method=is_method)
    body = node.body if isinstance(node.body, list) else [node.body]
    assigned = set(parameters) if is_local else {argument.arg for argument in unnamed if argument} | set(loose)
    fixed = parameters - assigned
    elsewhere: set[str] = set()
    nested: set[str] = set()
    for inner in own_nodes(body):
        if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
            assigned.add(inner.id)
        elif isinstance(inner, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and inner.name:
            assigned.add(inner.name)
        elif isinstance(inner, ast.MatchMapping) and inner.rest:
            assigned.add(inner.rest)
        elif isinstance(inner, ast.Import | ast.ImportFrom):
            for alias in inner.names:
                (assigned if alias.asname else fixed).add(alias.asname or alias.name.partition(".")[0])
        elif isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            has_plain_name = not inner.decorator_list and not isinstance(inner, ast.ClassDef)
            (nested if has_plain_name else fixed).add(inner.name)
        elif isinstance(inner, ast.Global | ast.Nonlocal):
            elsewhere.update(inner.names)
    handed_on = _handed_on(node) if nested else set()
    fixed |= nested & handed_on
    assigned |= nested - handed_on
    if has_fixed_names(node):
        return Scope(free=frozenset(), fixed=frozenset((assigned | fixed) - elsewhere))
    return Scope(free=frozenset(assigned - fixed - elsewhere), fixed=frozenset(fixed - elsewhere), loose=loose)


def methods_in(node: ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions that stand in a class's body, whatever the statements around them."""
    return (each for each in own_nodes(node.body) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))


def comprehension_scope(node: Comprehension) -> Scope:
    """What the loops of a comprehension bind."""
    targets = [inner for loop in node.generators for inner in every(loop.target)]
    return Scope(free=frozenset(inner.id for inner in targets if isinstance(inner, ast.Name)))


def loose_parameters(node: FunctionNode, *, is_method: bool = False) -> tuple[str, ...]:
    """The same as `function_scope` gives as `loose`."""
    found = _loose(node, is_method=is_method)
    return () if found and has_fixed_names(node) else found


def _loose(node: FunctionNode, *, is_method: bool) -> tuple[str, ...]:
    arguments = node.args
    if isinstance(node, ast.Lambda):
        return tuple(argument.arg for argument in (*arguments.args, *arguments.kwonlyargs))
    has_first = is_method and not arguments.posonlyargs and all(map(_keeps_first, node.decorator_list))
    return (arguments.args[0].arg,) if has_first and arguments.args else ()


def _keeps_first(decorator: ast.expr) -> bool:
    """Whether a method with this decorator has its first argument from Python; what others do is not known."""
    found = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = found.attr if isinstance(found, ast.Attribute) else getattr(found, "id", "")
    return name in _KEEP_FIRST


def own_nodes(body: list[ast.stmt] | list[ast.expr]) -> Iterator[ast.AST]:
    """The nodes of a scope, without the insides of nested functions and classes, and without comprehension targets."""
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            stack += [*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d)]
        elif isinstance(node, ast.Lambda):
            stack += [*node.args.defaults, *(default for default in node.args.kw_defaults if default)]
        elif isinstance(node, ast.ClassDef):
            stack += [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]
        elif isinstance(node, ast.comprehension):
            stack += [node.iter, *node.ifs]
        else:
            stack += children(node)


def _handed_on(node: ast.AST) -> set[str]:
    """Names that are read otherwise than to call them."""
    nodes = every(node)
    called = {id(inner.func) for inner in nodes if isinstance(inner, ast.Call)}
    names = (inner for inner in nodes if isinstance(inner, ast.Name) and id(inner) not in called)
    return {inner.id for inner in names if isinstance(inner.ctx, ast.Load)}


def has_fixed_names(node: ast.AST) -> bool:
    """Whether all names in a function count, since code in it may look them up as text."""
    # A class body inside a function looks names up in two places; leaving all names alone is the safe reading.
    return any(
        isinstance(inner, ast.ClassDef) or (isinstance(inner, ast.Name) and inner.id in _LOOKS_AT_NAMES)
        for inner in every(node)
    )
