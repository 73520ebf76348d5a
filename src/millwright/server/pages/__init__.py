"""Server-rendered pages: the loop, data, runs, tracking, models, monitoring, alerts, decisions, and their proof.

Each handler reads records, makes a `Page` of sections and tables (`element`), and one template writes it (`rendering`).
Larger things than tables (forms, charts, trees) are parts (`part`), each with a template. No page needs JavaScript;
where charts are drawn, two scripts of this server do it (`chart`).
`wording` turns records' values into cells, so that a state has one colour and a version one link everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.server.pages.alert import send_acknowledgement, send_resolution, show_alert
from millwright.server.pages.audit import show_audit
from millwright.server.pages.chart import chart_script, plotly_script
from millwright.server.pages.comparison import show_comparison
from millwright.server.pages.dataset import show_dataset, show_dataset_version, show_datasets
from millwright.server.pages.decision import show_decisions
from millwright.server.pages.document import show_document
from millwright.server.pages.endpoint import show_endpoint, show_monitoring
from millwright.server.pages.experiment import show_experiment, show_experiments
from millwright.server.pages.feature import show_feature, show_features
from millwright.server.pages.model import show_model, show_models
from millwright.server.pages.overview import show_overview
from millwright.server.pages.prediction import ask_prediction, show_prediction
from millwright.server.pages.rendering import mark, stylesheet
from millwright.server.pages.report import show_report, show_report_page
from millwright.server.pages.rollout import show_rollout, show_rollouts
from millwright.server.pages.run import show_run, show_runs
from millwright.server.pages.run_log import show_run_logs
from millwright.server.pages.silence import send_end_of_silence, send_silence, show_silences
from millwright.server.pages.trace import show_trace, show_traces
from millwright.server.pages.tracked import show_tracked
from millwright.server.pages.tracked_artifact import (
    show_logged_model,
    show_logged_model_artifact,
    show_logged_model_file,
    show_tracked_artifact,
    show_tracked_file,
)
from millwright.server.pages.version import show_version

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler


def page_handlers() -> list[HTTPRouteHandler]:
    """Every page, and the files that they load."""
    tracking = [show_experiments, show_experiment, show_tracked, show_comparison, show_logged_model]
    traces = [show_traces, show_trace]
    files = [show_tracked_artifact, show_tracked_file, show_logged_model_artifact, show_logged_model_file]
    data = [show_datasets, show_dataset, show_dataset_version, show_features, show_feature]
    runs = [show_runs, show_run, show_run_logs]
    models = [show_models, show_model, show_version, show_document]
    monitoring = [show_rollouts, show_rollout, show_monitoring, show_endpoint, show_decisions]
    reports = [show_report, show_report_page]
    alerts = [show_alert, send_acknowledgement, send_resolution, show_silences, send_silence, send_end_of_silence]
    proof = [show_audit, ask_prediction, show_prediction]
    assets = [stylesheet, mark, chart_script, plotly_script]
    return [
        show_overview,
        *data,
        *runs,
        *models,
        *monitoring,
        *reports,
        *alerts,
        *tracking,
        *traces,
        *files,
        *proof,
        *assets,
    ]
