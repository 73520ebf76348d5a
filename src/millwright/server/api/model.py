"""Registered models, versions, aliases and documents."""

from __future__ import annotations

import msgspec
from litestar import Response, get

from millwright.core.records.model import AliasRecord, ApprovalRecord, ModelVersionRecord, RegisteredModelRecord
from millwright.governance.explanation import VersionExplanation
from millwright.governance.why import explain_version
from millwright.server.api.listing import Limit, Listing, Name, Version, listing
from millwright.server.document import document_of, find_registered
from millwright.server.injection import FromApp


class ModelDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A registered model with its aliases."""

    model: RegisteredModelRecord
    aliases: list[AliasRecord]


class ModelVersionDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A version with the aliases it carries and what was decided about it."""

    version: ModelVersionRecord
    aliases: list[AliasRecord]
    approvals: list[ApprovalRecord]


@get("/models", sync_to_thread=True, tags=["models"])
def list_models(services: FromApp, limit: Limit = 100) -> Listing[RegisteredModelRecord]:
    """List registered models, by name."""
    return listing(services.stores.models.list_models(), limit)


@get("/models/{name:str}", sync_to_thread=True, tags=["models"])
def get_model(services: FromApp, name: Name) -> ModelDetail:
    """Get a registered model with its aliases."""
    model = find_registered(services.stores.models, name)
    return ModelDetail(model=model, aliases=services.stores.models.list_aliases(name))


@get("/models/{name:str}/versions", sync_to_thread=True, tags=["models"])
def list_model_versions(services: FromApp, name: Name, limit: Limit = 100) -> Listing[ModelVersionRecord]:
    """List a model's versions, newest first."""
    find_registered(services.stores.models, name)
    return listing(services.stores.models.list_versions(name), limit)


@get("/models/{name:str}/versions/{version:int}", sync_to_thread=True, tags=["models"])
def get_model_version(services: FromApp, name: Name, version: Version) -> ModelVersionDetail:
    """Get a version: state, metrics, parameters, compilation, documents, aliases and approvals."""
    models = services.stores.models
    record = models.get_version(name, version)
    carried = [alias for alias in models.list_aliases(name) if alias.version == version]
    return ModelVersionDetail(version=record, aliases=carried, approvals=models.list_approvals(name, version))


@get("/models/{name:str}/versions/{version:int}/explanation", sync_to_thread=True, tags=["models"])
def explain_model_version(services: FromApp, name: Name, version: Version) -> VersionExplanation:
    """Explain how a version came to be: training, data, code, environment, gates, approvals, history."""
    return explain_version(f"{name}@{version}", stores=services.stores)


@get(
    "/models/{name:str}/versions/{version:int}/documents/{document:str}",
    media_type="application/octet-stream",
    sync_to_thread=True,
    tags=["models"],
)
def get_document(services: FromApp, name: Name, version: Version, document: Name) -> Response[bytes]:
    """Get a document of a version as a file to be saved, such as gates.json, evaluation.json or report.html."""
    found = document_of(services.stores, name, version, document)
    headers = {"content-disposition": f'attachment; filename="{found.file_name}"'}
    return Response(found.data, media_type="application/octet-stream", headers=headers)


@get("/versions", sync_to_thread=True, tags=["models"])
def list_versions(services: FromApp, limit: Limit = 100) -> Listing[ModelVersionRecord]:
    """List versions of all models, newest first."""
    return listing(services.stores.models.list_versions(), limit)


@get("/aliases", sync_to_thread=True, tags=["models"])
def list_aliases(services: FromApp, limit: Limit = 100) -> Listing[AliasRecord]:
    """List aliases of all models: which version each points to, since when, by whom and why."""
    return listing(services.stores.models.list_aliases(), limit)
