# ruff: noqa: E501 - code as text reads best in one line
from __future__ import annotations

import argparse
import ast
import dataclasses
import functools
import inspect
import json.decoder
import textwrap

import pytest

from millwright.pipelines.fingerprint.binding import function_scope
from millwright.pipelines.fingerprint.naming import GlobalNames
from millwright.pipelines.fingerprint.syntax import normalise_class, normalise_function, normalise_statements

CORPUS = (argparse, ast, dataclasses, functools, inspect, json.decoder, textwrap)


def text(source: str) -> str:
    return normalise_function(function(source))[0]


def function(source: str) -> ast.FunctionDef:
    (node,) = ast.parse(textwrap.dedent(source)).body
    assert isinstance(node, ast.FunctionDef)
    return node


def corpus() -> list[ast.FunctionDef]:
    trees = [ast.parse(inspect.getsource(module)) for module in CORPUS]
    return [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


class Renamer(ast.NodeTransformer):
    """Renames the local variables of one function, nothing inside nested functions that bind them themselves."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(f"renamed_{node.id}", node.ctx) if node.id in self.names else node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(f"renamed_{node.arg}") if node.arg in self.names else node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        if node.name in self.names:
            node.name = f"renamed_{node.name}"
        return self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> ast.AST:
        if node.name in self.names:
            node.name = f"renamed_{node.name}"
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if node.name in self.names:
            node.name = f"renamed_{node.name}"
        return self.generic_visit(node)

    def visit_alias(self, node: ast.alias) -> ast.AST:
        if node.asname in self.names:
            node.asname = f"renamed_{node.asname}"
        return node

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        node.names = [f"renamed_{name}" if name in self.names else name for name in node.names]
        return node


def test_text_stays_when_code_is_formatted_anew() -> None:
    for node in corpus():
        again = function(ast.unparse(node))
        assert normalise_function(again)[0] == normalise_function(node)[0]


def test_text_stays_when_local_variables_are_renamed() -> None:
    checked = 0
    for node in corpus():
        scope = function_scope(node)
        # A nested function that binds the same name has a variable of its own, which the renamer would hit, too.
        nested = [
            inner for inner in ast.walk(node) if isinstance(inner, ast.FunctionDef | ast.Lambda) and inner is not node
        ]
        names = scope.free - {
            name for inner in nested for name in (function_scope(inner).free | function_scope(inner).fixed)
        }
        before = normalise_function(node)[0]
        renamed = Renamer(names).visit(function(ast.unparse(node)))
        after = function(ast.unparse(ast.fix_missing_locations(renamed)))
        assert normalise_function(after)[0] == before, node.name
        checked += bool(names)
    assert checked > 250


def test_text_changes_with_every_constant_name_and_operator() -> None:
    changed = 0
    for node in corpus()[:150]:
        before = normalise_function(node)[0]
        for inner in ast.walk(node):
            if isinstance(inner, ast.Attribute):
                inner.attr, old = inner.attr + "_changed", inner.attr
                changed += normalise_function(node)[0] != before or _only_annotates(node, inner)
                inner.attr = old
        assert normalise_function(node)[0] == before
    assert changed > 500


def _only_annotates(node: ast.FunctionDef, inner: ast.AST) -> bool:
    annotations = [argument.annotation for argument in ast.walk(node) if isinstance(argument, ast.arg)]
    return any(inner in ast.walk(annotation) for annotation in annotations if annotation)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("def f(x):\n    y = x\n    return y", "def f(x):\n    y = x\n    return x"),
        ("def f(x):\n    y = z = x\n    return y", "def f(x):\n    y = z = x\n    return z, 1"),
        ("def f(x):\n    global y\n    y = x", "def f(x):\n    y = x"),
        ("def f(x):\n    a = 1\n    return locals()", "def f(x):\n    b = 1\n    return locals()"),
        ("def f(x):\n    import a", "def f(x):\n    import b"),
        ("def f(x):\n    from a import b", "def f(x):\n    from a import c as b"),
        ("def f(x):\n    return 1", "def f(x):\n    return 1.0"),
        ("def f(x):\n    return 1", "def f(x):\n    return True"),
        ("def f(x):\n    return 'a'", "def f(x):\n    return b'a'"),
        ("def f(x, y):\n    return x", "def f(y, x):\n    return x"),
        ("def f(x, /, y):\n    return x", "def f(x, y):\n    return x"),
        ("def f(x, *, y):\n    return x", "def f(x, y):\n    return x"),
        ("def f(x=1):\n    return x", "def f(x=2):\n    return x"),
        ("def f(*, x=1):\n    return x", "def f(*, x=2):\n    return x"),
        ("def f(*x):\n    return x", "def f(**x):\n    return x"),
        ("def f(x):\n    return [a for a in x]", "def f(x):\n    return {a for a in x}"),
        ("def f(x):\n    return [a for a in x if a]", "def f(x):\n    return [a for a in x]"),
        ("def f(x):\n    return {**x}", "def f(x):\n    return {None: x}"),
        ("@g\ndef f(x):\n    return x", "def f(x):\n    return x"),
        ("def f(x):\n    if TYPE_CHECKING:\n        return 1\n    else:\n        return 2", "def f(x):\n    pass"),
        ("def f(x):\n    def g(y): return y\n    return map(g, x)", "def f(x):\n    def h(y): return y\n    return map(h, x)"),
        ("def f(x):\n    return cast(x, 1)", "def f(x):\n    return cast(x, 2)"),
        ("def f(x):\n    del x.a", "def f(x):\n    del x.b"),
        ("def f(x):\n    match x:\n        case [a, *b]:\n            return a", "def f(x):\n    match x:\n        case [a, *b]:\n            return b"),
    ],
)  # fmt: skip
def test_text_differs_when_the_meaning_does(one: str, other: str) -> None:
    assert text(one) != text(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("def f(x):\n    'Says.'\n    return x", "def g(x):\n    return x"),
        ("def f(x):\n    ...\n    return x", "def f(x):\n    pass\n    return x"),
        ("def f(x):\n    y: int = x\n    return y", "def f(x):\n    z = x\n    return z"),
        ("def f(x):\n    y: int\n    y = x\n    return y", "def f(x):\n    y = x\n    return y"),
        ("def f(x):\n    if TYPE_CHECKING:\n        import a\n    return x", "def f(x):\n    return x"),
        ("def f(x, *args, **kws):\n    return args, kws", "def f(x, *rest, **more):\n    return rest, more"),
        ("def f(a, b, /):\n    return a - b", "def f(c, d, /):\n    return c - d"),
        ("def f(x):\n    return map(lambda a, b=x: a + b, x)", "def f(x):\n    return map(lambda c, d=x: c + d, x)"),
        ("def f(x):\n    for y in x: pass\n    else: pass", "def f(x):\n    for y in x: pass"),
        ("def f(x):\n    try: g()\n    except E: pass\n    else: ...\n    finally: 'Says.'", "def f(x):\n    try: g()\n    except E: pass"),
        ("def f(x):\n    class A:\n        y: int = 1\n        z: int\n        def m(self): return self", "def f(x):\n    class A:\n        y = 1\n        def m(this): return this"),
        ("def f(x: 'A') -> B:\n    return x", "def f(x):\n    return (x)"),
        ("def f(x):\n    def g(): return y\n    y = x\n    return g", "def f(x):\n    def g(): return z\n    z = x\n    return g"),
        ("def f(x):\n    y = 0\n    def g():\n        nonlocal y\n        y = 1\n    return g", "def f(x):\n    z = 0\n    def g():\n        nonlocal z\n        z = 1\n    return g"),
        ("def f(x):\n    if (n := len(x)) > 1: return n", "def f(x):\n    if (m := len(x)) > 1: return m"),
        ("def f(x):\n    return [n for a in x if (n := a)]", "def f(x):\n    return [m for b in x if (m := b)]"),
        ("def f(x):\n    def g(y): return g(y)\n    return g(x)", "def f(x):\n    def h(y): return h(y)\n    return h(x)"),
        ("def f(x):\n    import b, a\n    from c import e, d", "def f(x):\n    import a\n    import b\n    from c import d, e"),
        ("def f(x):\n    import b as p\n    import a as q", "def f(x):\n    import a as s\n    import b as r"),
        ("def f(x):\n    match x:\n        case {'a': b, **r}: return b, r", "def f(x):\n    match x:\n        case {'a': c, **s}: return c, s"),
    ],
)  # fmt: skip
def test_text_is_the_same_when_the_meaning_is(one: str, other: str) -> None:
    assert text(one) == text(other)


def test_free_variables_are_called_by_their_place() -> None:
    node = function("def f(x):\n    return x + outer + other")
    found, tokens = normalise_function(node, free=("other", "outer"))
    assert set(tokens) == {"other", "outer"}
    renamed, _ = normalise_function(function("def f(x):\n    return x + a + b"), free=("a", "b"))
    assert found == renamed


def test_defaults_and_decorators_can_be_left_out() -> None:
    node = function("@step\n@cache\ndef f(x=1, *, y=2):\n    return x")
    found, _ = normalise_function(
        node, with_defaults=False, skips_decorator=lambda each: isinstance(each, ast.Name) and each.id == "step"
    )
    assert found == text("@cache\ndef f(x, *, y):\n    return x").replace("kw:", "")


def test_annotations_of_a_class_count_only_when_asked_for() -> None:
    one, other = (ast.parse(f"class A:\n    'Says.'\n    x: {hint} = 1").body[0] for hint in ("int", "str"))
    assert isinstance(one, ast.ClassDef)
    assert isinstance(other, ast.ClassDef)
    assert normalise_class(one, with_annotations=False) == normalise_class(other, with_annotations=False)
    assert normalise_class(one, with_annotations=True) != normalise_class(other, with_annotations=True)


def test_statements_lose_what_does_nothing() -> None:
    assert normalise_statements(ast.parse("'Says.'\nx = 1\npass\n# why\n...").body) == normalise_statements(
        ast.parse("x = (1)").body
    )


def test_methods_may_stand_in_any_order_and_other_statements_may_not() -> None:
    def of(body: str) -> str:
        (node,) = ast.parse(f"class A:\n{textwrap.indent(textwrap.dedent(body), '    ')}").body
        assert isinstance(node, ast.ClassDef)
        return normalise_class(node, with_annotations=False)

    assert of("def a(self): return 1\nx = 1\ndef b(self): return 2") == of(
        "def b(self): return 2\ndef a(self): return 1\nx = 1"
    )
    assert of("x = 1\ny = x") != of("y = x\nx = 1")
    assert of("def a(self): return 1\ndef a(self): return 2") != of("def a(self): return 2\ndef a(self): return 1")
    assert of("def a(self): return 1\nb = a\ndef a(self): return 2") != of(
        "def a(self): return 2\nb = a\ndef a(self): return 1"
    )


def test_type_of_a_cast_is_a_hint() -> None:
    from typing import cast

    names = GlobalNames({"cast": cast})
    one, other = (function(f"def f(x):\n    return cast('{hint}', x)") for hint in ("int", "str"))
    assert normalise_function(one, names=names)[0] == normalise_function(other, names=GlobalNames({"cast": cast}))[0]
    shadowed = function("def f(x, cast):\n    return cast('int', x)")
    assert "'int'" in normalise_function(shadowed, names=names)[0]
