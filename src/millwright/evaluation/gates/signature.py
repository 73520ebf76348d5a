"""The model must say what it takes and answers, and keep to it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from millwright.evaluation.gates.result import GateResult
from millwright.evaluation.wording import counted
from millwright.models.task import Task

if TYPE_CHECKING:
    from millwright.evaluation.gates.subject import GateSubject
    from millwright.models.signature import Signature

_MAX_SHOWN = 3
_SUM_TOLERANCE = 1e-3  # probabilities summed in float32


@dataclass(frozen=True, kw_only=True, slots=True)
class CompleteSignature:
    """The signature is complete, and example rows are answered with exactly the declared outputs."""

    name: ClassVar[str] = "signature"
    about: ClassVar[str] = "The model declares its input and output columns and answers example rows accordingly."
    example: ClassVar[Mapping[str, Any]] = {}

    def evaluate(self, subject: GateSubject) -> GateResult:
        """Check the declaration, then ask the model."""
        signature = subject.challenger.signature
        problems = list(_declaration_problems(signature))
        rows = [] if problems else subject.example_rows()
        if not problems:
            problems = list(_answer_problems(subject, rows))
        more = f" (and {len(problems) - _MAX_SHOWN} more)" if len(problems) > _MAX_SHOWN else ""
        reason = f"{'; '.join(problems[:_MAX_SHOWN])}{more}." if problems else _praise(signature, len(rows))
        return GateResult(gate=self.name, passed=not problems, value=float(len(problems)), limit=0.0, reason=reason)


def _praise(signature: Signature, rows: int) -> str:
    declared = f"{counted(len(signature.inputs), 'input')} and {counted(len(signature.outputs), 'output')}"
    return f"{declared} are declared, and {counted(rows, 'example row')} got exactly the declared outputs."


def _declaration_problems(signature: Signature) -> Iterator[str]:
    names = [column.name for column in signature.inputs]
    if not names:
        yield "The signature declares no input column"
    if len(set(names)) < len(names):
        yield "The signature declares an input column twice"
    if signature.target in names:
        yield f"The target '{signature.target}' is one of the declared inputs"
    if signature.task.is_classification and len(signature.classes) < 2:
        yield f"Expected two classes or more, the signature declares {len(signature.classes)}"
    expected = _expected_outputs(signature)
    found = [column.name for column in signature.outputs]
    if found != expected:
        yield f"Expected the output columns {', '.join(expected)}, the signature declares {', '.join(found) or 'none'}"


def _expected_outputs(signature: Signature) -> list[str]:
    if not signature.task.is_classification:
        return ["prediction"]
    if signature.task is Task.BINARY:
        return ["prediction", "probability"]
    return ["prediction", *(f"probability_{label}" for label in signature.classes)]


def _answer_problems(subject: GateSubject, rows: list[dict[str, Any]]) -> Iterator[str]:
    signature = subject.challenger.signature
    if not rows:
        yield "There is no example row to ask the model with"
        return
    violations = signature.check_rows(rows)
    if violations:
        first = violations[0]
        yield (
            f"An example row does not fit the signature: column '{first.column}' expects {first.expected}, "
            f"found {first.found}"
        )
        return
    answers = subject.challenger.predict_rows(rows)
    if len(answers) != len(rows):
        yield f"Expected {counted(len(rows), 'answer')}, the model gave {len(answers)}"
    declared = [column.name for column in signature.outputs]
    for answer in answers:
        if sorted(answer) != sorted(declared):
            yield f"Expected an answer with {', '.join(declared)}, the model gave {', '.join(answer) or 'nothing'}"
        elif not _is_sound(signature, answer):
            yield f"The model gave an answer that cannot be right: {answer}"


def _is_sound(signature: Signature, answer: Mapping[str, Any]) -> bool:
    said = answer["prediction"]
    if signature.task is Task.TENSOR:
        return isinstance(said, list)
    if signature.task is Task.REGRESSION:
        return isinstance(said, int | float) and math.isfinite(said)
    shares = [value for name, value in answer.items() if name != "prediction"]
    in_range = all(isinstance(share, int | float) and 0 <= share <= 1 for share in shares)
    whole = len(shares) < 2 or abs(sum(shares) - 1) < _SUM_TOLERANCE if in_range else False
    return said in signature.classes and in_range and whole
