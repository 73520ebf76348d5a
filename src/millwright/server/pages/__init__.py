"""Server-rendered pages: the loop, data, runs, models, monitoring, decisions, and their proof; no JavaScript.

Each handler reads records, makes a `Page` of sections and tables (`element`), and one template writes it (`rendering`).
`wording` turns records' values into cells, so that a state has one colour and a version one link everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.server.pages.audit import show_audit
from millwright.server.pages.dataset import show_dataset, show_dataset_version, show_datasets
from millwright.server.pages.decision import show_decisions
from millwright.server.pages.document import show_document
from millwright.server.pages.endpoint import show_endpoint, show_monitoring
from millwright.server.pages.model import show_model, show_models
from millwright.server.pages.overview import show_overview
from millwright.server.pages.prediction import ask_prediction, show_prediction
from millwright.server.pages.rendering import mark, stylesheet
from millwright.server.pages.report import show_report
from millwright.server.pages.run import show_run, show_runs
from millwright.server.pages.version import show_version

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler


def page_handlers() -> list[HTTPRouteHandler]:
    """Every page, and the two files that they load."""
    data = [show_datasets, show_dataset, show_dataset_version]
    runs = [show_runs, show_run]
    models = [show_models, show_model, show_version, show_document]
    monitoring = [show_monitoring, show_endpoint, show_report, show_decisions]
    proof = [show_audit, ask_prediction, show_prediction]
    return [show_overview, *data, *runs, *models, *monitoring, *proof, stylesheet, mark]
