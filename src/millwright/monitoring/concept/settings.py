"""How concept drift is looked for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from millwright.core.errors import InvalidInputError, closest
from millwright.monitoring.concept.detector import DETECTORS


@dataclass(frozen=True, kw_only=True, slots=True)
class ConceptSettings:
    """How concept drift is looked for.

    Attributes:
        enabled: Whether it is.
        detector: `adwin`, `page_hinkley` or `ddm`. ADWIN by default: of 20,000 errors at an even rate it reports none,
            Page-Hinkley some.
        parameters: Of the detector, by River's names; those left out are River's defaults.
        min_labels: With fewer labelled rows a window is not looked at.

    Raises:
        InvalidInputError: There is no such detector, or it has no such parameter; names what there is.
    """

    enabled: bool = True
    detector: str = "adwin"
    parameters: Mapping[str, float] = field(default_factory=dict)
    min_labels: int = 50

    def __post_init__(self) -> None:
        if self.detector not in DETECTORS:
            raise InvalidInputError(
                f"No detector of concept drift is called '{self.detector}'.", hint=closest(self.detector, DETECTORS)
            )
        known = DETECTORS[self.detector].parameters
        for name, value in self.parameters.items():
            if name not in known:
                raise InvalidInputError(
                    f"The detector '{self.detector}' has no parameter '{name}'.", hint=closest(name, known)
                )
            if not math.isfinite(value):
                raise InvalidInputError(f"Expected a finite number for '{name}', found {value}.")
        if self.min_labels < 1:
            raise InvalidInputError(f"Expected at least 1 labelled row to look at, found {self.min_labels}.")
