"""What the gates said, readable by people and machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from millwright.core.errors import InvalidInputError


@dataclass(frozen=True, kw_only=True, slots=True)
class GateResult:
    """What one gate said.

    Attributes:
        gate: Name of the gate: `threshold`.
        passed: Whether the model may go on as far as this gate is concerned.
        value: What was found, in the unit of the limit; None when it is not a number or not known.
        limit: What was asked for; None when it is not a number.
        reason: One or two sentences that someone who knows neither the model nor statistics can act on.
        about: What it looked at when a gate can be used several times: a metric's name; else empty.
        applicable: False when there was nothing to judge (no champion yet); such a gate passes.
        details: Further facts as JSON values, such as an interval.
    """

    gate: str
    passed: bool
    value: float | None
    limit: float | None
    reason: str
    about: str = ""
    applicable: bool = True
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The gate and what it looked at: `threshold (roc_auc)`."""
        return f"{self.gate} ({self.about})" if self.about else self.gate


@dataclass(frozen=True, kw_only=True, slots=True)
class GateReport:
    """What all gates said.

    Attributes:
        passed: Whether every gate passed; True when there are none.
        results: In the order of the gates file.
        champion: The version that the challenger was compared with, as `name@version`; empty when there was none.
    """

    passed: bool
    results: tuple[GateResult, ...]
    champion: str = ""

    @property
    def failed(self) -> tuple[GateResult, ...]:
        """The gates that did not pass."""
        return tuple(result for result in self.results if not result.passed)

    def to_json(self) -> bytes:
        """As JSON text in UTF-8, the same bytes for equal reports."""
        return msgspec.json.encode(self, order="deterministic")

    @classmethod
    def from_json(cls, data: bytes) -> GateReport:
        """From what `to_json` gave.

        Raises:
            InvalidInputError: Something else was given.
        """
        try:
            return msgspec.json.decode(data, type=cls)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise InvalidInputError(
                f"Expected a gate report as JSON, found something else ({error}).",
                hint="Give the document 'gates.json' of a model version.",
            ) from error
