"""Every public name says what it is."""

from __future__ import annotations

import ast

from house.source import Documented, Function, docstring_node, hold, modules

EXEMPT_DECORATORS = {"override", "overload", "setter", "deleter"}


def test_public_name_has_a_docstring() -> None:
    breaches = {}
    for module in modules():
        if not docstring_node(module.tree) and module.code_lines > 2:
            breaches[module.name] = "the module has no docstring"
        for name, node in _public(module.tree, module.name):
            if not docstring_node(node):
                breaches[name] = "has no docstring"
    hold("docstrings", breaches)


def _public(node: Documented, prefix: str) -> list[tuple[str, Documented]]:
    """Public functions and classes, and the public methods of those classes; a function's insides are private."""
    found: list[tuple[str, Documented]] = []
    for child in node.body:
        if not isinstance(child, Function | ast.ClassDef) or child.name.startswith("_") or _is_exempt(child):
            continue
        name = f"{prefix}.{child.name}"
        found.append((name, child))
        if isinstance(child, ast.ClassDef):
            found.extend(_public(child, name))
    return found


def _is_exempt(node: Function | ast.ClassDef) -> bool:
    return any(ast.unparse(decorator).rpartition(".")[2] in EXEMPT_DECORATORS for decorator in node.decorator_list)
