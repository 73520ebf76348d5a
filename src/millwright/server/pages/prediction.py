"""Why a prediction was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from litestar import get
from litestar.params import QueryParameter
from litestar.response import Redirect, Template

from millwright.core.ids import PredictionId
from millwright.governance.why import explain_prediction
from millwright.server.api.listing import Name
from millwright.server.injection import FromApp
from millwright.server.pages.element import Badge, Code, Link, Page, Section, Table, Tone
from millwright.server.pages.rendering import show
from millwright.server.pages.version import gate_table
from millwright.server.pages.wording import dataset_link, digest, route, run_link, version_link, words

if TYPE_CHECKING:
    from millwright.governance.explanation import Explanation
    from millwright.server.pages.element import Cell

_LONGEST_ID = 200


@get("/predictions", sync_to_thread=False, include_in_schema=False, status_code=303)
def ask_prediction(
    asked: Annotated[str, QueryParameter(name="id", min_length=1, max_length=_LONGEST_ID)],
) -> Redirect:
    """Lead from the form to a prediction."""
    return Redirect(route("predictions", asked.strip() or "-"), status_code=303)


@get("/predictions/{prediction_id:str}", sync_to_thread=True, include_in_schema=False)
def show_prediction(services: FromApp, prediction_id: Name) -> Template:
    """Show a prediction with everything behind it: features, model, data, code, gates, approvals."""
    found = explain_prediction(PredictionId(prediction_id), stores=services.stores)
    features = Table(headers=["Column", "Value"], rows=[[name, words(value)] for name, value in found.features.items()])
    sections = [
        Section(title="Answer", facts=_answer(found), details=_request(found)),
        Section(title="Features", text=["The row as the model saw it."], tables=[features]),
        Section(title="Model", details=_model(found)),
        Section(title="Gates", tables=[gate_table(found.version)]),
        Section(title="The same in a terminal", commands=[f"mw why {found.prediction_id}"]),
    ]
    return show(
        Page(
            title=f"Why …{found.prediction_id[-8:]}",
            place="/monitoring",
            subtitle=f"A prediction of {found.model} at endpoint {found.endpoint}",
            trail=[Link("Monitoring", "/monitoring"), Link(found.endpoint, route("endpoints", found.endpoint))],
            sections=sections,
        )
    )


def _answer(found: Explanation) -> list[tuple[str, Cell]]:
    told: list[tuple[str, Cell]] = [(name.capitalize(), words(value)) for name, value in found.outputs.items()]
    if found.labelled_at is None:
        return [*told, ("What really happened", "not known yet")]
    right = str(found.label) == str(found.outputs.get("prediction"))
    return [*told, ("What really happened", Badge(words(found.label), Tone.GOOD if right else Tone.WARN))]


def _request(found: Explanation) -> list[tuple[str, Cell]]:
    return [
        ("Prediction", Code(found.prediction_id)),
        ("At", found.at),
        ("Took", f"{found.latency_ms:.2f} ms"),
        ("Caller's key", found.key),
        ("Request", Code(found.request_id) if found.request_id else None),
        ("Label known since", found.labelled_at),
    ]


def _model(found: Explanation) -> list[tuple[str, Cell]]:
    version = found.version
    told: list[tuple[str, Cell]] = [
        ("Version", version_link(found.model)),
        ("Its aliases then", ", ".join(found.aliases_then) or "none"),
        ("Its aliases now", ", ".join(version.aliases) or "none"),
        ("State", version.state),
    ]
    if version.training:
        told.append(("Candidate", f"{version.training.candidate}: {words(version.training.params)}"))
    if version.pipeline:
        told.append(("Trained by run", run_link(version.pipeline.run_id)))
    told += [("Trained on", dataset_link(dataset.ref)) for dataset in version.datasets]
    if version.code:
        told += [("Code", Code(version.code.entrypoint)), ("Sources", digest(version.code.source_digest))]
    if version.environment:
        told.append(("Environment", f"Python {version.environment.python}, {version.environment.platform}"))
    told += [
        (f"{'Approved' if approval.approved else 'Refused'} by", f"{approval.actor}: {approval.reason}")
        for approval in version.approvals
    ]
    return told
