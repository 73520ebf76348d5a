"""Aliases of registered models: `/mlflow/registered-models/alias`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from millwright.server.mlflow.failure import invalid, not_there
from millwright.server.mlflow.permission import Access, ResourceKind, Rule, field
from millwright.server.mlflow.registry.model_version import find_version
from millwright.server.mlflow.registry.registered_model import find_model
from millwright.server.mlflow.registry.registry_name import alias_name
from millwright.server.mlflow.registry.registry_shape import OneVersion, wire_version
from millwright.server.mlflow.route import Mode, Route

if TYPE_CHECKING:
    from millwright.server.mlflow.call import Call

_REASON = "Through MLflow's API."
_LATEST = "latest"


class SetAlias(msgspec.Struct):
    """`POST /mlflow/registered-models/alias`."""

    name: str = ""
    alias: str = ""
    version: str = ""


class NameAlias(msgspec.Struct):
    """A request that names an alias."""

    name: str = ""
    alias: str = ""


def set_alias(call: Call, body: SetAlias) -> None:
    """Point an alias at a version; the promotion policy decides where the alias is protected."""
    alias_name(body.alias)
    found = find_version(call, body.name, body.version)
    call.registry.point(found.name, found.version, body.alias, reason=_REASON)


def delete_alias(call: Call, body: NameAlias) -> None:
    """Take an alias away; one that is not there is fine."""
    alias_name(body.alias, reserved=False)
    find_model(call, body.name)
    call.registry.editor.delete_alias(body.name, body.alias, reason=_REASON)


def get_by_alias(call: Call, body: NameAlias) -> OneVersion:
    """The version that an alias points at; `latest` is the newest one."""
    alias_name(body.alias, reserved=False)
    find_model(call, body.name)
    models = call.stores.models
    aliases = models.list_aliases(body.name)
    if body.alias.lower() == _LATEST:
        latest = call.stores.model_search.list_latest([body.name])[body.name]
        if not latest:
            raise not_there(f"Latest version not found for model {body.name}.")
        return OneVersion(model_version=wire_version(max(latest, key=lambda each: each.version), aliases))
    found = next((alias for alias in aliases if alias.alias == body.alias), None)
    if found is None:
        raise invalid(f"Registered model alias {body.alias} not found.")
    return OneVersion(model_version=wire_version(models.get_version(body.name, found.version), aliases))


_AT = "/mlflow/registered-models/alias"
_APPROVES = Rule(Access.APPROVE, field(ResourceKind.MODEL, "name"))
_ALIAS = ("name", "alias")
ROUTES = (
    Route(
        method="POST",
        path=_AT,
        handler=set_alias,
        rule=_APPROVES,
        body=SetAlias,
        required=(*_ALIAS, "version"),
        mode=Mode.WRITE,
    ),
    Route(
        method="DELETE",
        path=_AT,
        handler=delete_alias,
        rule=_APPROVES,
        body=NameAlias,
        required=_ALIAS,
        mode=Mode.WRITE,
    ),
    Route(
        method="GET",
        path=_AT,
        handler=get_by_alias,
        rule=Rule(Access.READ, field(ResourceKind.MODEL, "name")),
        body=NameAlias,
        required=_ALIAS,
    ),
)
