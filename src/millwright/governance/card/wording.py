"""What both forms of the card say in the same words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from millwright.evaluation.wording import number
from millwright.governance.evidence import moment, shown
from millwright.models.column import ColumnType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.governance.card.content import CardContent
    from millwright.governance.evidence import CandidateEvidence, TrainingEvidence
    from millwright.models.signature import Signature

INTENDED_USE = (
    "Which decisions is it meant to support, by whom, for which cases? What must it not be used for? "
    "Who is affected, and whom do they ask?"
)
_SHOWN_CATEGORIES = 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def training_summary(training: TrainingEvidence) -> str:
    """How the model was chosen, in a sentence."""
    if not training.candidates:
        return f"{training.candidate or 'The model'} was fitted without a search of Millwright's."
    return f"{training.candidate} won of {len(training.candidates)} candidates in {training.trials} trials."


def overview(content: CardContent) -> list[list[str]]:
    """Name → value, in rows of two."""
    explanation = content.explanation
    return [
        ["Version", explanation.ref],
        ["State", explanation.state],
        ["Predicts", f"{explanation.target} ({explanation.task})"],
        ["Classes", ", ".join(str(c) for c in content.signature.classes) if content.signature else "-"],
        ["Registered", f"{moment(explanation.registered_at)} by {explanation.registered_by}"],
        ["Library", explanation.flavor],
        ["Package", f"{explanation.package}, {explanation.size_bytes:,} bytes"],
    ]


def column_facts(signature: Signature) -> list[list[str]]:
    """One row per input column: name, type, required, what training saw."""
    rows = []
    for column in signature.inputs:
        seen = "-"
        if column.categories:
            more = len(column.categories) - _SHOWN_CATEGORIES
            seen = ", ".join(column.categories[:_SHOWN_CATEGORIES]) + (f" and {more} more" if more > 0 else "")
        elif column.minimum is not None and column.maximum is not None:
            low, high = (_value(value, column.type) for value in (column.minimum, column.maximum))
            seen = f"{low} to {high}"
        kind = f"{column.type.value} {list(column.shape)} {column.dtype}" if column.shape else column.type.value
        rows.append([column.name, kind, "yes" if column.required else "no", seen])
    return rows


def score_of(candidate: CandidateEvidence, metric: str) -> str:
    """A candidate's cross-validated score, or why it has none."""
    if metric in candidate.metrics:
        return number(candidate.metrics[metric])
    return candidate.error or "-"


def lineage_lines(content: CardContent) -> Iterator[str]:
    """Run, data, code and environment, one line each."""
    explanation = content.explanation
    for part in (explanation.pipeline, explanation.code, explanation.environment):
        if part is not None:
            yield next(iter(part.lines()))
    if explanation.training is not None and explanation.training.run_id is not None:
        yield f"tracked run {explanation.training.run_id}"
    for dataset in explanation.datasets:
        yield f"dataset {dataset.ref}, content {dataset.digest}"
    if explanation.pipeline is not None and explanation.pipeline.params:
        yield f"parameters {shown(explanation.pipeline.params)}"


def _value(value: float, kind: ColumnType) -> str:
    if kind is ColumnType.DATE:
        return (_EPOCH + timedelta(days=value)).date().isoformat()
    return number(value)
