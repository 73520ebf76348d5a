"""The product's source as syntax trees, read once, and the list of exceptions to the house rules."""

from __future__ import annotations

import ast
import io
import tokenize
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
PACKAGE = SOURCE / "millwright"
Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = Function | ast.ClassDef | ast.Module


@dataclass(frozen=True)
class Module:
    """One file of the product."""

    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """What the text says; made when it is asked for, since that of all modules takes seconds."""
        return ast.parse(self.text, filename=str(self.path))

    @property
    def name(self) -> str:
        """Dotted, such as `millwright.core.clock`; a package's `__init__` has the package's name."""
        parts = self.path.relative_to(SOURCE).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def room(self) -> str:
        """The part below `millwright`; empty for `millwright` itself."""
        return self.name.partition(".")[2].partition(".")[0]

    @cached_property
    def code_lines(self) -> int:
        """Lines that hold code: no blanks, comments or docstrings."""
        lines: set[int] = set()
        idle = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type not in idle:
                lines.update(range(token.start[0], token.end[0] + 1))
        for node in ast.walk(self.tree):
            if isinstance(node, Documented) and (docstring := docstring_node(node)):
                lines.difference_update(range(docstring.lineno, (docstring.end_lineno or 0) + 1))
        return len(lines)

    @property
    def has_behaviour(self) -> bool:
        """Whether a function in it does something; not so for interfaces, records and tables, which only declare."""
        return any(isinstance(node, Function) and _does_something(node) for _, node in self.definitions())

    def definitions(self) -> Iterator[tuple[str, Function | ast.ClassDef]]:
        """Every function and class with its dotted name, nested ones included."""
        yield from _definitions(self.tree, self.name)


def _definitions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef):
            name = f"{prefix}.{child.name}"
            yield name, child
            yield from _definitions(child, name)
        else:
            yield from _definitions(child, prefix)


def _does_something(node: Function) -> bool:
    body = node.body[1:] if docstring_node(node) else node.body
    return not all(isinstance(statement, ast.Pass) or ast.unparse(statement) == "..." for statement in body)


def docstring_node(node: Documented) -> ast.Expr | None:
    """The statement that is the docstring, if there is one."""
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return first
    return None


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the product, by path; migrations are a folder of scripts, not modules, and so are left out."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        found.append(Module(path, path.read_text(encoding="utf-8")))
    return tuple(found)


@cache
def _exceptions() -> Mapping[str, frozenset[str]]:
    table = tomllib.loads((ROOT / "tests" / "house" / "exceptions.toml").read_text(encoding="utf-8"))
    return {rule: frozenset(names) for rule, names in table.items() if rule != "allowed_total"}


def hold(rule: str, breaches: Mapping[str, str]) -> None:
    """Fail for a breach that is no listed exception, and for an exception that is needed no longer.

    Args:
        rule: The rule's name in `exceptions.toml`.
        breaches: What breaks the rule → how.
    """
    allowed = _exceptions().get(rule, frozenset())
    new = [f"{name}: {how}" for name, how in sorted(breaches.items()) if name not in allowed]
    assert not new, f"{rule}:\n  " + "\n  ".join(new)
    stale = sorted(allowed - breaches.keys())
    assert not stale, f"{rule}: remove from tests/house/exceptions.toml, they keep the rule now: {', '.join(stale)}"
