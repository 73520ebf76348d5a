"""A model card as one self-contained HTML page; the page escapes all text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.evaluation.wording import counted, number, title
from millwright.governance.card.limitation import MIN_SLICE_ROWS
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
    from collections.abc import Iterator

    from millwright.evaluation.section import Cell, Section, Table
    from millwright.governance.card.content import CardContent


def render_page(content: CardContent) -> str:
    """The card as HTML text; the same text for the same content. Has no figures, so that it stays small.

    Raises:
        MissingExtraError: plotly is not installed.
    """
    from millwright.evaluation.page import html_report

    subtitle = f"{content.explanation.target} ({content.explanation.task}), {content.explanation.state}"
    return html_report(f"Model card: {content.version.ref}", tuple(_sections(content)), subtitle=subtitle)


def _sections(content: CardContent) -> Iterator[Section]:
    from millwright.evaluation.presentation import gates_section, metrics_table
    from millwright.evaluation.section import Section, Table

    yield Section(title="Overview", tables=[Table(headers=["Fact", "Value"], rows=overview(content))])
    yield Section(title="Intended use", text=["To be written by a person.", INTENDED_USE])
    yield _data(content)
    if content.contract is not None:
        name, text = content.contract
        yield Section(title="Contract", text=[f"The rows kept to {name}:"], commands=[text.rstrip()])
    if content.signature is not None:
        table = Table(headers=["Column", "Type", "Required", "Seen in training"], rows=column_facts(content.signature))
        yield Section(title="Features", tables=[table])
    yield from _training(content)
    if content.report is None:
        yield Section(title="Evaluation", text=["There is no evaluation report."])
    else:
        intro = f"Tested on {counted(content.report.rows, 'row')} that the model had not seen."
        yield Section(title="Evaluation", text=[intro], tables=[metrics_table(content.report), *_slices(content)])
    if content.gates is not None:
        yield gates_section(content.gates)
    yield Section(title="Compilation", text=[compiled(content.explanation.compilation)])
    none = "The evidence shows none. That is no proof of there being none."
    yield Section(title="Limitations seen", text=list(content.limitations) or [none])
    yield Section(title="Lineage", text=list(lineage_lines(content)))
    yield _approvals(content)


def _data(content: CardContent) -> Section:
    from millwright.evaluation.section import Section, Table

    explanation = content.explanation
    rows: list[list[Cell]] = [[d.ref, d.rows, d.source_uri, d.digest[:16]] for d in explanation.datasets]
    tables = [Table(headers=["Dataset version", "Rows", "Source", "Content digest"], rows=rows)] if rows else []
    for aside in explanation.quarantined:
        reasons: list[list[Cell]] = [
            [reason, count] for reason, count in sorted(aside.reasons.items(), key=lambda item: -item[1])
        ]
        caption = f"{aside.rows:,} rows of {aside.quarantined_from} set aside as {aside.ref}"
        tables.append(Table(headers=["Reason", "Rows"], rows=reasons, caption=caption))
    return Section(title="Data", text=[] if rows else ["No dataset version is recorded."], tables=tables)


def _training(content: CardContent) -> Iterator[Section]:
    from millwright.evaluation.section import Section, Table

    training = content.explanation.training
    if training is None:
        return
    params: list[list[Cell]] = [[name, shown(value)] for name, value in training.params.items()]
    rows: list[list[Cell]] = [[c.name, score_of(c, training.metric)] for c in training.candidates]
    tables = [Table(headers=["Hyperparameter", "Value"], rows=params)] if params else []
    if rows:
        tables.append(Table(headers=["Candidate", f"{title(training.metric)}, cross-validated"], rows=rows))
    yield Section(title="Training", text=[training_summary(training), *training.notes], tables=tables)


def _slices(content: CardContent) -> Iterator[Table]:
    from millwright.evaluation.section import Table

    if content.report is None or not content.report.slices:
        return
    rows: list[list[Cell]] = []
    for part in content.report.slices:
        name = next(iter(part.metrics), None)
        said = f"{title(name)} {number(part.metrics[name])}" if name is not None else None
        rows.append([part.column, part.value, part.rows, said])
    caption = f"Slices; below {MIN_SLICE_ROWS} rows a figure is mostly chance"
    yield Table(headers=["Column", "Value", "Rows", "Metric"], rows=rows, caption=caption)


def _approvals(content: CardContent) -> Section:
    from millwright.evaluation.section import Badge, Section, Table, Tone

    rows: list[list[Cell]] = [
        [
            moment(approval.at),
            approval.actor,
            Badge("approved", Tone.GOOD) if approval.approved else Badge("refused", Tone.BAD),
            approval.reason,
        ]
        for approval in content.explanation.approvals
    ]
    if not rows:
        return Section(title="Approvals", text=["Nobody has decided on it yet."])
    return Section(title="Approvals", tables=[Table(headers=["When", "Who", "Decision", "Reason"], rows=rows)])
