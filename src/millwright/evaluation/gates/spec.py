"""A gate with its settings, as written in a file, and the gate made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.errors import InvalidInputError, closest
from millwright.evaluation.gates.catalog import gate_type

if TYPE_CHECKING:
    from millwright.evaluation.gates.gate import Gate


@dataclass(frozen=True, kw_only=True, slots=True)
class GateSpec:
    """One entry of `gates.yaml`.

    Attributes:
        gate: Name of the gate.
        params: Its settings as JSON values; settings left out have the gate's defaults.
    """

    gate: str
    params: Mapping[str, Any] = field(default_factory=dict)


def build_gate(spec: GateSpec) -> Gate:
    """The gate that a spec describes.

    Raises:
        InvalidInputError: An unknown gate or setting (the nearest is named), a missing setting, or a value that is of
            the wrong type or makes no sense.
    """
    kind = gate_type(spec.gate)
    known: list[str] = [one.name for one in fields(kind)] if is_dataclass(kind) else []
    for name in spec.params:
        if name not in known:
            takes = closest(str(name), known) or "It has no settings."
            raise InvalidInputError(f"The gate '{spec.gate}' has no setting '{name}'.", hint=takes)
    try:
        return msgspec.convert(dict(spec.params), kind)
    except msgspec.ValidationError as error:
        problem = str(error).replace("Object missing required field", "missing setting").replace(" - at `$.", " in `")
        raise InvalidInputError(f"The gate '{spec.gate}' cannot be set up: {problem}.", hint=_usage(kind)) from error


def _usage(kind: type[Gate]) -> str:
    example = ", ".join(f"{name}: {value}" for name, value in kind.example.items())
    return f"For example: {example}." if example else ""
