"""What code refers to outside itself: chains of global names, and imports inside bodies."""

from __future__ import annotations

import ast
import dis
from dataclasses import dataclass
from types import CodeType
from typing import TYPE_CHECKING

from millwright.pipelines.fingerprint.tree import children

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_GLOBAL_LOADS = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS", "LOAD_CLASSDEREF"})
_ATTRIBUTE_LOADS = frozenset({"LOAD_ATTR", "LOAD_METHOD"})
_SILENT = frozenset({"CACHE", "PRECALL", "NOP", "EXTENDED_ARG", "PUSH_NULL"})


@dataclass(frozen=True, slots=True)
class Imported:
    """An import inside a body: `from ..module import name, …`; `names` is empty for `import module`."""

    module: str
    level: int
    names: tuple[str, ...]


Chain = tuple[str, ...]


def code_references(code: CodeType) -> tuple[list[Chain], list[Imported]]:
    """What a function's byte code refers to, nested functions included; in order, each once.

    Returns:
        Chains such as `("helpers", "clean")` for `helpers.clean`, and the imports.
    """
    chains: dict[Chain, None] = {}
    imports: dict[Imported, None] = {}
    for inner in nested_codes(code):
        _scan(inner, chains, imports)
    return list(chains), list(imports)


def nested_codes(code: CodeType) -> Iterator[CodeType]:
    """A code object and all those inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from nested_codes(constant)


def syntax_references(nodes: Iterable[ast.AST]) -> list[Chain]:
    """Chains in expressions and statements, function bodies left out (their byte code says it better)."""
    chains: dict[Chain, None] = {}
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            stack += [*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d)]
        elif isinstance(node, ast.AnnAssign):
            stack += [node.target, *([node.value] if node.value else [])]
        elif chain := chain_of(node):
            chains[chain] = None
        else:
            stack += children(node)
    return sorted(chains)


def chain_of(node: ast.AST) -> Chain:
    """The names of `a.b.c`; empty when the node is no such chain."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    return (node.id, *reversed(attributes)) if isinstance(node, ast.Name) else ()


def _scan(code: CodeType, chains: dict[Chain, None], imports: dict[Imported, None]) -> None:
    chain: Chain = ()
    constants: list[object] = []
    for instruction in dis.get_instructions(code):
        name = instruction.opname
        if name in _ATTRIBUTE_LOADS and chain:
            chain = (*chain, instruction.argval)
            continue
        if name in _SILENT:
            continue
        if chain:
            chains[chain] = None
            chain = ()
        if name in _GLOBAL_LOADS:
            chain = (instruction.argval,)
        elif name == "IMPORT_NAME":
            level, names = constants[-2:]  # the compiler loads both just before
            listed = tuple(str(each) for each in names) if isinstance(names, tuple) else ()
            imports[Imported(instruction.argval, level if isinstance(level, int) else 0, listed)] = None
        elif name.startswith(("LOAD_CONST", "LOAD_SMALL_INT")):
            constants = [*constants[-1:], instruction.argval]
    if chain:
        chains[chain] = None
