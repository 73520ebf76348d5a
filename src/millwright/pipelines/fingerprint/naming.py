"""What global names are called in a text, so that an import may be given another name without a difference."""

from __future__ import annotations

import ast
import typing
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from millwright.pipelines.fingerprint.origin import Origin, origin_of_module, public_module
from millwright.pipelines.label import module_label

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMED = (FunctionType, BuiltinFunctionType, type)


class GlobalNames:
    """The names of one module's globals as one text writes them: functions, classes and modules by their own names.

    `import numpy as np` and `import numpy as numpy_` give one text, and `import math as m` another than
    `import cmath as m`. Names of other values stay, since nothing better says which they are.

    Args:
        namespace: The module's globals, with their present values.
    """

    def __init__(self, namespace: Mapping[str, Any] | None = None) -> None:
        self._namespace = namespace or {}
        self._tokens: dict[str, str] = {}

    def token(self, name: str) -> str:
        """What a name is called; two names of one text are never called the same."""
        if name not in self._tokens:
            own = _own_name(self._namespace.get(name))
            token = f"<{own}>" if own else name
            while own and token in self._tokens.values():
                token += "'"
            self._tokens[name] = token
        return self._tokens[name]

    def label(self, chain: tuple[str, ...]) -> str:
        """A chain of names, such as `np.linalg.norm`, with its first one as the text writes it."""
        return ".".join((self.token(chain[0]), *chain[1:]))

    def is_cast(self, node: ast.AST) -> bool:
        """Whether an expression stands for `typing.cast`, whose first argument is a hint."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return node.attr == "cast" and self._namespace.get(node.value.id) is typing
        return isinstance(node, ast.Name) and self._namespace.get(node.id) is typing.cast


def _own_name(value: Any) -> str:
    if isinstance(value, ModuleType):
        name = module_label(value.__name__)
        is_project = origin_of_module(value.__name__) is Origin.PROJECT
        return name.rpartition(".")[2] if is_project else public_module(name)
    return value.__qualname__ if isinstance(value, _NAMED) else ""
