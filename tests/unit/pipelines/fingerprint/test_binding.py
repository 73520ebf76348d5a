# ruff: noqa: E501 - code as text reads best in one line
from __future__ import annotations

import ast
import textwrap

import pytest

from millwright.pipelines.fingerprint.binding import Scope, comprehension_scope, function_scope, methods_in


def scope_of(source: str) -> tuple[set[str], set[str]]:
    (node,) = ast.parse(textwrap.dedent(source)).body
    assert isinstance(node, ast.FunctionDef)
    scope = function_scope(node)
    return set(scope.free), set(scope.fixed)


@pytest.mark.parametrize(
    ("body", "free"),
    [
        ("y = 1", {"y"}),
        ("y, (z, *w) = a", {"y", "z", "w"}),
        ("y += 1", {"y"}),
        ("y: int = 1", {"y"}),
        ("for y in a: pass", {"y"}),
        ("with a as y: pass", {"y"}),
        ("try:\n        pass\n    except E as y:\n        pass", {"y"}),
        ("import numpy as np", {"np"}),
        ("from a import b as c", {"c"}),
        ("if (y := a): pass", {"y"}),
        ("[y for y in a]", set()),
        ("[z for y in a if (z := y)]", {"z"}),
        ("del y", {"y"}),
        ("match a:\n        case [y, *z]: pass\n        case {'k': v, **r}: pass", {"y", "z", "v", "r"}),
        ("global y\n    y = 1", set()),
        ("a.b = 1\n    a[0] = 1", set()),
        ("def g():\n        y = 1", {"g"}),
        ("def g():\n        y = 1\n    g()", {"g"}),
        ("def g():\n        y = 1\n    h(g)", set()),
        ("@a\n    def g():\n        y = 1\n    g()", set()),
        ("lambda y: y", set()),
    ],
)
def test_scope_knows_the_names_that_do_not_count(body: str, free: set[str]) -> None:
    assert scope_of(f"def f(a):\n    {body}")[0] == free


def test_scope_keeps_parameters_nested_functions_that_are_handed_on_and_plain_imports() -> None:
    source = "def f(a, /, b, *c, d, **e):\n    import json\n    from x import y\n    import p.q\n    def g(): pass\n    b = g"
    free, fixed = scope_of(source)
    assert free == {"a", "c", "e"}
    assert fixed == {"b", "d", "json", "y", "p", "g"}


@pytest.mark.parametrize(
    ("source", "loose"),
    [
        ("def f(self, x): pass", ("self",)),
        ("@property\ndef f(self): pass", ("self",)),
        ("@a.register(int)\ndef f(self, x): pass", ("self",)),
        ("def f(self, /, x): pass", ()),
        ("def f(): pass", ()),
        ("@staticmethod\ndef f(x): pass", ()),
        ("@unknown\ndef f(x): pass", ()),
        ("def f(self):\n    return locals()", ()),
    ],
)
def test_first_parameter_of_a_method_may_be_called_anything(source: str, loose: tuple[str, ...]) -> None:
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.FunctionDef)
    assert function_scope(node, is_method=True).loose == loose
    assert function_scope(node).loose == ()


def test_parameters_of_a_lambda_may_be_called_anything() -> None:
    node = ast.parse("lambda a, /, b, *c, d=1, **e: a", mode="eval").body
    assert isinstance(node, ast.Lambda)
    assert function_scope(node) == Scope(free=frozenset("abcde"), loose=("b", "d"))


def test_methods_stand_anywhere_in_a_class_and_not_in_its_functions() -> None:
    (node,) = ast.parse(
        "class A:\n    def a(self): pass\n    if x:\n        def b(self):\n            def c(): pass"
    ).body
    assert isinstance(node, ast.ClassDef)
    assert {each.name for each in methods_in(node)} == {"a", "b"}


@pytest.mark.parametrize("body", ["return locals()", "return eval('y')", "class C:\n        z = y"])
def test_scope_keeps_every_name_when_code_can_see_names(body: str) -> None:
    assert scope_of(f"def f(a):\n    y = 1\n    {body}")[0] == set()


def test_comprehension_binds_its_targets() -> None:
    node = ast.parse("[x for a, (b, c) in z for d in a]", mode="eval").body
    assert isinstance(node, ast.ListComp)
    assert comprehension_scope(node).free == {"a", "b", "c", "d"}
