"""Run gates against one challenger."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.core.errors import MillwrightError
from millwright.evaluation.gates.result import GateReport, GateResult
from millwright.evaluation.gates.spec import GateSpec, build_gate
from millwright.evaluation.gates.subject import GateSubject

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["GateReport", "GateResult", "GateSpec", "GateSubject", "check_gates"]


def check_gates(specs: Iterable[GateSpec], subject: GateSubject, *, seed: int | None = None) -> GateReport:
    """Judge a challenger by every gate.

    Args:
        specs: The gates, from `file.load_gates`.
        subject: The challenger, its evidence and the champion.
        seed: Of everything random; None: the subject's.

    Returns:
        Every gate's result, in order. A gate that cannot be evaluated has not passed, and says why; it never stops
        the others.
    """
    seen = subject if seed is None else replace(subject, seed=seed)
    results = tuple(_evaluate(spec, seen) for spec in specs)
    passed = all(result.passed for result in results)
    return GateReport(passed=passed, results=results, champion=subject.champion_ref or "")


def _evaluate(spec: GateSpec, subject: GateSubject) -> GateResult:
    try:
        return build_gate(spec).evaluate(subject)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in a gate, its model must not pass
        text = str(error) if isinstance(error, MillwrightError | ValueError) else f"{type(error).__name__}: {error}"
        return GateResult(
            gate=spec.gate,
            about=str(spec.params.get("metric") or ""),
            passed=False,
            value=None,
            limit=None,
            reason=f"The gate could not be evaluated: {text.rstrip('.')}.",
        )
