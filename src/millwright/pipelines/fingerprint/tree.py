"""Nodes of syntax trees, one after the other: as `ast` gives them, without those that only say how others are used."""

from __future__ import annotations

import ast

# Hold names, numbers, contexts and operators: nothing that anybody looks for. A name that is a node on some Python
# (`name` of a `type` statement) is not among them.
_BARE = frozenset({"ctx", "op", "ops", "id", "attr", "arg", "kind", "type_comment", "level", "module", "is_async"})


class _Fields(dict[type[ast.AST], tuple[str, ...]]):
    """The fields of each kind of node that may hold nodes."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        found = self[kind] = tuple(name for name in kind._fields if name not in _BARE)
        return found


_FIELDS = _Fields()
_latest: tuple[ast.AST | None, list[ast.AST]] = (None, [])


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below one, in the order of `ast.iter_child_nodes`; no contexts and no operators."""
    found: list[ast.AST] = []
    for name in _FIELDS[type(node)]:
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            found.append(value)
        elif isinstance(value, list):
            found += [each for each in value if isinstance(each, ast.AST)]
    return found


def every(node: ast.AST) -> list[ast.AST]:
    """A node and all below it, in the order of `ast.walk`; no contexts and no operators. Not to be changed.

    The latest answer is kept: one function is gone through several times, for one thing after the other.
    """
    global _latest  # noqa: PLW0603 - whoever asked; trees are not changed once they are made
    if _latest[0] is node:
        return _latest[1]
    found = [node]
    for each in found:  # which grows meanwhile
        found += children(each)
    _latest = (node, found)
    return found
