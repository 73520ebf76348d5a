"""A model card in Markdown (GitHub's dialect). Text of any origin is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.evaluation.summary import summary_markdown
from millwright.evaluation.wording import number, title
from millwright.governance.card.wording import (
    INTENDED_USE,
    column_facts,
    lineage_lines,
    overview,
    score_of,
    training_summary,
)
from millwright.governance.evidence import compiled, moment, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from millwright.governance.card.content import CardContent

_MARKS = "\\`*_[]<>|~#&"


def render_markdown(content: CardContent) -> str:
    """The card as Markdown text; the same text for the same content."""
    blocks = [f"# Model card: {escape(content.version.ref)}"]
    for heading, body in _parts(content):
        text = "\n\n".join(block for block in body if block)
        if text:
            blocks.append(f"## {heading}\n\n{text}")
    return "\n\n".join(blocks) + "\n"


def escape(value: object) -> str:
    """Text of any origin, on one line and without a meaning in Markdown."""
    return "".join(f"\\{mark}" if mark in _MARKS else mark for mark in " ".join(str(value).split())) or "(blank)"


def _parts(content: CardContent) -> Iterator[tuple[str, Iterable[str]]]:
    explanation = content.explanation
    yield "Overview", [_table(["Fact", "Value"], overview(content))]
    yield "Intended use", [f"> **To be written by a person.** {INTENDED_USE}"]
    yield "Data", _data(content)
    yield "Contract", _contract(content)
    yield "Features", _features(content)
    yield "Training", _training(content)
    yield (
        "Evaluation",
        [summary_markdown(content.report).strip() if content.report else "There is no evaluation report."],
    )
    yield "Gates", _gates(content)
    yield "Compilation", [escape(_compilation(content))]
    yield (
        "Limitations seen",
        [_list(content.limitations) or "The evidence shows none. That is no proof of there being none."],
    )
    yield "Lineage", [_list(lineage_lines(content))]
    rows = [[moment(a.at), a.actor, "approved" if a.approved else "refused", a.reason] for a in explanation.approvals]
    yield (
        "Approvals",
        [_table(["When", "Who", "Decision", "Reason"], rows) if rows else "Nobody has decided on it yet."],
    )


def _data(content: CardContent) -> Iterator[str]:
    sets = content.explanation.datasets
    if not sets:
        yield "No dataset version is recorded."
        return
    rows = [[d.ref, f"{d.rows:,}", d.source_uri or "-", d.digest[:16]] for d in sets]
    yield _table(["Dataset version", "Rows", "Source", "Content digest"], rows)
    for aside in content.explanation.quarantined:
        origin, place = escape(aside.quarantined_from), escape(aside.ref)
        yield f"{aside.rows:,} rows of {origin} broke the contract and were set aside as {place}:"
        reasons = sorted(aside.reasons.items(), key=lambda item: -item[1])
        yield _table(["Reason", "Rows"], [[reason, f"{count:,}"] for reason, count in reasons]) if reasons else ""


def _contract(content: CardContent) -> Iterator[str]:
    if content.contract is None:
        yield "No data contract is recorded with it."
        return
    name, text = content.contract
    fence = "`" * max(3, *(len(run) + 1 for run in _backtick_runs(text)), 0)
    yield f"The rows kept to `{name.replace('`', '')}`:"
    yield f"{fence}yaml\n{text.rstrip()}\n{fence}"


def _features(content: CardContent) -> Iterator[str]:
    if content.signature is None:
        yield "No signature is recorded."
        return
    yield _table(["Column", "Type", "Required", "Seen in training"], column_facts(content.signature))


def _training(content: CardContent) -> Iterator[str]:
    training = content.explanation.training
    if training is None:
        yield "No training record is kept."
        return
    yield escape(training_summary(training))
    if training.params:
        yield _table(["Hyperparameter", "Value"], [[name, shown(value)] for name, value in training.params.items()])
    rows = [[candidate.name, score_of(candidate, training.metric)] for candidate in training.candidates]
    yield _table(["Candidate", f"{title(training.metric)}, cross-validated"], rows) if rows else ""
    yield _list(training.notes)


def _gates(content: CardContent) -> Iterator[str]:
    if content.gates is None:
        yield "It has no gate report."
        return
    yield "All gates passed." if content.gates.passed else "Not all gates passed."
    rows = [
        [
            "passed" if result.passed else "failed",
            result.title,
            "-" if result.value is None else number(result.value),
            "-" if result.limit is None else number(result.limit),
            result.reason,
        ]
        for result in content.gates.results
    ]
    yield _table(["Result", "Gate", "Value", "Limit", "Reason"], rows) if rows else ""


def _compilation(content: CardContent) -> str:
    return compiled(content.explanation.compilation)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {escape(line)}" for line in lines)


def _table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [" | ".join(headers), " | ".join(["---"] * len(headers))]
    lines += [" | ".join(escape(cell) for cell in row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def _backtick_runs(text: str) -> Iterator[str]:
    run = ""
    for mark in f"{text} ":
        if mark == "`":
            run += mark
        elif run:
            yield run
            run = ""
