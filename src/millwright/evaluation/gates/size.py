"""The package must fit where it is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from millwright.evaluation.gates.result import GateResult
from millwright.evaluation.wording import number

if TYPE_CHECKING:
    from millwright.evaluation.gates.subject import GateSubject

_BYTES_PER_MB = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """The model's package is small enough.

    Attributes:
        max_mb: The largest size allowed, in megabytes of 1,000,000 bytes.
    """

    name: ClassVar[str] = "size"
    about: ClassVar[str] = "The model's package is at most `max_mb` megabytes."
    example: ClassVar[Mapping[str, Any]] = {"max_mb": 200}

    max_mb: float

    def __post_init__(self) -> None:
        if not self.max_mb > 0:
            raise ValueError(f"expected max_mb above 0, found {self.max_mb}")

    def evaluate(self, subject: GateSubject) -> GateResult:
        """Judge the package's size."""
        if subject.package_size_bytes is None:
            raise ValueError("the size of the package is not known")
        size = subject.package_size_bytes / _BYTES_PER_MB
        return GateResult(
            gate=self.name,
            passed=size <= self.max_mb,
            value=size,
            limit=self.max_mb,
            reason=f"The package has {number(size)} MB; at most {number(self.max_mb)} MB is asked for.",
        )
