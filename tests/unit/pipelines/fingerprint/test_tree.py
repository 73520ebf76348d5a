from __future__ import annotations

import ast
from pathlib import Path

import pytest

from millwright.pipelines.fingerprint import tree

_LEFT_OUT = (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)
_FILES = [*Path(tree.__file__).parent.glob("*.py"), Path(__file__)]


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.name)
def test_nodes_are_those_of_ast_in_its_order(file: Path) -> None:
    parsed = ast.parse(file.read_text())
    expected = [node for node in ast.walk(parsed) if not isinstance(node, _LEFT_OUT)]
    assert tree.every(parsed) == expected
    for node in expected:
        below = [child for child in ast.iter_child_nodes(node) if not isinstance(child, _LEFT_OUT)]
        assert list(tree.children(node)) == below


def test_statements_of_every_kind_are_gone_through() -> None:
    parsed = ast.parse(
        "match a:\n case {'b': [c, *d], **e} | f.g(h=1) as i if j: pass\n"
        "async def k(l=1, /, m: int = 2, *n, o=3, **p) -> q:\n async with r as s: await t\n yield\n"
        "try: del u[v:w]\nexcept* x as y: raise z from None\nfinally: global aa\n"
        "with open('b') as f, g: f'{f!r:>{w}}'\nlambda h, *i: {**h, 1: i}\n[j async for k in l if m]\n"
        "n: o = p < q <= ~r\n"
    )
    assert tree.every(parsed) == [node for node in ast.walk(parsed) if not isinstance(node, _LEFT_OUT)]


def test_fields_that_a_node_lacks_are_left_out() -> None:
    assert list(tree.children(ast.Return())) == []
    assert [type(node) for node in tree.every(ast.Import(names=[ast.alias(name="a")]))] == [ast.Import, ast.alias]
