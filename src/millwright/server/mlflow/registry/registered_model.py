"""Registered models: `/mlflow/registered-models/…`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from millwright.core.errors import AlreadyExistsError
from millwright.server.mlflow.failure import WireError, not_there
from millwright.server.mlflow.permission import Access, ResourceKind, Rule, field, own_project, visible
from millwright.server.mlflow.registry.registry_name import PROMPT_TAG, model_name, stage_of, tag, tag_key
from millwright.server.mlflow.registry.registry_query import MODEL_FIELDS, MODEL_ORDER, check_limit, read_query
from millwright.server.mlflow.registry.registry_shape import (
    ManyModels,
    ManyVersions,
    OneModel,
    Pair,
    wire_model,
    wire_version,
)
from millwright.server.mlflow.route import Mode, Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.records.model import RegisteredModelRecord
    from millwright.server.mlflow.call import Call

_MOST = 1000


class CreateModel(msgspec.Struct):
    """`POST /mlflow/registered-models/create`."""

    name: str = ""
    description: str = ""
    tags: tuple[Pair, ...] = ()


class NameModel(msgspec.Struct):
    """A request that names a model, and perhaps says something about it."""

    name: str = ""
    description: str = ""


class RenameModel(msgspec.Struct):
    """`POST /mlflow/registered-models/rename`."""

    name: str = ""
    new_name: str = ""


class SearchModels(msgspec.Struct):
    """`GET /mlflow/registered-models/search`."""

    filter: str = ""
    max_results: int = 100
    order_by: tuple[str, ...] = ()
    page_token: str = ""


class LatestVersions(msgspec.Struct):
    """`POST /mlflow/registered-models/get-latest-versions`."""

    name: str = ""
    stages: tuple[str, ...] = ()


class TagModel(msgspec.Struct):
    """A request about a tag of a model."""

    name: str = ""
    key: str = ""
    value: str = ""


def find_model(call: Call, name: str) -> RegisteredModelRecord:
    """A registered model.

    Raises:
        WireError: There is none of that name, or no model may have it.
    """
    found = call.stores.models.find_model(model_name(name))
    if found is None:
        raise not_there(f"Registered Model with name={name} not found")
    return found


def is_prompt(tags: Mapping[str, str]) -> bool:
    """Whether tags are those of a prompt."""
    return tags.get(PROMPT_TAG, "false").lower() == "true"


def create(call: Call, body: CreateModel) -> OneModel:
    """Register a name."""
    model_name(body.name)
    tags = dict(tag(pair.key, pair.value) for pair in body.tags)
    known = call.stores.models.find_model(body.name)
    if known is None:
        editor = call.registry.editor
        try:
            record = editor.create_model(body.name, description=body.description, tags=tags, project=call.project)
        except AlreadyExistsError:  # another request was faster by a moment
            known = call.stores.models.find_model(body.name)
        else:
            return OneModel(registered_model=wire_model(record))
    raise _taken(body.name, was=is_prompt(known.tags) if known else False, new=is_prompt(tags))


def get(call: Call, body: NameModel) -> OneModel:
    """A registered model with its newest versions, tags and aliases."""
    return _whole(call, find_model(call, body.name))


def update(call: Call, body: NameModel) -> OneModel:
    """Change its description."""
    find_model(call, body.name)
    return _whole(call, call.registry.editor.describe_model(body.name, body.description))


def rename(call: Call, body: RenameModel) -> OneModel:
    """Change its name."""
    model_name(body.new_name, "new_name")
    find_model(call, body.name)
    if body.new_name == body.name:
        return get(call, NameModel(name=body.name))
    try:
        return _whole(call, call.registry.editor.rename_model(body.name, body.new_name))
    except AlreadyExistsError as error:
        raise _taken(body.new_name, was=False, new=False) from error


def delete(call: Call, body: NameModel) -> None:
    """Remove it with its versions."""
    find_model(call, body.name)
    call.registry.editor.delete_model(body.name)


def search(call: Call, body: SearchModels) -> ManyModels:
    """Find registered models; prompts only when the filter asks for them."""
    limit = check_limit(body.max_results, _MOST)
    query, without = read_query((MODEL_FIELDS, MODEL_ORDER), body.filter, body.order_by, (limit, body.page_token))
    page = call.stores.model_search.search_models(query, without=without, projects=call.projects)
    names = [model.name for model in page.items]
    latest = call.stores.model_search.list_latest(names)
    aliases = call.stores.model_search.list_aliases_of(names)
    models = [wire_model(model, latest[model.name], aliases[model.name]) for model in page.items]
    return ManyModels(registered_models=models, next_page_token=page.next_token or "")


def get_latest(call: Call, body: LatestVersions) -> ManyVersions:
    """The newest version in each of some stages; in every stage when none is named."""
    find_model(call, body.name)
    stages = {stage_of(stage) for stage in body.stages}
    aliases = call.stores.models.list_aliases(body.name)
    latest = call.stores.model_search.list_latest([body.name])[body.name]
    return ManyVersions(
        model_versions=[wire_version(each, aliases) for each in latest if not stages or each.stage in stages]
    )


def set_tag(call: Call, body: TagModel) -> None:
    """Set a tag."""
    model_name(body.name)
    key, value = tag(body.key, body.value)
    find_model(call, body.name)
    call.registry.editor.tag_model(body.name, {key: value})


def delete_tag(call: Call, body: TagModel) -> None:
    """Remove a tag; one that is not there is fine."""
    tag_key(body.key)
    find_model(call, body.name)
    call.registry.editor.untag_model(body.name, body.key)


def _whole(call: Call, record: RegisteredModelRecord) -> OneModel:
    name = record.name
    latest = call.stores.model_search.list_latest([name])[name]
    return OneModel(registered_model=wire_model(record, latest, call.stores.models.list_aliases(name)))


def _taken(name: str, *, was: bool, new: bool) -> WireError:
    old_kind, new_kind = ("Prompt" if each else "Registered Model" for each in (was, new))
    if old_kind != new_kind:
        return WireError(
            "RESOURCE_ALREADY_EXISTS",
            f"Tried to create a {new_kind.lower()} with name {name!r}, but the name is already taken by a "
            f"{old_kind.lower()}. MLflow does not allow creating a model and a prompt with the same name.",
        )
    return WireError("RESOURCE_ALREADY_EXISTS", f"{new_kind} (name={name}) already exists.")


_AT = "/mlflow/registered-models"
_READS = Rule(Access.READ, field(ResourceKind.MODEL, "name"))
_WRITES = Rule(Access.WRITE, field(ResourceKind.MODEL, "name"))
_NAME = ("name",)
_TAG = ("name", "key")
ROUTES = (
    Route(
        method="POST",
        path=f"{_AT}/create",
        handler=create,
        rule=Rule(Access.WRITE, own_project),
        body=CreateModel,
        required=_NAME,
        mode=Mode.WRITE,
    ),
    Route(method="GET", path=f"{_AT}/get", handler=get, rule=_READS, body=NameModel, required=_NAME),
    Route(
        method="PATCH",
        path=f"{_AT}/update",
        handler=update,
        rule=_WRITES,
        body=NameModel,
        required=_NAME,
        mode=Mode.WRITE,
    ),
    Route(
        method="POST",
        path=f"{_AT}/rename",
        handler=rename,
        rule=_WRITES,
        body=RenameModel,
        required=("name", "new_name"),
        mode=Mode.WRITE,
    ),
    Route(
        method="DELETE",
        path=f"{_AT}/delete",
        handler=delete,
        rule=_WRITES,
        body=NameModel,
        required=_NAME,
        mode=Mode.WRITE,
    ),
    Route(method="GET", path=f"{_AT}/search", handler=search, rule=Rule(Access.READ, visible), body=SearchModels),
    *(
        Route(
            method=method,
            path=f"{_AT}/get-latest-versions",
            handler=get_latest,
            rule=_READS,
            body=LatestVersions,
            required=_NAME,
        )
        for method in ("GET", "POST")
    ),
    Route(
        method="POST",
        path=f"{_AT}/set-tag",
        handler=set_tag,
        rule=_WRITES,
        body=TagModel,
        required=_TAG,
        mode=Mode.WRITE,
    ),
    Route(
        method="DELETE",
        path=f"{_AT}/delete-tag",
        handler=delete_tag,
        rule=_WRITES,
        body=TagModel,
        required=_TAG,
        mode=Mode.WRITE,
    ),
)
