"""Model versions: `/mlflow/model-versions/…`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from millwright.core.errors import NotFoundError
from millwright.core.ids import RunId
from millwright.core.records.model import ModelStage
from millwright.registry.file_tree import version_location
from millwright.registry.source_draft import SourceDraft
from millwright.server.mlflow.failure import invalid, not_there, unfit
from millwright.server.mlflow.permission import Access, Resource, ResourceKind, Rule, field, visible
from millwright.server.mlflow.registry.registered_model import find_model, is_prompt
from millwright.server.mlflow.registry.registry_name import model_name, stage_of, tag, tag_key, version_number
from millwright.server.mlflow.registry.registry_query import VERSION_FIELDS, VERSION_ORDER, check_limit, read_query
from millwright.server.mlflow.registry.registry_shape import ManyVersions, OneVersion, Pair, wire_version
from millwright.server.mlflow.registry.version_source import Source, check_prompt_source, check_source, source_model
from millwright.server.mlflow.route import Mode, Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.model import ModelVersionRecord
    from millwright.server.mlflow.call import Call

_MOST = 200_000
_LARGEST = 2**31 - 1
_MAX_TEXT = 5000
_NEWEST_FIRST = ("last_updated_timestamp DESC", "name ASC", "version_number DESC")
_MODEL_VERSIONS = "mlflow.modelVersions"  # the tag by which a logged model tells its versions


class CreateVersion(msgspec.Struct):
    """`POST /mlflow/model-versions/create`."""

    name: str = ""
    source: str = ""
    run_id: str | None = None
    run_link: str = ""
    description: str = ""
    model_id: str | None = None
    tags: tuple[Pair, ...] = ()


class NameVersion(msgspec.Struct):
    """A request that names a version."""

    name: str = ""
    version: str = ""


class DescribeVersion(msgspec.Struct):
    """`PATCH /mlflow/model-versions/update`."""

    name: str = ""
    version: str = ""
    description: str = ""


class TransitionStage(msgspec.Struct):
    """`POST /mlflow/model-versions/transition-stage`."""

    name: str = ""
    version: str = ""
    stage: str = ""
    archive_existing_versions: bool = False


class SearchVersions(msgspec.Struct):
    """`GET /mlflow/model-versions/search`."""

    filter: str = ""
    max_results: int = 10_000
    order_by: tuple[str, ...] = ()
    page_token: str = ""


class TagVersion(msgspec.Struct):
    """A request about a tag of a version."""

    name: str = ""
    version: str = ""
    key: str = ""
    value: str = ""


def find_version(call: Call, name: str, version: str) -> ModelVersionRecord:
    """A version.

    Raises:
        WireError: There is none of that name and number.
    """
    number = version_number(version)
    try:
        if abs(number) <= _LARGEST:
            return call.stores.models.get_version(model_name(name), number)
    except NotFoundError:
        pass
    raise not_there(f"Model Version (name={name}, version={version}) not found")


def create(call: Call, body: CreateVersion) -> OneVersion:
    """Register a version."""
    model_name(body.name)
    tags = dict(tag(pair.key, pair.value) for pair in body.tags)
    for name, text in (("source", body.source), ("run_link", body.run_link), ("description", body.description)):
        if len(text) > _MAX_TEXT or "\0" in text:
            raise unfit(name, text[:50], f"Expected at most {_MAX_TEXT} characters, none of them NUL.")
    source = Source(uri=body.source, run_id=body.run_id or "", model_id=body.model_id or "")
    if is_prompt(tags):
        check_prompt_source(body.source)
    else:
        source = check_source(call, source, named=(body.run_id is not None, body.model_id is not None))
    find_model(call, body.name)
    version = call.registry.editor.add_version(
        SourceDraft(
            name=body.name,
            source=source.uri,
            location=source.location,
            run_id=RunId(source.run_id) if source.run_id else None,
            model_id=source.model_id or None,
            run_link=body.run_link,
            description=body.description,
            tags=tags,
        )
    )
    if source.model_id and not is_prompt(tags):
        _tell_logged_model(call, source.model_id, version)
    return OneVersion(model_version=wire_version(version))


def get(call: Call, body: NameVersion) -> OneVersion:
    """A version with its aliases."""
    return _whole(call, find_version(call, body.name, body.version))


def update(call: Call, body: DescribeVersion) -> OneVersion:
    """Change its description."""
    found = find_version(call, body.name, body.version)
    return _whole(call, call.registry.editor.describe_version(found.name, found.version, body.description))


def transition(call: Call, body: TransitionStage) -> OneVersion:
    """Change its stage."""
    stage = stage_of(body.stage)
    if body.archive_existing_versions and stage not in {ModelStage.STAGING, ModelStage.PRODUCTION}:
        raise invalid(
            "Model version transition cannot archive existing model versions because "
            f"'{body.stage}' is not an Active stage. Valid stages are ['Staging', 'Production']"
        )
    found = find_version(call, body.name, body.version)
    changed = call.registry.editor.set_stage(
        found.name, found.version, stage, archive_others=body.archive_existing_versions
    )
    return _whole(call, changed)


def delete(call: Call, body: NameVersion) -> None:
    """Remove it; its number is not given again."""
    found = find_version(call, body.name, body.version)
    call.registry.editor.delete_version(found.name, found.version)


def search(call: Call, body: SearchVersions) -> ManyVersions:
    """Find versions; those of prompts only when the filter asks for them."""
    limit = check_limit(body.max_results, _MOST)
    if limit < 1:
        raise invalid(f"Invalid value for max_results. It must be a positive integer, but got {limit}")
    orders = body.order_by or _NEWEST_FIRST
    query, without = read_query((VERSION_FIELDS, VERSION_ORDER), body.filter, orders, (limit, body.page_token))
    page = call.stores.model_search.search_versions(query, without=without, projects=call.projects)
    return ManyVersions(
        model_versions=[wire_version(version) for version in page.items], next_page_token=page.next_token or ""
    )


def get_download_uri(call: Call, body: NameVersion) -> dict[str, str]:
    """Where its files are."""
    return {"artifact_uri": version_location(find_version(call, body.name, body.version))}


def set_tag(call: Call, body: TagVersion) -> None:
    """Set a tag."""
    key, value = tag(body.key, body.value)
    found = find_version(call, body.name, body.version)
    call.registry.editor.tag_version(found.name, found.version, {key: value})


def delete_tag(call: Call, body: TagVersion) -> None:
    """Remove a tag; one that is not there is fine."""
    tag_key(body.key)
    found = find_version(call, body.name, body.version)
    call.registry.editor.untag_version(found.name, found.version, body.key)


def _whole(call: Call, record: ModelVersionRecord) -> OneVersion:
    return OneVersion(model_version=wire_version(record, call.stores.models.list_aliases(record.name)))


def _tell_logged_model(call: Call, model_id: str, version: ModelVersionRecord) -> None:
    model = call.stores.logged_models.get(model_id)
    try:
        known = json.loads(model.tags.get(_MODEL_VERSIONS, "[]"))
    except ValueError:
        known = []
    known = known if isinstance(known, list) else []
    told = json.dumps([*known, {"name": version.name, "version": version.version}])
    call.stores.logged_models.put_tags(model_id, {_MODEL_VERSIONS: told})


def _created(_call: Call, body: CreateVersion) -> Sequence[Resource]:
    """The model, and whatever the new version says it comes from."""
    named = (
        (ResourceKind.MODEL, body.name),
        (ResourceKind.RUN, body.run_id),
        (ResourceKind.LOGGED_MODEL, body.model_id),
        (ResourceKind.MODEL, source_model(body.source)),
    )
    return tuple(Resource(kind, name) for kind, name in named if name)


_AT = "/mlflow/model-versions"
_READS = Rule(Access.READ, field(ResourceKind.MODEL, "name"))
_WRITES = Rule(Access.WRITE, field(ResourceKind.MODEL, "name"))
_VERSION = ("name", "version")
_TAG = ("name", "version", "key")
ROUTES = (
    Route(
        method="POST",
        path=f"{_AT}/create",
        handler=create,
        rule=Rule(Access.WRITE, _created),
        body=CreateVersion,
        required=("name", "source"),
        mode=Mode.WRITE,
    ),
    Route(method="GET", path=f"{_AT}/get", handler=get, rule=_READS, body=NameVersion, required=_VERSION),
    Route(
        method="PATCH",
        path=f"{_AT}/update",
        handler=update,
        rule=_WRITES,
        body=DescribeVersion,
        required=_VERSION,
        mode=Mode.WRITE,
    ),
    Route(
        method="POST",
        path=f"{_AT}/transition-stage",
        handler=transition,
        rule=Rule(Access.APPROVE, field(ResourceKind.MODEL, "name")),
        body=TransitionStage,
        required=(*_VERSION, "stage"),
        mode=Mode.WRITE,
    ),
    Route(
        method="DELETE",
        path=f"{_AT}/delete",
        handler=delete,
        rule=_WRITES,
        body=NameVersion,
        required=_VERSION,
        mode=Mode.WRITE,
    ),
    Route(method="GET", path=f"{_AT}/search", handler=search, rule=Rule(Access.READ, visible), body=SearchVersions),
    Route(
        method="GET",
        path=f"{_AT}/get-download-uri",
        handler=get_download_uri,
        rule=_READS,
        body=NameVersion,
        required=_VERSION,
    ),
    Route(
        method="POST",
        path=f"{_AT}/set-tag",
        handler=set_tag,
        rule=_WRITES,
        body=TagVersion,
        required=_TAG,
        mode=Mode.WRITE,
    ),
    Route(
        method="DELETE",
        path=f"{_AT}/delete-tag",
        handler=delete_tag,
        rule=_WRITES,
        body=TagVersion,
        required=_TAG,
        mode=Mode.WRITE,
    ),
)
