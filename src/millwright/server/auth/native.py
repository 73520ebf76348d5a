"""Decides on pages and the native API, and leaves out of them what the caller may not see.

Models, experiments and what is tracked in those belong to projects. Datasets, pipeline runs, endpoints and what
monitoring found belong to none of their own; they count to the project `default`. The audit log tells of everything,
and is for who may see everything.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from millwright.core.errors import ForbiddenError, NotFoundError, UnauthenticatedError
from millwright.core.records.account import DEFAULT_PROJECT, EVERY_PROJECT, Role
from millwright.server.auth.project import Projects
from millwright.server.auth.visible import VisibleExperiments, VisibleLoggedModels, VisibleMetrics, VisibleRuns
from millwright.server.mlflow.permission import Resource, ResourceKind
from millwright.server.principal import Principal, principal_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from litestar.connection import ASGIConnection
    from litestar.handlers.base import BaseRouteHandler

    from millwright.core.records.model import AliasRecord, ModelVersionRecord, RegisteredModelRecord
    from millwright.server.asgi import Scope
    from millwright.server.service import Services
    from millwright.storage.base import ModelStore


class Needs(Enum):
    """What a handler asks of its caller."""

    NOTHING = "nothing"  # even strangers get it
    IDENTITY = "identity"  # somebody who may see something; it answers with what they may see
    MODEL = "model"  # viewer in the project of the model that the path names
    EXPERIMENT = "experiment"  # viewer in the project of the experiment that the path names
    TRACKED = "tracked"  # viewer in the projects of the tracked run that the path names, and of where its files are
    LOGGED_MODEL = "logged model"  # likewise of a logged model
    TRACE = "trace"  # viewer in the project of the trace that the path names
    RUN = "run"  # contributor in the project of what belongs to no other: runs of pipelines, outcomes of predictions
    ALERT = "alert"  # likewise: whoever takes an alert on, or silences some, speaks for all who are told
    DEFAULT = "default"  # viewer in the project of what belongs to no other
    EVERYTHING = "everything"  # viewer in all projects


# Handlers by the name of their function. One that is not here is refused to everybody.
HANDLERS: dict[Needs, frozenset[str]] = {
    Needs.NOTHING: frozenset({"health", "version", "stylesheet", "mark", "chart_script", "plotly_script", "call_hook"}),
    Needs.IDENTITY: frozenset(
        {
            "list_models", "list_versions", "list_aliases", "show_models", "ask_prediction", "list_experiments",
            "search_tracked", "compare_histories", "show_experiments", "show_comparison", "list_tokens",
            "create_token", "revoke_token",
        }
    ),
    Needs.MODEL: frozenset(
        {
            "get_model", "list_model_versions", "get_model_version", "explain_model_version", "get_document",
            "show_model", "show_version", "show_document",
        }
    ),
    Needs.EXPERIMENT: frozenset({"get_experiment", "show_experiment", "show_traces"}),
    Needs.TRACKED: frozenset(
        {
            "get_tracked", "get_history", "list_tracked_artifacts", "show_tracked", "show_tracked_artifact",
            "show_tracked_file",
        }
    ),
    Needs.LOGGED_MODEL: frozenset(
        {"show_logged_model", "show_logged_model_artifact", "show_logged_model_file"}
    ),
    Needs.TRACE: frozenset({"show_trace"}),
    Needs.RUN: frozenset({"queue_run", "cancel_run", "resume_run", "add_labels"}),
    Needs.ALERT: frozenset(
        {
            "acknowledge_alert", "resolve_alert", "add_silence", "end_silence", "send_acknowledgement",
            "send_resolution", "send_silence", "send_end_of_silence",
        }
    ),
    Needs.DEFAULT: frozenset(
        {
            "list_datasets", "list_dataset_versions", "get_dataset_version", "show_datasets", "show_dataset",
            "show_dataset_version", "list_runs", "get_run", "list_trials", "show_runs", "show_run",
            "show_run_logs", "show_overview",
            "list_endpoints", "get_endpoint", "list_reports", "get_report", "list_alerts", "list_decisions",
            "get_alert", "list_silences", "show_alert", "show_silences",
            "show_monitoring", "show_endpoint", "show_report", "show_report_page", "show_decisions", "explain",
            "show_prediction", "show_rollouts", "show_rollout",
            "walk_lineage", "read_online", "show_features", "show_feature", "list_queue", "get_queued",
        }
    ),
    Needs.EVERYTHING: frozenset({"list_audit", "check_audit", "show_audit"}),
}  # fmt: skip
_NAMED = {
    Needs.EXPERIMENT: (ResourceKind.EXPERIMENT, "experiment_id"),
    Needs.TRACKED: (ResourceKind.RUN, "run_id"),
    Needs.LOGGED_MODEL: (ResourceKind.LOGGED_MODEL, "model_id"),
    Needs.TRACE: (ResourceKind.TRACE, "trace_id"),
}
_CHANGES = frozenset({Needs.RUN, Needs.ALERT})
_BY_NAME = {name: needs for needs, names in HANDLERS.items() for name in names}
# The description of the API, and answers to OPTIONS.
_FRAMEWORK = ("litestar._openapi.", "litestar.routes.")


def needs_of(handler: BaseRouteHandler) -> Needs | None:
    """What a handler asks of its caller; None when nobody has decided, and so nobody may call it."""
    if str(handler).startswith(_FRAMEWORK):
        return Needs.IDENTITY
    return _BY_NAME.get(handler.handler_name)


def role_guard(
    services_in: Callable[[Scope], Services],
) -> Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Coroutine[Any, Any, None]]:
    """What Litestar asks before each handler.

    Args:
        services_in: Finds what a request's handler is to read from.
    """

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        needs = needs_of(handler)
        if needs is Needs.NOTHING:
            return
        scope = dict(connection.scope)
        principal = principal_of(scope)
        if principal is None:
            raise UnauthenticatedError("Expected credentials, found none.", hint="Log in at /login, or send a token.")
        project = EVERY_PROJECT
        if needs in _NAMED and not principal.may(Role.VIEWER, EVERY_PROJECT):
            kind, key = _NAMED[needs]
            resource = Resource(kind, str(connection.path_params.get(key, "")))
            projects = Projects(services_in(scope).stores)
            _require_all(principal, await asyncio.to_thread(_projects_of, projects, resource))
            return
        if needs is Needs.MODEL and not principal.may(Role.VIEWER, EVERY_PROJECT):
            name = str(connection.path_params.get("name", ""))
            project = await asyncio.to_thread(_project_of, services_in(scope).stores.models, name)
        _require(principal, needs, project)

    return guard


def visible_services(services: Services, scope: Scope) -> Services:
    """The services as far as the caller may see their records."""
    principal = principal_of(scope)
    if principal is None or principal.projects is None:
        return services
    stores = services.stores
    experiments = VisibleExperiments(stores.experiments, principal.projects)
    runs = VisibleRuns(stores.runs, experiments)
    narrowed: dict[str, Any] = {
        "models": VisibleModels(stores.models, principal.projects),
        "experiments": experiments,
        "runs": runs,
        "metrics": VisibleMetrics(stores.metrics, runs),
        "logged_models": VisibleLoggedModels(stores.logged_models, experiments),
    }
    return replace(services, stores=stores.replaced(**narrowed))


class VisibleModels:
    """Reads models of some projects; the others do not exist. Changes nothing.

    Args:
        models: All of them.
        projects: Names of those that are seen.
    """

    def __init__(self, models: ModelStore, projects: Sequence[str]) -> None:
        self._models = models
        self._projects = frozenset(projects)

    def find_model(self, name: str) -> RegisteredModelRecord | None:
        """See `ModelStore.find_model`."""
        found = self._models.find_model(name)
        return found if found is not None and project_of(found) in self._projects else None

    def list_models(self) -> list[RegisteredModelRecord]:
        """See `ModelStore.list_models`."""
        return [model for model in self._models.list_models() if project_of(model) in self._projects]

    def get_version(self, name: str, version: int) -> ModelVersionRecord:
        """See `ModelStore.get_version`."""
        self._require(name)
        return self._models.get_version(name, version)

    def list_versions(self, name: str | None = None) -> list[ModelVersionRecord]:
        """See `ModelStore.list_versions`."""
        seen = self._names()
        return [version for version in self._models.list_versions(name) if version.name in seen]

    def find_alias(self, name: str, alias: str) -> AliasRecord | None:
        """See `ModelStore.find_alias`."""
        return self._models.find_alias(name, alias) if self.find_model(name) is not None else None

    def list_aliases(self, name: str | None = None) -> list[AliasRecord]:
        """See `ModelStore.list_aliases`."""
        seen = self._names()
        return [alias for alias in self._models.list_aliases(name) if alias.name in seen]

    def list_approvals(self, name: str, version: int) -> list[Any]:
        """See `ModelStore.list_approvals`."""
        self._require(name)
        return list(self._models.list_approvals(name, version))

    def _names(self) -> frozenset[str]:
        return frozenset(model.name for model in self.list_models())

    def _require(self, name: str) -> None:
        if self.find_model(name) is None:
            raise NotFoundError(f"There is no model '{name}'.")


def project_of(model: RegisteredModelRecord) -> str:
    """The project that a model belongs to."""
    return str(getattr(model, "project", DEFAULT_PROJECT))


def _project_of(models: ModelStore, name: str) -> str:
    found = models.find_model(name)
    return "" if found is None else project_of(found)


def _projects_of(projects: Projects, resource: Resource) -> frozenset[str]:
    """None for what is not there: its handler says so, to whoever may see anything."""
    try:
        return projects.of(resource)
    except NotFoundError:
        return frozenset()


def _require_all(principal: Principal, projects: frozenset[str]) -> None:
    if not principal.may_somewhere(Role.VIEWER) or not all(principal.may(Role.VIEWER, each) for each in projects):
        raise _refusal()


def _require(principal: Principal, needs: Needs | None, project: str) -> None:
    passes = {
        Needs.IDENTITY: principal.may_somewhere(Role.VIEWER),
        Needs.MODEL: principal.may(Role.VIEWER, project) if project else principal.may_somewhere(Role.VIEWER),
        **dict.fromkeys(_CHANGES, principal.may(Role.CONTRIBUTOR, DEFAULT_PROJECT)),
        Needs.DEFAULT: principal.may(Role.VIEWER, DEFAULT_PROJECT),
        Needs.EVERYTHING: principal.may(Role.VIEWER, EVERY_PROJECT),
        **dict.fromkeys(_NAMED, principal.may(Role.VIEWER, project)),
    }
    if needs is None or not passes[needs]:
        raise _refusal(Role.CONTRIBUTOR if needs in _CHANGES else Role.VIEWER)


def _refusal(needed: Role = Role.VIEWER) -> ForbiddenError:
    what = "for what this shows; you have none there" if needed is Role.VIEWER else "to do this; you have not there"
    return ForbiddenError(
        f"Expected the role '{needed}' or more {what}.",
        hint=f"Ask an admin: mw users grant NAME {needed} --project PROJECT.",
    )
