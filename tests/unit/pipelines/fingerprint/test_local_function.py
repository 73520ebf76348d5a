from __future__ import annotations

import ast
import textwrap

import pytest

from millwright.pipelines.fingerprint.local_function import local_functions, parameter_tokens


def found(body: str) -> list[tuple[str, int]]:
    """The first parameter of each local function, and how many calls it has."""
    source = f"@g(a=1)\ndef f(x, y=g(a=1)):\n{textwrap.indent(textwrap.dedent(body), '    ')}"
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.FunctionDef)
    return [(function.args.args[0].arg, len(calls)) for function, calls in local_functions(node)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("def g(a): return a\nreturn g(a=1) + g(2)", [("a", 2)]),
        ("async def g(a): return a\nreturn g(1)", [("a", 1)]),
        ("g = lambda a: a\nreturn g(a=1)", [("a", 1)]),
        ("g: object = lambda a: a\nreturn g(a=1)", [("a", 1)]),
        ("return (lambda a: a)(a=1)", [("a", 1)]),
        ("def g(a): return a and g(a=0)\nreturn [g(b) for b in x]", [("a", 2)]),
        ("def g(a): return a\ndef h(b): return g(a=b)\nreturn h(1)", [("b", 1), ("a", 1)]),
        ("if x:\n    def g(a): return a\n    g(1)", [("a", 1)]),
        ("def h(b):\n    def g(a): return a\n    return g(a=1)", [("b", 0)]),
        ("return g(a=1)", []),
        ("return sorted(x, key=lambda a: a)", []),
        ("def g(a): return a\nreturn g", []),
        ("def g(a): return a\nreturn g.__name__, g(1)", []),
        ("def g(a): return a\nreturn g(**x)", []),
        ("@x\ndef g(a): return a\nreturn g(1)", []),
        ("def g(a): return a\ndef g(b): return b\nreturn g(1)", []),
        ("def g(a): return a\ng = x\nreturn g(1)", []),
        ("def g(a): return a\nfor g in x: g(1)", []),
        ("def g(a): return a\nimport g\nreturn g(1)", []),
        ("def g(a): return a\ntry: g(1)\nexcept x as g: pass", []),
        ("def g(a): return a\nmatch x:\n    case [*g]: g(1)", []),
        ("def g(a): return a\nmatch x:\n    case {'k': 1, **g}: g(1)", []),
        ("def g(a): return a\ndef h(g): return g(1)\nreturn x", [("g", 0)]),
        ("global g\ndef g(a): return a\nreturn g(1)", []),
        ("g, h = (lambda a: a), 1\nreturn g(1)", []),
        ("g = h = lambda a: a\nreturn g(1)", []),
        ("def g(a): return a\nlocals()\nreturn g(1)", []),
    ],
)
def test_local_function_is_one_that_is_bound_once_and_called_only(body: str, expected: list[tuple[str, int]]) -> None:
    assert sorted(found(body)) == sorted(expected)


def test_keywords_stand_by_the_places_of_their_parameters() -> None:
    source = "def f():\n    def g(p, /, a, b=1, *c, d, **e): return a\n    return g(0, 1, d=2, b=3, p=4, z=5)"
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.FunctionDef)
    ((function, calls),) = local_functions(node)
    tokens = {keyword.arg: token for keyword, token in parameter_tokens(function, calls).items()}
    assert tokens == {"d": "<2>", "b": "<1>"}
