"""The detectors, of River.

- `adwin`: the longest window whose parts have the same mean, up to chance (Bifet and Gavaldà, Learning from
  time-changing data with adaptive windowing, SDM 2007). Values within [0, 1].
- `page_hinkley`: the cumulated distance from the mean (Page, Continuous inspection schemes, Biometrika 41, 1954). Its
  threshold is in the unit of the values summed up.
- `ddm`: the error rate, so many deviations above its lowest (Gama and others, Learning with drift detection, SBIA
  2004). Values 0 and 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from millwright.core.errors import MissingExtraError


class Detector(Protocol):
    """What watches a stream of numbers."""

    @property
    def drift_detected(self) -> bool:
        """Whether the last number showed a change."""
        ...

    def update(self, x: float) -> object:
        """Take the next number."""
        ...


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    """One kind of detector.

    Attributes:
        module: Where River has it.
        name: Its class.
        parameters: Those that may be set, and whether each is a whole number.
        binary: Whether it takes 0 and 1 only.
    """

    module: str
    name: str
    parameters: Mapping[str, bool]
    binary: bool = False


DETECTORS: Mapping[str, DetectorSpec] = {
    "adwin": DetectorSpec("river.drift", "ADWIN", {"delta": False, "clock": True, "grace_period": True}),
    "page_hinkley": DetectorSpec(
        "river.drift", "PageHinkley", {"min_instances": True, "delta": False, "threshold": False, "alpha": False}
    ),
    "ddm": DetectorSpec(
        "river.drift.binary",
        "DDM",
        {"warm_start": True, "warning_threshold": False, "drift_threshold": False},
        binary=True,
    ),
}


def make_detector(name: str, parameters: Mapping[str, float]) -> Detector:
    """A fresh detector.

    Args:
        name: One of `DETECTORS`.
        parameters: By River's names.

    Raises:
        MissingExtraError: River is not installed.
    """
    spec = DETECTORS[name]
    try:
        kind = getattr(import_module(spec.module), spec.name)
    except ImportError as error:
        raise MissingExtraError("River", "river") from error
    values = {key: int(value) if spec.parameters[key] else value for key, value in parameters.items()}
    return cast("Detector", kind(**values))
