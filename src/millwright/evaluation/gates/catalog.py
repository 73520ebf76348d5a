"""All gates by name: the built-in ones, and those that installed packages add.

A package adds gates under the entry point group `millwright.gates`; each entry names a class that fulfils
`gate.Gate`, and the entry's name is the gate's.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from millwright.core.errors import ConfigurationError, InvalidInputError, closest
from millwright.core.extension import entry_points

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.evaluation.gates.gate import Gate

ENTRY_POINT_GROUP = "millwright.gates"

# Loaded on use. The order is that of `gates.yaml` and of the documentation.
BUILT_IN: Mapping[str, str] = {
    "signature": "millwright.evaluation.gates.signature:CompleteSignature",
    "determinism": "millwright.evaluation.gates.determinism:Determinism",
    "threshold": "millwright.evaluation.gates.threshold:Threshold",
    "better_than_baseline": "millwright.evaluation.gates.better_than_baseline:BetterThanBaseline",
    "not_worse_than_champion": "millwright.evaluation.gates.not_worse_than_champion:NotWorseThanChampion",
    "slice_floor": "millwright.evaluation.gates.slice_floor:SliceFloor",
    "dominant_feature": "millwright.evaluation.gates.dominant_feature:DominantFeature",
    "latency": "millwright.evaluation.gates.latency:Latency",
    "size": "millwright.evaluation.gates.size:Size",
}


def gate_names() -> tuple[str, ...]:
    """The names of all known gates, the built-in ones first."""
    added = (entry.name for entry in entry_points(group=ENTRY_POINT_GROUP))
    return tuple(dict.fromkeys((*BUILT_IN, *added)))


def gate_type(name: str) -> type[Gate]:
    """The class of a gate.

    Raises:
        InvalidInputError: There is no such gate (the nearest is named).
        ConfigurationError: An installed package's gate cannot be loaded or is none.
    """
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        found: type[Gate] = getattr(import_module(module), attribute)
        return found
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        if entry.name == name:
            return _checked(entry.load(), name, entry.value)
    raise InvalidInputError(f"There is no gate '{name}'.", hint=closest(name, gate_names()))


def _checked(loaded: Any, name: str, value: str) -> type[Gate]:
    if not isinstance(loaded, type) or not callable(getattr(loaded, "evaluate", None)):
        raise ConfigurationError(
            f"The gate '{name}' ({value}) is not a class with a method `evaluate`.",
            hint="Correct or uninstall the package that provides it.",
        )
    return loaded
