# ruff: noqa: E501 - code as text reads best in one line
from __future__ import annotations

import ast
import textwrap

import pytest

from millwright.pipelines.fingerprint.binding import comprehension_scope, function_scope


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
    assert free == set()
    assert fixed == {"a", "b", "c", "d", "e", "json", "y", "p", "g"}


@pytest.mark.parametrize("body", ["return locals()", "return eval('y')", "class C:\n        z = y"])
def test_scope_keeps_every_name_when_code_can_see_names(body: str) -> None:
    assert scope_of(f"def f(a):\n    y = 1\n    {body}")[0] == set()


def test_comprehension_binds_its_targets() -> None:
    node = ast.parse("[x for a, (b, c) in z for d in a]", mode="eval").body
    assert isinstance(node, ast.ListComp)
    assert comprehension_scope(node).free == {"a", "b", "c", "d"}
