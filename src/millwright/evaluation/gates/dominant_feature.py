"""A model that hangs on one column alone has often been shown the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from millwright.evaluation.gates.result import GateResult
from millwright.evaluation.wording import percent

if TYPE_CHECKING:
    from millwright.evaluation.gates.subject import GateSubject


@dataclass(frozen=True, kw_only=True, slots=True)
class DominantFeature:
    """No single input column carries more than a share of the total permutation importance.

    Attributes:
        max_share: The largest share allowed, above 0 and at most 1.
    """

    name: ClassVar[str] = "dominant_feature"
    about: ClassVar[str] = "No input column alone carries more than `max_share` of the importance (a sign of leakage)."
    example: ClassVar[Mapping[str, Any]] = {"max_share": 0.9}

    max_share: float = 0.9

    def __post_init__(self) -> None:
        if not 0 < self.max_share <= 1:
            raise ValueError(f"expected max_share above 0 and at most 1, found {self.max_share}")

    def evaluate(self, subject: GateSubject) -> GateResult:
        """Judge the report's importances."""
        importances = subject.report.importances
        if len(subject.challenger.signature.inputs) < 2:
            return self._result(True, None, "The model has a single input column.", applicable=False)
        if not importances:
            raise ValueError("the report has no importances")
        total = sum(max(one.mean, 0.0) for one in importances)
        if total <= 0:
            return self._result(True, None, "No input column matters to the model on these rows.", applicable=False)
        top = max(importances, key=lambda one: one.mean)
        share = top.mean / total
        asked = f"at most {percent(self.max_share)} is asked for"
        reason = f"'{top.column}' carries {percent(share)} of the importance; {asked}."
        if share > self.max_share:
            reason += " Check that it is known when the prediction is made."
        return self._result(share <= self.max_share, share, reason)

    def _result(
        self,
        passed: bool,  # noqa: FBT001 - the first thing every result says
        value: float | None,
        reason: str,
        *,
        applicable: bool = True,
    ) -> GateResult:
        return GateResult(
            gate=self.name, passed=passed, value=value, limit=self.max_share, reason=reason, applicable=applicable
        )
