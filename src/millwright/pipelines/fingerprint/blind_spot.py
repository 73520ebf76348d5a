"""What a function does that hides from the fingerprint which code it reaches."""

from __future__ import annotations

import importlib
import runpy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from millwright.pipelines.fingerprint.reference import Chain, Imported

_BUILT_IN = {"eval": "eval", "exec": "exec", "__import__": "__import__"}
_FUNCTIONS = {importlib.import_module: "import_module", runpy.run_path: "run_path", runpy.run_module: "run_module"}


def blind_spots(
    chains: Iterable[Chain], imports: Iterable[Imported], namespace: Mapping[str, Any], label: str
) -> Iterator[str]:
    """Sentences on calls that load or execute code which only the run itself knows.

    Args:
        chains: The names that a function's code refers to, as `code_references` gives them.
        imports: Its imports.
        namespace: Its globals.
        label: What the function is called.
    """
    chains = list(chains)
    found = {_BUILT_IN[chain[0]] for chain in chains if chain[0] in _BUILT_IN and chain[0] not in namespace}
    found |= {name for chain in chains if (name := _loader(chain, namespace))}
    inside = {name for each in imports for name in each.names if each.module in {"importlib", "runpy"}}
    found |= inside & set(_FUNCTIONS.values())
    for name in sorted(found):
        yield f"{label} calls {name}, and what that loads or executes is not known before it does"


def _loader(chain: Chain, namespace: Mapping[str, Any]) -> str:
    value = namespace.get(chain[0])
    for attribute in chain[1:]:
        if value is not importlib and value is not runpy:
            return ""
        value = getattr(value, attribute, None)
    return next((name for function, name in _FUNCTIONS.items() if value is function), "")
