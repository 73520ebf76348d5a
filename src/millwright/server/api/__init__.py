"""The native API: records as JSON; read only, but for the caller's own tokens, the queue of runs, alerts and labels.

`/api/v1/…` answers with records as they are stored, lists as `Listing`, and failures in the one error shape; one module
per family of records. `schema` writes `/openapi.json`, `probe` answers `/health` and `/version`. MLflow's wire protocol
stands beside this package, not in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import Router

from millwright.server.api.alert import (
    acknowledge_alert,
    add_silence,
    end_silence,
    get_alert,
    list_silences,
    resolve_alert,
)
from millwright.server.api.dataset import get_dataset_version, list_dataset_versions, list_datasets
from millwright.server.api.experiment import get_experiment, list_experiments
from millwright.server.api.feature import read_online
from millwright.server.api.history import compare_histories, get_history
from millwright.server.api.label import add_labels
from millwright.server.api.model import (
    explain_model_version,
    get_document,
    get_model,
    get_model_version,
    list_aliases,
    list_model_versions,
    list_models,
    list_versions,
)
from millwright.server.api.monitor import (
    get_endpoint,
    get_report,
    list_alerts,
    list_decisions,
    list_endpoints,
    list_reports,
)
from millwright.server.api.probe import health, version
from millwright.server.api.proof import check_audit, explain, list_audit, walk_lineage
from millwright.server.api.queue import call_hook, cancel_run, get_queued, list_queue, queue_run, resume_run
from millwright.server.api.run import get_run, list_runs, list_trials
from millwright.server.api.token import create_token, list_tokens, revoke_token
from millwright.server.api.tracked import get_tracked, list_tracked_artifacts, search_tracked

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler

PREFIX = "/api/v1"


def api_router() -> Router:
    """Everything under `/api/v1`."""
    runs = [list_runs, get_run, list_trials]
    tracking = [list_experiments, get_experiment, search_tracked, get_tracked, get_history, compare_histories]
    datasets = [list_datasets, list_dataset_versions, get_dataset_version]
    models = [list_models, get_model, list_model_versions, get_model_version, explain_model_version, get_document]
    flat = [list_versions, list_aliases]
    monitoring = [list_endpoints, get_endpoint, add_labels, list_reports, get_report, list_alerts, list_decisions]
    alerts = [get_alert, acknowledge_alert, resolve_alert, list_silences, add_silence, end_silence]
    queue = [list_queue, get_queued, queue_run, cancel_run, resume_run, call_hook]
    proof = [list_audit, check_audit, explain, walk_lineage]
    handlers = [*runs, *tracking, list_tracked_artifacts, *datasets, *models, *flat, *monitoring, *queue, *proof]
    return Router(PREFIX, route_handlers=[*handlers, *alerts, read_online, list_tokens, create_token, revoke_token])


def probe_handlers() -> list[HTTPRouteHandler]:
    """What probes ask for, outside the API."""
    return [health, version]
