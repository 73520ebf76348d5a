"""Source code as text in which only what can change a result is left.

Two sources give the same text when they differ in comments, docstrings, formatting, type annotations, `pass`, bare
constants, or the names of local variables. The text is the same on every Python from 3.11: it is made from the syntax
tree, with absent fields left out.

Parameters keep their names where callers may use them: not those given by their place only, `*args`, `**keywords`, the
first one of a method and those of a lambda (`calling` has the names that somebody uses all the same). Those of a
function that only the code around it calls do not, and stand by their places in its calls' keywords.
"""

from __future__ import annotations

import ast
from itertools import groupby
from typing import TYPE_CHECKING

from millwright.pipelines.fingerprint.binding import (
    Comprehension,
    FunctionNode,
    Scope,
    comprehension_scope,
    function_scope,
    methods_in,
)
from millwright.pipelines.fingerprint.local_function import local_functions, parameter_tokens
from millwright.pipelines.fingerprint.naming import GlobalNames
from millwright.pipelines.fingerprint.tree import every

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_IGNORED_FIELDS = frozenset({"ctx", "kind", "type_comment", "type_params", "type_ignores", "returns", "annotation"})
_OPTIONAL_BODIES = frozenset({"orelse", "finalbody"})
_CAST_ARGUMENTS = 2  # the type, and the value
_LOCAL = "$"  # no identifier begins with it


def normalise_function(
    node: FunctionNode,
    *,
    free: Sequence[str] = (),
    with_defaults: bool = True,
    skips_decorator: Callable[[ast.expr], bool] = lambda _: False,
    names: GlobalNames | None = None,
    is_method: bool = False,
) -> tuple[str, dict[str, str]]:
    """A function's text without its own name.

    Args:
        node: The function.
        free: Variables of enclosing functions, whose names don't count either.
        with_defaults: Whether the defaults of its parameters count.
        skips_decorator: Which decorators don't count.
        names: What globals are called.
        is_method: Whether the function stands in a class.

    Returns:
        The text, and what each variable of `free` is called in it.
    """
    writer = _Writer(skips_decorator, names)
    outer = Scope(free=frozenset(free))
    writer.scopes.append(outer)
    writer.function(node, with_defaults=with_defaults, is_method=is_method)
    return "".join(writer.parts), outer.tokens


def normalise_class(node: ast.ClassDef, *, with_annotations: bool, names: GlobalNames | None = None) -> str:
    """A class's text without its own name.

    Args:
        node: The class.
        with_annotations: Whether annotations of its fields count, as they do for libraries that act on them.
        names: What globals are called.
    """
    writer = _Writer(lambda _: False, names)
    writer.class_body(node, with_annotations=with_annotations)
    return "".join(writer.parts)


def normalise_statements(statements: Iterable[ast.stmt], *, names: GlobalNames | None = None) -> str:
    """The text of some statements of a module.

    Args:
        statements: The statements.
        names: What globals are called.
    """
    writer = _Writer(lambda _: False, names)
    writer.body(list(statements))
    return "".join(writer.parts)


class _Writer:
    """Writes nodes, field by field."""

    def __init__(self, skips_decorator: Callable[[ast.expr], bool], names: GlobalNames | None = None) -> None:
        self.parts: list[str] = []
        self.scopes: list[Scope] = []
        self._names = names or GlobalNames()
        self._skips_decorator = skips_decorator
        self._methods: set[ast.AST] = set()
        self._local: set[ast.AST] = set()  # functions that only the code around them calls
        self._keywords: dict[ast.keyword, str] = {}  # of their calls
        self._count = 0

    def node(self, node: ast.AST) -> None:
        """Any node."""
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self.parts.append(f"{self._name(node.name) if self._is_local(node.name) else node.name}=")
            self.function(node, is_method=node in self._methods)
        elif isinstance(node, ast.Lambda):
            self.function(node)
        elif isinstance(node, ast.ClassDef):
            self.parts.append(f"{node.name}=")
            # What reads the hints of a class is a decorator, a base or a metaclass.
            self.class_body(node, with_annotations=bool(node.decorator_list or node.bases or node.keywords))
        elif isinstance(node, Comprehension):
            self._comprehension(node)
        elif isinstance(node, ast.Name):
            self.parts.append(f"({self._name(node.id)})")
        elif isinstance(node, ast.Constant):
            self.parts.append(f"({type(node.value).__name__} {node.value!r})")
        elif isinstance(node, ast.AnnAssign):
            self._annotated(node)
        elif isinstance(node, ast.Call) and self._is_cast(node):
            self.node(node.args[1])
        else:
            self._fields(node)

    def function(self, node: FunctionNode, *, with_defaults: bool = True, is_method: bool = False) -> None:
        """A function or lambda, without its name."""
        kind = "lambda" if isinstance(node, ast.Lambda) else type(node).__name__
        self.parts.append(f"({kind} ")
        if not isinstance(node, ast.Lambda):
            self._nodes("decorators", [one for one in node.decorator_list if not self._skips_decorator(one)])
        for function, calls in local_functions(node):
            self._local.add(function)
            self._keywords |= parameter_tokens(function, calls)
        scope = function_scope(node, is_method=is_method, is_local=node in self._local)
        self.scopes.append(scope)
        self._parameters(node.args)
        self.scopes.pop()
        if with_defaults:
            self._defaults(node.args)
        self.scopes.append(scope)
        if isinstance(node, ast.Lambda):
            self.node(node.body)
        else:
            self.body(node.body)
        self.scopes.pop()
        self.parts.append(")")

    def class_body(self, node: ast.ClassDef, *, with_annotations: bool) -> None:
        """A class, without its name; what only annotates is left out, unless annotations act."""
        self._methods.update(methods_in(node))
        self.parts.append("(class ")
        self._nodes("decorators", node.decorator_list)
        self._nodes("bases", node.bases)
        self._nodes("keywords", node.keywords)
        for statement in methods_last(node.body):
            if with_annotations and isinstance(statement, ast.AnnAssign):
                self._field_of_class(statement)
            else:
                self.body([statement])
        self.parts.append(")")

    def body(self, statements: Sequence[ast.stmt]) -> None:
        """Statements, without those that do nothing."""
        for statement in _imports_in_order(statements):
            if not _does_nothing(statement):
                self.node(statement)
                self.parts.append(";")

    def _fields(self, node: ast.AST) -> None:
        self.parts.append(f"({type(node).__name__}")
        for name, value in ast.iter_fields(node):
            if name in _IGNORED_FIELDS or value is None or value == []:
                continue
            if name in _OPTIONAL_BODIES and isinstance(value, list) and all(map(_does_nothing, value)):
                continue
            self.parts.append(f" {name}:")
            if isinstance(value, ast.AST):
                self.node(value)
            elif isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                self.body(value)
            elif isinstance(value, list):
                self._items(value)
            elif isinstance(value, str) and name in {"name", "asname", "rest"}:
                self.parts.append(value if isinstance(node, ast.alias) and name == "name" else self._name(value))
            elif isinstance(node, ast.keyword) and node in self._keywords:
                self.parts.append(self._keywords[node])
            else:
                self.parts.append(repr(value))
        self.parts.append(")")

    def _items(self, items: list[object]) -> None:
        for item in items:
            if isinstance(item, ast.AST):
                self.node(item)
            else:  # names in `global` and `nonlocal`; None where a dictionary is unpacked into another
                self.parts.append(self._name(item) if isinstance(item, str) else "none")
            self.parts.append(",")

    def _nodes(self, label: str, nodes: Sequence[ast.AST]) -> None:
        if nodes:
            self.parts.append(f"{label}[")
            for node in nodes:
                self.node(node)
            self.parts.append("]")

    def _parameters(self, arguments: ast.arguments) -> None:
        for kind in ("posonlyargs", "args", "kwonlyargs"):
            named = (self._name(argument.arg) for argument in getattr(arguments, kind))
            self.parts.append(f"{kind}[{','.join(named)}]")
        for star, argument in (("*", arguments.vararg), ("**", arguments.kwarg)):
            self.parts.append(f"{star}{self._name(argument.arg)}" if argument else "")

    def _defaults(self, arguments: ast.arguments) -> None:
        self._nodes("defaults", arguments.defaults)
        for default in arguments.kw_defaults:
            self.parts.append("kw:")
            if default is not None:
                self.node(default)

    def _comprehension(self, node: Comprehension) -> None:
        self.parts.append(f"({type(node).__name__} ")
        self.node(node.generators[0].iter)  # looked up outside the comprehension, as Python does
        self.scopes.append(comprehension_scope(node))
        for position, loop in enumerate(node.generators):
            self.parts.append(f" for{loop.is_async}:")
            self.node(loop.target)
            if position:
                self.node(loop.iter)
            self._nodes("ifs", loop.ifs)
        self._nodes("", [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])
        self.scopes.pop()
        self.parts.append(")")

    def _annotated(self, node: ast.AnnAssign) -> None:
        if node.value is not None:  # the same text as a plain assignment
            self.parts.append("(Assign targets:")
            self._items([node.target])
            self.parts.append(" value:")
            self.node(node.value)
            self.parts.append(")")

    def _field_of_class(self, node: ast.AnnAssign) -> None:
        self.parts.append("(field ")
        self.node(node.target)
        self.node(node.annotation)
        if node.value is not None:
            self.node(node.value)
        self.parts.append(");")

    def _name(self, name: str) -> str:
        for scope in reversed(self.scopes):
            if name in scope.fixed:
                return name
            if name in scope.free:
                if name not in scope.tokens:
                    scope.tokens[name] = f"{_LOCAL}{self._count}"
                    self._count += 1
                return scope.tokens[name]
        return self._names.token(name)

    def _is_cast(self, node: ast.Call) -> bool:
        if len(node.args) != _CAST_ARGUMENTS or node.keywords or not self._names.is_cast(node.func):
            return False
        root = node.func.value if isinstance(node.func, ast.Attribute) else node.func
        return isinstance(root, ast.Name) and not self._is_local(root.id)

    def _is_local(self, name: str) -> bool:
        return any(name in scope.fixed or name in scope.free for scope in self.scopes)


def _does_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Pass) or (isinstance(node, ast.AnnAssign) and node.value is None):
        return True
    if isinstance(node, ast.If) and all(map(_does_nothing, node.orelse)):
        test = node.test
        return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
            isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
        )
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def methods_last(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """A class's statements, its plain methods last and by name: in which order they stand makes no difference.

    Methods with decorators stay where they are (a setter needs its property), and so does one that is defined twice or
    that a statement of the class refers to.
    """
    names = [each.name for each in body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    others = [each for each in body if not _is_plain_method(each)]
    used = {inner.id for each in others for inner in every(each) if isinstance(inner, ast.Name)}
    moved = {name for name in names if names.count(name) == 1 and name not in used}
    free = [each for each in body if _is_plain_method(each) and each.name in moved]  # type: ignore[attr-defined]
    kept = [each for each in body if each not in free]
    return [*kept, *sorted(free, key=lambda each: each.name)]  # type: ignore[attr-defined]


def _is_plain_method(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.decorator_list


def _imports_in_order(statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements, with imports that follow one another one by one and sorted, as formatters do."""
    for is_import, group in groupby(statements, lambda each: isinstance(each, ast.Import | ast.ImportFrom)):
        if is_import:
            yield from sorted((one for each in group for one in _one_by_one(each)), key=_import_key)
        else:
            yield from group


def _import_key(statement: ast.stmt) -> tuple[str, int, str]:
    """What is imported; what it is called here is no part of the order."""
    name = statement.names[0].name if isinstance(statement, ast.Import | ast.ImportFrom) else ""
    if isinstance(statement, ast.ImportFrom):
        return statement.module or "", statement.level, name
    return "", -1, name


def _one_by_one(statement: ast.stmt) -> Iterator[ast.stmt]:
    if isinstance(statement, ast.Import):
        yield from (ast.Import(names=[alias]) for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom):
        names = statement.names
        yield from (ast.ImportFrom(module=statement.module, names=[one], level=statement.level) for one in names)
