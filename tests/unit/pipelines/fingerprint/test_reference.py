from __future__ import annotations

import ast
import textwrap

from millwright.pipelines.fingerprint.reference import Imported, chain_of, code_references, syntax_references


def references(source: str) -> tuple[list[tuple[str, ...]], list[Imported]]:
    namespace: dict[str, object] = {}
    exec(compile(textwrap.dedent(source), "<test>", "exec"), namespace)  # noqa: S102 - the tests' own code
    return code_references(namespace["f"].__code__)  # type: ignore[attr-defined]


def test_chains_follow_attributes_of_global_names() -> None:
    chains, _ = references("""
        def f(x):
            y = a.b.c(x) + d
            return y.e + LIMIT.g[0].h
    """)
    assert chains == [("a", "b", "c"), ("d",), ("LIMIT", "g")]


def test_chains_of_nested_functions_comprehensions_and_lambdas_are_found() -> None:
    chains, _ = references("""
        def f(x):
            def g():
                return inner.one
            return [inner.two(i) for i in x], (lambda: inner.three), g
    """)
    assert set(chains) == {("inner", "one"), ("inner", "two"), ("inner", "three")}


def test_chains_are_told_once_and_locals_are_none() -> None:
    chains, _ = references("def f(x):\n    a = x\n    return g(a) + g(a.b)")
    assert chains == [("g",)]


def test_imports_inside_tell_module_level_and_names() -> None:
    _, imports = references("""
        def f(x):
            import a.b
            import c as d
            from e.f import g, h as i
            return x
    """)
    assert imports == [Imported("a.b", 0, ()), Imported("c", 0, ()), Imported("e.f", 0, ("g", "h"))]


def test_syntax_references_leave_out_function_bodies_and_annotations() -> None:
    tree = ast.parse(
        textwrap.dedent("""
        x: Hint = a.b(c)
        @deco.rate(LIMIT)
        def f(y: Other = DEFAULT):
            return hidden
    """)
    )
    assert syntax_references(tree.body) == [("DEFAULT",), ("LIMIT",), ("a", "b"), ("c",), ("deco", "rate"), ("x",)]


def test_chain_of_anything_else_is_empty() -> None:
    assert chain_of(ast.parse("a.b.c", mode="eval").body) == ("a", "b", "c")
    assert chain_of(ast.parse("a().b", mode="eval").body) == ()
